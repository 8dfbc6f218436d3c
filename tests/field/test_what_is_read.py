"""Messages as phones, businesses and programs send them, each with what its reader should see."""

import json
import unicodedata
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest
from google.protobuf import text_format
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.body import Content, content_of, unread_of

SHOP = ZoneInfo("Europe/Istanbul")


def read(body: str) -> Content:
    return content_of(text_format.Parse(body, Body()), SHOP)


TEXTS = {
    "a button without words": (
        'buttonsResponseMessage { selectedButtonID: "randevu_al" }',
        "randevu_al",
    ),
    "a template's button": (
        'templateButtonReplyMessage { selectedID: "1" selectedDisplayText: "Onaylıyorum" }',
        "Onaylıyorum",
    ),
    "a row of a list without a title": (
        'listResponseMessage { description: "Dış lastik"'
        ' singleSelectReply { selectedRowID: "7" } }',
        "Dış lastik",
    ),
    "a row of a list by its id": (
        'listResponseMessage { singleSelectReply { selectedRowID: "bakim_full" } }',
        "bakim_full",
    ),
    "a list": (
        'listMessage { title: "Hizmetler" description: "Seçiniz" buttonText: "Aç" sections {'
        ' title: "Bakım" rows { title: "Tam bakım" description: "2 saat" } rows { title: "Fren" }'
        " } }",
        "Hizmetler\nSeçiniz\n[Bakım / Tam bakım – 2 saat / Fren]",
    ),
    "buttons": (
        'buttonsMessage { contentText: "Servis günü?"'
        ' buttons { buttonText { displayText: "Salı" } }'
        ' buttons { buttonText { displayText: "Cuma" } } }',
        "Servis günü?\n[Salı / Cuma]",
    ),
    "a template with a link and a number": (
        'templateMessage { hydratedFourRowTemplate { hydratedContentText: "Faturanız hazır"'
        ' hydratedButtons { urlButton { displayText: "Gör" URL: "https://f.example/1" } }'
        ' hydratedButtons { callButton { displayText: "Ara" phoneNumber: "+902120000000" } } } }',
        "Faturanız hazır\n[Gör: https://f.example/1 / Ara: +902120000000]",
    ),
    "a structured message": (
        'highlyStructuredMessage { elementName: "kargo_bilgi" params: "4711" params: "yarın" }',
        "kargo_bilgi 4711 yarın",
    ),
    "an interactive message": (
        'interactiveMessage { header { title: "İndirim" } body { text: "Kasklarda %20" }'
        ' footer { text: "Pazar sonuna kadar" } nativeFlowMessage { buttons { name: "cta_url"'
        " buttonParamsJSON:"
        ' "{\\"display_text\\":\\"İncele\\",\\"url\\":\\"https://k.example\\"}" } } }',
        "İndirim\nKasklarda %20\nPazar sonuna kadar\n[İncele: https://k.example]",
    ),
    "a carousel": (
        'interactiveMessage { body { text: "Yeni gelenler" } carouselMessage {'
        ' cards { header { title: "Marlin" } body { text: "24.000 TL" } }'
        ' cards { header { title: "Domane" } body { text: "61.000 TL" } } } }',
        "Yeni gelenler\nMarlin\n24.000 TL\nDomane\n61.000 TL",
    ),
    "a quiz": (
        'pollCreationMessageV6 { name: "Jant kaç inç?" options { optionName: "27,5" }'
        ' options { optionName: "29" } pollType: QUIZ }',
        "Jant kaç inç?: 27,5 / 29",
    ),
    "a wrapped poll": (
        'pollCreationMessageV4 { message { pollCreationMessageV3 { name: "Saat?"'
        ' options { optionName: "9" } options { optionName: "10" } } } }',
        "Saat?: 9 / 10",
    ),
    "a poll's result": (
        'pollResultSnapshotMessage { name: "Saat?" pollVotes { optionName: "9" optionVoteCount: 2 }'
        ' pollVotes { optionName: "10" optionVoteCount: -3 } }',
        "[anket sonucu] Saat?: 9 (2) / 10 (0)",
    ),
    "a product": (
        'productMessage { product { title: "Trek Marlin 7" currencyCode: "TRY"'
        ' priceAmount1000: 25000000 salePriceAmount1000: 22500000 } body: "Bu kaldı mı?" }',
        "[ürün] Bu kaldı mı? – Trek Marlin 7 – 22.500 TL (eski fiyat 25.000 TL)",
    ),
    "an order without a price, of fewer than none": (
        'orderMessage { itemCount: -4 totalAmount1000: -1 message: "Alıyorum" }',
        "[sipariş] Alıyorum",
    ),
    "a request for money": (
        'requestPaymentMessage { amount1000: 1250000 currencyCodeIso4217: "TRY"'
        ' noteMessage { extendedTextMessage { text: "Kapora" } } }',
        "[ödeme isteği: 1.250 TL] Kapora",
    ),
    "a payment": (
        'sendPaymentMessage { noteMessage { conversation: "Bakım ücreti" } }',
        "[ödeme gönderildi] Bakım ücreti",
    ),
    "a shared bill": (
        'splitPaymentMessage { description: "Tur masrafı"'
        ' totalAmount { value: 90000 offset: 100 currencyCode: "TRY" } }',
        "[hesap bölüşme] 900 TL – Tur masrafı",
    ),
    "an invitation to a group": (
        'groupInviteMessage { groupName: "Pazar turu" caption: "Katılın" inviteCode: "x" }',
        "[grup daveti] Pazar turu – Katılın",
    ),
    "an event that is off": (
        'eventMessage { name: "Sürüş" isCanceled: true startTime: 1796500800000 }',
        "[iptal edilen etkinlik] Sürüş – 05.12.2026 23:00",
    ),
    "a call that is planned": (
        'scheduledCallCreationMessage { title: "Garanti" scheduledTimestampMS: 1796500800000 }',
        "[planlanan arama] Garanti – 05.12.2026 23:00",
    ),
    "an answer of a machine that somebody forwards": (
        "botForwardedMessage { message { richResponseMessage { submessages {"
        ' messageText: "Zinciri önce temizleyin" } } } }',
        "Zinciri önce temizleyin",
    ),
    "a table of a machine's": (
        "botForwardedMessage { message { richResponseMessage {"
        ' submessages { messageText: "28 jant yeter." } submessages { tableMetadata {'
        ' title: "Modeller" rows { items: "Model" items: "kg" isHeading: true }'
        ' rows { items: "Şehir A" items: "14" } } }'
        ' submessages { codeMetadata { codeBlocks { codeContent: "psi = " }'
        ' codeBlocks { codeContent: "40" } } } submessages { mapMetadata { annotations {'
        ' title: "Moda" body: "Sahil" } } } } } }',
        "28 jant yeter.\nModeller\nModel | kg\nŞehir A | 14\npsi = 40\nModa Sahil",
    ),
    "a comment": (
        'commentMessage { message { conversation: "Hâlâ var mı?" } targetMessageKey { ID: "A" } }',
        "Hâlâ var mı?",
    ),
    "a place that is nowhere": ("locationMessage { degreesLatitude: nan }", "[konum]"),
    "a link without words": (
        'extendedTextMessage { matchedText: "https://i.example" title: "İlan 4711" }',
        "İlan 4711",
    ),
    "a pack of stickers": ('stickerPackMessage { name: "Kedi" }', "[çıkartma paketi] Kedi"),
    "words of a kind that no reader knows": (
        'botTaskMessage { message { newsletterScheduledMessage { } } } conversation: ""',
        "[desteklenmeyen mesaj türü: newsletterScheduledMessage]",
    ),
}


@pytest.mark.parametrize(("body", "text"), TEXTS.values(), ids=TEXTS.keys())
def test_a_message_reads_as_on_the_phone(body: str, text: str) -> None:
    assert read(body).text == text


BUTTONS: dict[str, tuple[object, str]] = {
    "a code to copy": ({"display_text": "Kopyala", "copy_code": "YAZ20"}, "Kopyala: YAZ20"),
    "a list": (
        {"title": "Saatler", "sections": [{"title": "Salı", "rows": [{"title": "9", "id": "x"}]}]},
        "Saatler / Salı / 9",
    ),
    "a bill": (
        {
            "currency": "TRY",
            "total_amount": {"value": 210_000, "offset": 100},
            "order": {"items": [{"name": "Kask", "quantity": 2}, "odd"]},
        },
        "2 × Kask, toplam 2.100 TL",
    ),
    "an odd bill": ({"total_amount": "much", "order": [], "currency": None}, ""),
}


@pytest.mark.parametrize(("params", "words"), BUTTONS.values(), ids=BUTTONS.keys())
def test_a_flows_button_says_what_it_shows(params: object, words: str) -> None:
    body = Body()
    body.interactiveMessage.body.text = "Buyurun"
    body.interactiveMessage.nativeFlowMessage.buttons.add(buttonParamsJSON=json.dumps(params))
    assert content_of(body).text == "\n".join(filter(None, ("Buyurun", words and f"[{words}]")))


FLOWS = {
    "fields": (
        {"gun": "Cumartesi", "saat": "10:30", "flow_token": "abc"},
        "gun: Cumartesi, saat: 10:30",
    ),
    "numbered fields and options": (
        {"screen_0_Dropdown_0": "1_Tam_bakım", "screen_0_OptIn_1": True, "flow_token": "unused"},
        "Tam_bakım, evet",
    ),
    "JSON within JSON": (
        {"response_json": json.dumps({"bisiklet": "e-bisiklet", "flow_token": "x"})},
        "bisiklet: e-bisiklet",
    ),
    "several": ({"parcalar": ["fren", "zincir"]}, "parcalar: fren, parcalar: zincir"),
    "an id alone": ({"id": "iade_talebi"}, "iade_talebi"),
    "a row": ({"title": "Tam bakım", "description": "2 saat", "id": "7"}, None),
}


@pytest.mark.parametrize(("params", "text"), FLOWS.values(), ids=FLOWS.keys())
def test_a_form_reads_as_its_values(params: object, text: str | None) -> None:
    body = Body()
    part = body.interactiveResponseMessage.nativeFlowResponseMessage
    part.paramsJSON = json.dumps(params)
    said = content_of(body).text
    assert said == (text or "Tam bakım, description: 2 saat")
    assert not {"{", "}", "flow_token"} & {*said.split(), *said}


@pytest.mark.parametrize("params", ["", "{", "[" * 60_000, "null", '{"a":' * 5000])
def test_a_form_of_which_nothing_can_be_read_is_a_persons_to_look_at(params: str) -> None:
    body = Body()
    part = body.interactiveResponseMessage.nativeFlowResponseMessage
    part.name, part.paramsJSON = "randevu", params
    found = content_of(body)
    assert (found.kind, found.text) == (Kind.UNSUPPORTED, "[form yanıtı] randevu")
    assert found.unread == "interactiveResponseMessage"


@pytest.mark.parametrize(
    "params",
    [
        '{"gun":"Salı \\"10:00\\"","flow_token":"x1","bisiklet":"kat',
        '{"gun":"Salı \\"10:00\\"","adet":',
        '{"form":{"gun" : "Salı \\"10:00\\""},}',
    ],
)
def test_of_a_form_that_was_cut_off_what_is_whole_is_read(params: str) -> None:
    body = Body()
    body.interactiveResponseMessage.nativeFlowResponseMessage.paramsJSON = params
    assert content_of(body).text == 'gun: Salı "10:00"'


KINDS = {
    "callLogMesssage { callOutcome: MISSED }": (Kind.CALL, "[cevapsız sesli arama]"),
    "callLogMesssage { callOutcome: REJECTED isVideo: true }": (
        Kind.CALL,
        "[cevapsız görüntülü arama]",
    ),
    "callLogMesssage { callOutcome: SILENCED_UNKNOWN_CALLER }": (
        Kind.CALL,
        "[cevapsız sesli arama]",
    ),
    "callLogMesssage { callOutcome: CONNECTED durationSecs: 125 }": (
        Kind.PROTOCOL,
        "[sesli arama: 2:05]",
    ),
    'pinInChatMessage { key { ID: "A" } type: PIN_FOR_ALL }': (
        Kind.PROTOCOL,
        "[mesaj sabitlendi]",
    ),
    'keepInChatMessage { key { ID: "A" } }': (Kind.PROTOCOL, "[mesaj saklandı]"),
    'keepInChatMessage { key { ID: "A" } keepType: UNDO_KEEP_FOR_ALL }': (
        Kind.PROTOCOL,
        "[mesaj artık saklanmıyor]",
    ),
    "albumMessage { expectedImageCount: 4294967295 }": (
        Kind.PROTOCOL,
        "[albüm: 100000 fotoğraf]",
    ),
    'cancelPaymentRequestMessage { key { ID: "A" } }': (
        Kind.PROTOCOL,
        "[ödeme isteği iptal edildi]",
    ),
    'declinePaymentRequestMessage { key { ID: "A" } }': (
        Kind.PROTOCOL,
        "[ödeme isteği reddedildi]",
    ),
    "paymentInviteMessage { serviceType: UPI }": (Kind.PROTOCOL, "[ödeme daveti]"),
    'viewOnceMessageV2 { message { videoMessage { mimetype: "video/mp4" } } }': (
        Kind.PHONE_ONLY,
        "[tek gösterimlik video: yalnızca telefonda görülebilir]",
    ),
    'encEventResponseMessage { eventCreationMessageKey { ID: "A" } }': (
        Kind.REACTION,
        "[etkinliğe yanıt]",
    ),
    'secretEncryptedMessage { targetMessageKey { ID: "A" } secretEncType: EVENT_EDIT }': (
        Kind.EDIT,
        "[etkinlik düzenlendi]",
    ),
    "viewOnceMessageV2 { message { imageMessage { mimetype: 'image/jpeg' } } }": (
        Kind.PHONE_ONLY,
        "[tek gösterimlik fotoğraf: yalnızca telefonda görülebilir]",
    ),
    "requestPhoneNumberMessage { }": (Kind.UNSUPPORTED, "[telefon numaranızı istiyor]"),
    "audioMessage { PTT: true viewOnce: true }": (
        Kind.PHONE_ONLY,
        "[tek gösterimlik sesli mesaj: yalnızca telefonda görülebilir]",
    ),
    'ephemeralMessage { message { imageMessage { viewOnce: true caption: "Bu ne?" } } }': (
        Kind.PHONE_ONLY,
        "[tek gösterimlik fotoğraf: yalnızca telefonda görülebilir] Bu ne?",
    ),
    'bcallMessage { sessionID: "s" }': (
        Kind.UNSUPPORTED,
        "[desteklenmeyen mesaj türü: bcallMessage]",
    ),
    'bcallMessage { caption: "Yeni sezon" }': (Kind.TEXT, "[canlı yayın] Yeni sezon"),
    "templateMessage { hydratedTemplate { maskLinkedDevices: true } }": (
        Kind.PHONE_ONLY,
        "[işletme mesajı: yalnızca telefonda görülebilir]",
    ),
    "lottieStickerMessage { message { stickerMessage { } } }": (Kind.STICKER, ""),
}


@pytest.mark.parametrize("body", KINDS)
def test_a_kind_is_what_a_person_would_call_it(body: str) -> None:
    found = read(body)
    assert (found.kind, found.text) == KINDS[body]


@pytest.mark.parametrize("name", ["encCommentMessage", "conditionalRevealMessage"])
def test_what_is_sealed_is_kept_for_a_version_that_can_open_it(name: str) -> None:
    body = text_format.Parse(f'{name} {{ encPayload: "sealed" encIV: "abcdefghijkl" }}', Body())
    kept = unread_of(content_of(body), body)
    assert kept is not None
    assert kept.fields == name
    assert Body.FromString(kept.payload) == body


CARDS = {
    "FN:Bayi Serkan\r\nTEL;type=CELL;waid=905557776655:+90 555 777 66 55": (
        "Bayi Serkan: +90 555 777 66 55"
    ),
    "N:Yılmaz;Ayşe;;;\nitem1.TEL;waid=905557776655:": "Ayşe Yılmaz: +905557776655",
    "FN:Usta\\, Hakan\nTEL:0212 000 00 00\nTEL;type=CELL:0555 111 22 33": (
        "Usta, Hakan: 0212 000 00 00, 0555 111 22 33"
    ),
    "FN:Uzun bir\r\n  ad": "Uzun bir ad",
    "TEL;VALUE=uri:tel:+905557776655": "+905557776655",
    "FN:Ece\nTEL;type=CELL;waid=905557776655:Mobil": "Ece: +905557776655",
    "FN:İtfaiye\nTEL:112": "İtfaiye: 112",
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=9Eule=\r\n=20Ak=C4=B1n"
    "\r\nTEL;CELL:0555 111 22 33": ("Şule Akın: 0555 111 22 33"),
    "N;QUOTED-PRINTABLE;CHARSET=ISO-8859-9:Ak=FDn;=DEule\nTEL:0555 111 22 33": (
        "Şule Akın: 0555 111 22 33"
    ),
    "FN;CHARSET=rot13;ENCODING=QUOTED-PRINTABLE:=C5=9Eule": "Şule",
    "FN;QUOTED-PRINTABLE:" + "=41=\n" * 20_000: ("A" * 255),
    "PHOTO;ENCODING=BASE64:AAA=\nFN:Şule": "Şule",
    "ORG:Parça Deposu;Satış": "Parça Deposu;Satış",
    "": "[kişi kartı]",
    "X" * 1_000_000: "[kişi kartı]",
}


@pytest.mark.parametrize("lines", CARDS, ids=lambda lines: lines[:20])
def test_a_card_is_a_name_with_its_numbers(lines: str) -> None:
    body = Body()
    body.contactMessage.vcard = f"BEGIN:VCARD\nVERSION:3.0\n{lines}\nEND:VCARD"
    assert content_of(body).text == CARDS[lines]


def test_names_are_told_in_one_spelling_and_votes_find_the_one_that_was_sent() -> None:
    apples = unicodedata.normalize("NFD", "Öğle  üstü")
    body = Body()
    body.pollCreationMessageV3.options.add(optionName=apples)
    read = content_of(body)
    assert read.text == "Öğle üstü"
    assert read.options == {sha256(apples.encode()).hexdigest(): "Öğle üstü"}
    card = Body()
    card.contactMessage.vcard = unicodedata.normalize("NFD", "BEGIN:VCARD\nFN:Şule Akın")
    assert content_of(card).text == "Şule Akın"
    rows = Body()
    rows.listMessage.title = unicodedata.normalize("NFD", "Bakım ücretleri")
    assert content_of(rows).text == "Bakım ücretleri"


def test_options_and_cards_by_the_thousand_are_a_few_and_their_number() -> None:
    poll = Body()
    for number in range(5000):
        poll.pollCreationMessageV3.options.add(optionName=f"{number} {'x' * 500}")
    assert content_of(poll).text.endswith("… (+4970)")
    assert len(content_of(poll).text) < 10_000
    cards = Body()
    for number in range(5000):
        cards.contactsArrayMessage.contacts.add(displayName=f"Kişi {number}")
    assert content_of(cards).text.endswith("Kişi 49, … (+4950)")


def test_messages_within_messages_have_an_end() -> None:
    body = Body(conversation="en içte")
    for _ in range(40):
        body = Body(commentMessage={"message": body})
    assert content_of(body).kind is Kind.PROTOCOL
