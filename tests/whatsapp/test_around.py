"""What surrounds a message's words, in any part; and sealed edits, opened or not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from google.protobuf import text_format
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync

from izer_bridge.domain.context_info import Advert, Timer
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import UNREADABLE_EDIT, Kind, Message
from izer_bridge.simulator import around
from izer_bridge.whatsapp import session
from izer_bridge.whatsapp.convert.messages import messages_of
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.session import Secret

ACCOUNT, CUSTOMER, LID = "+905550000000", "905551112233", "100000000000033"
NOON = int(datetime(2026, 3, 1, 12, 0, tzinfo=UTC).timestamp())
SECRET = bytes(range(32))


def read(body: Body | str, secrets: Any = lambda _: (), **source: Any) -> Message:
    """The message from a live event with this body."""
    event = proto.Message()
    event.Info.ID, event.Info.Timestamp = "3EB0A", NOON * 1000
    who = event.Info.MessageSource
    by_lid = source.get("by_lid", False)
    who.Chat.User, who.Chat.Server = (LID, "lid") if by_lid else (CUSTOMER, "s.whatsapp.net")
    if source.get("list"):
        who.Chat.User, who.Chat.Server = "17123", "broadcast"
    who.Sender.User, who.Sender.Server = (LID, "lid") if by_lid else (CUSTOMER, "s.whatsapp.net")
    if source.get("from_me"):
        who.IsFromMe = True
        who.Sender.User, who.Sender.Server = ACCOUNT[1:], "s.whatsapp.net"
    event.Message.CopyFrom(text_format.Parse(body, Body()) if isinstance(body, str) else body)
    payload = event.SerializePartialToString()
    [found] = messages_of(EventCode.MESSAGE, payload, ACCOUNT, secrets_of=secrets)
    return found


_QUOTE = 'contextInfo {{ stanzaID: "A" participant: "{}@s.whatsapp.net" quotedMessage {{ {} }} }}'


@pytest.mark.parametrize(
    ("quoted", "words"),
    [
        ('conversation: "26 jant 7.400 TL"', "26 jant 7.400 TL"),
        ('imageMessage { mimetype: "image/jpeg" caption: "Kask 1.290 TL" }', "Kask 1.290 TL"),
        ('productMessage { product { title: "Yol bisikleti" } }', "Yol bisikleti"),
        ('ephemeralMessage { message { conversation: "kaybolan" } }', "kaybolan"),
        ('documentMessage { mimetype: "application/pdf" fileName: "fiyat.pdf" }', "fiyat.pdf"),
        ('pollCreationMessageV3 { name: "Renk?" options { optionName: "mavi" } }', "mavi"),
    ],
)
@pytest.mark.parametrize(
    "part", ['extendedTextMessage {{ text: "bu" {} }}', "audioMessage {{ PTT: true {} }}"]
)
def test_a_quotation_of_any_kind_is_read_of_any_part(part: str, quoted: str, words: str) -> None:
    found = read(part.format(_QUOTE.format(ACCOUNT[1:], quoted)))
    assert found.target_id == "A"
    assert found.context.quoted is not None
    assert words in found.context.quoted.text
    assert found.context.quoted.from_me


@pytest.mark.parametrize(
    ("quoted", "words"),
    [
        (
            'audioMessage { mimetype: "audio/ogg; codecs=opus" PTT: true seconds: 47 }',
            "[sesli mesaj 0:47]",
        ),
        ('audioMessage { mimetype: "audio/mpeg" }', "[ses kaydı]"),
        ('imageMessage { mimetype: "image/jpeg" }', "[fotoğraf]"),
        (
            'viewOnceMessage { message { imageMessage { mimetype: "image/jpeg" } } }',
            "[tek gösterimlik fotoğraf: yalnızca telefonda görülebilir]",
        ),
        (
            'ephemeralMessage { message { videoMessage { mimetype: "video/mp4" seconds: 61 } } }',
            "[video 1:01]",
        ),
        ('ptvMessage { mimetype: "video/mp4" }', "[video]"),
        ('stickerMessage { mimetype: "image/webp" }', "[çıkartma]"),
        (
            'documentMessage { mimetype: "application/pdf" fileName: "fiyat.pdf" fileLength: 9 }',
            "[belge] fiyat.pdf",
        ),
        (
            'documentWithCaptionMessage { message { documentMessage { mimetype: "application/pdf"'
            ' fileName: "fiyat.pdf" caption: "Liste" } } }',
            "[belge] fiyat.pdf Liste",
        ),
        ("audioMessage { PTT: true seconds: 4294967295 }", "[sesli mesaj 1666:40]"),
        ("albumMessage { expectedImageCount: 3 }", "[albüm: 3 fotoğraf]"),
        ("callLogMesssage { isVideo: true callOutcome: MISSED }", "[cevapsız görüntülü arama]"),
    ],
)
def test_what_is_quoted_of_a_file_reads_as_people_call_it(quoted: str, words: str) -> None:
    found = read(f'extendedTextMessage {{ text: "bu" {_QUOTE.format(CUSTOMER, quoted)} }}')
    assert found.context.quoted is not None
    assert found.context.quoted.text == words


@pytest.mark.parametrize(
    ("participant", "from_me", "is_shops"),
    [
        (CUSTOMER, False, False),
        ("905550009999", False, True),
        (CUSTOMER, True, False),
        (ACCOUNT[1:], True, True),
    ],
)
def test_in_a_direct_chat_it_is_known_who_is_quoted(
    participant: str, from_me: bool, is_shops: bool
) -> None:
    quote = _QUOTE.format(participant, "conversation: 'x'")
    body = f'extendedTextMessage {{ text: "bu" {quote} }}'
    quoted = read(body, from_me=from_me).context.quoted
    assert quoted is not None
    assert quoted.from_me is is_shops


@pytest.mark.parametrize(
    ("fields", "text", "advert"),
    [
        (
            'title: "28 jant" body: "12 taksit"',
            "[reklam] 28 jant: 12 taksit",
            ("28 jant", "12 taksit"),
        ),
        ('sourceURL: "https://fb.me/a"', "[reklam] https://fb.me/a", ("", "", "https://fb.me/a")),
    ],
)
def test_an_advert_is_read_also_where_nothing_is_written(
    fields: str, text: str, advert: tuple[str, ...]
) -> None:
    around_it = f"contextInfo {{ externalAdReply {{ {fields} }} }}"
    silent = read(f'extendedTextMessage {{ text: " " {around_it} }}')
    assert (silent.kind, silent.text) == (Kind.TEXT, text)
    spoken = read(f'extendedTextMessage {{ text: "Fiyat?" {around_it} }}')
    assert (spoken.text, spoken.context.advert) == ("Fiyat?", Advert(*advert))
    assert read('extendedTextMessage { text: "" contextInfo { } }').text == ""


def test_forwards_and_mentions_are_read_also_of_an_edit() -> None:
    around_it = (
        f'contextInfo {{ isForwarded: true mentionedJID: "{LID}@lid" mentionedJID: "nobody"'
        ' groupMentions { groupJID: "1203@g.us" groupSubject: "Kasa" } }'
    )
    for body in (
        f'imageMessage {{ caption: "@{LID}" {around_it} }}',
        "editedMessage { message { protocolMessage { type: MESSAGE_EDIT key { ID: 'A' }"
        f' editedMessage {{ extendedTextMessage {{ text: "@{LID}" {around_it} }} }} }} }} }}',
    ):
        context = read(body).context
        assert context.is_forwarded
        assert [str(one.jid) for one in context.mentions] == [f"{LID}@lid", "1203@g.us"]


@pytest.mark.parametrize(
    ("body", "timer"),
    [
        ("extendedTextMessage { contextInfo { expiration: 604800 } }", (604_800, NOON)),
        (
            "imageMessage { contextInfo"
            " { expiration: 86400 ephemeralSettingTimestamp: 1700000000 } }",
            (86_400, 1_700_000_000),
        ),
        (
            "protocolMessage { type: EPHEMERAL_SETTING ephemeralExpiration: 0"
            " ephemeralSettingTimestamp: 9223372036854775807 }",
            (0, NOON),
        ),
        ("extendedTextMessage { contextInfo { expiration: 4294967295 } }", None),
        ("extendedTextMessage { contextInfo { isForwarded: true } }", None),
        ('conversation: "x"', None),
    ],
)
def test_a_chats_timer_is_bounded(body: str, timer: tuple[int, int] | None) -> None:
    expected = timer and Timer(timer[0], datetime.fromtimestamp(timer[1], UTC))
    assert read(body).timer == expected


def test_what_comes_by_a_broadcast_list_is_its_senders_own() -> None:
    found = read('conversation: "Zam geliyor"', list=True)
    assert (str(found.chat), found.chat) == (f"{CUSTOMER}@s.whatsapp.net", found.sender)
    own = read('conversation: "Kampanya"', list=True, from_me=True)
    assert own.chat.is_broadcast_list
    assert not own.chat.is_status


BY_NUMBER, BY_LID = f"{CUSTOMER}@s.whatsapp.net", f"{LID}@lid"


@pytest.mark.parametrize("author", [BY_NUMBER, BY_LID])
@pytest.mark.parametrize("editor", [BY_NUMBER, BY_LID])
def test_a_sealed_edit_is_a_plain_one_by_whichever_address(author: str, editor: str) -> None:
    sealed = around.sealed_edit("A", SECRET, author, "yeni", editor=editor).body
    secret = Secret(SECRET, (Jid.parse(BY_NUMBER), Jid.parse(BY_LID)))
    found = read(sealed, lambda one: [Secret(b"x" * 32, ()), secret] if one == "A" else [])
    assert (found.kind, found.text, found.target_id) == (Kind.EDIT, "yeni", "A")


@pytest.mark.parametrize("what", ["Event Edit", "Poll Edit"])
def test_other_sealed_edits_are_edits_too(what: str) -> None:
    sealed = around.sealed_edit("A", SECRET, BY_NUMBER, "yeni", what=what).body
    found = read(sealed, lambda _: [Secret(SECRET, (Jid.parse(BY_NUMBER),))])
    assert (found.kind, found.text) == (Kind.EDIT, "yeni")


def test_what_cannot_be_opened_is_an_edit_all_the_same() -> None:
    sealed = around.sealed_edit("A", SECRET, BY_NUMBER, "yeni").body
    for secrets in ([], [Secret(b"x" * 32, ())], [Secret(b"", ())]):
        found = read(sealed, lambda _, secrets=secrets: secrets)
        assert (found.kind, found.text, found.target_id) == (Kind.EDIT, UNREADABLE_EDIT, "A")
    sealed.secretEncryptedMessage.encIV = b""
    assert read(sealed, lambda _: [Secret(SECRET, ())]).text == UNREADABLE_EDIT
    sealed.secretEncryptedMessage.secretEncType = sealed.secretEncryptedMessage.POLL_ADD_OPTION
    assert read(sealed).kind is Kind.PROTOCOL


def test_an_old_sealed_edit_is_opened_with_what_its_chunk_carries() -> None:
    chunk = HistorySync(syncType=HistorySync.RECENT)
    chat = chunk.conversations.add(ID=BY_NUMBER, ephemeralExpiration=86_400)
    for number, body in enumerate(
        (around.sealed_edit("B", SECRET, BY_NUMBER, "yeni").body, Body(conversation="eski"))
    ):
        old = chat.messages.add().message
        old.key.ID, old.messageTimestamp = "AB"[number], NOON
        old.message.CopyFrom(body)
        old.messageSecret = SECRET
    event = proto.HistorySync(Data=chunk)
    edit, first = messages_of(EventCode.HISTORY_SYNC, event.SerializePartialToString(), ACCOUNT)
    assert (edit.kind, edit.text, edit.target_id) == (Kind.EDIT, "yeni", "B")
    assert first.timer is not None
    assert first.timer.seconds == 86_400


def test_a_session_file_that_cannot_be_read_has_no_secrets(tmp_path: Any) -> None:
    assert session.secrets_of(tmp_path / "none.db", "A") == []
    (tmp_path / "wrong.db").write_bytes(b"no database" * 99)
    assert session.secrets_of(tmp_path / "wrong.db", "A") == []
