import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from izer_bridge.agents.builtin.agent_hub import HUB
from izer_bridge.agents.builtin.four import CAPABILITIES, builtin_agents
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.builtin.request import LANGUAGES, Case, mentions
from izer_bridge.agents.builtin.topic import Topic, table_of, topics_of
from izer_bridge.domain.errors import PermanentError
from tests.agents.bodies import CUSTOMER, SHOP, answer, body

SETS = ("danger", "business", "technical", "general", "talk")
OTHER = "Mesajınızı aldık. Bunu ekibimiz yanıtlayacak."
TOPICS = [
    pytest.param(topic, id=f"{name}-{topic.name}")
    for name in SETS
    for topic in topics_of(name).each
]


def test_the_four_are_there_without_a_url() -> None:
    agents = builtin_agents(Library(None))
    assert list(agents) == ["agent_hub", "business_workflow", "code_debugger", "general_purpose"]
    assert {agent.url for agent in agents.values()} == {None}


@pytest.mark.parametrize(
    ("agent", "text", "category", "urgency", "language", "topic"),
    [
        (
            "business_workflow",
            "Bisikletimin freni çalışmıyor!",
            "technical",
            9,
            "tr",
            "brake_failure",
        ),
        ("business_workflow", "FRENİ TUTMUYOR", "general", 3, "tr", "brake_failure"),
        (
            "business_workflow",
            "My brakes failed on the hill",
            "technical",
            9,
            "en",
            "brake_failure",
        ),
        ("business_workflow", "Fren balatası gıcırdıyor", "technical", 4, "tr", "brakes"),
        ("business_workflow", "So ein Mist, das ist nicht ok", "complaint", 7, "de", "complaint"),
        ("business_workflow", "kartımdan dört kere çekilmiş", "support", 7, "tr", "complaint"),
        ("business_workflow", "kutuda kılavuz yoktu", "support", 4, "tr", "complaint"),
        ("business_workflow", "SİPARİŞİM nerede kaldi", "support", 5, "tr", "order"),
        ("business_workflow", "Wo ist meine Bestellung?", "support", 5, "de", "order"),
        ("business_workflow", "Kargom hâlâ gelmedi", "support", 5, "tr", "delivery"),
        ("business_workflow", "yarin icin randevu var mi", "support", 4, "tr", "appointment"),
        ("business_workflow", "I want a refund for my helmet", "support", 5, "en", "return"),
        ("business_workflow", "Fatura gelmedi", "support", 4, "tr", "payment"),
        ("business_workflow", "Garanti kapsamına giriyor mu", "support", 4, "tr", "warranty"),
        ("business_workflow", "bisikletim hazir mi", "support", 4, "tr", "ready"),
        ("business_workflow", "kırmızı olanı alıyorum", "sales", 4, "tr", "purchase"),
        (
            "code_debugger",
            "Batarya şarjda şişti, koku yapıyor",
            "technical",
            9,
            "tr",
            "battery_danger",
        ),
        ("code_debugger", "Mein Akku ist ganz heiß", "technical", 8, "de", "battery_danger"),
        ("code_debugger", "fren tutmuyo yokus asagi", "technical", 9, "tr", "brake_failure"),
        (
            "code_debugger",
            "brake lever at the bar, oil leak on the brake",
            "technical",
            9,
            "en",
            "brake_failure",
        ),
        ("code_debugger", "Kadroda çatlak var, kadro çatlamış", "technical", 6, "tr", "structure"),
        ("code_debugger", "vites atlıyor", "technical", 4, "tr", "gears"),
        ("code_debugger", "The rear wheel is out of true", "technical", 4, "en", "wheel"),
        ("code_debugger", "Batarya şarj olmuyor", "technical", 4, "tr", "charging"),
        ("code_debugger", "pos cihazı çalışmıyor", "technical", 8, "tr", "payment_terminal"),
        ("code_debugger", "The website shows an error", "general", 4, "en", "shop_system"),
        ("code_debugger", "The bike page shows an error", "general", 4, "en", "shop_system"),
        ("code_debugger", "E-bike hata 504", "technical", 4, "tr", "e_bike"),
        ("code_debugger", "Mein E-Bike zeigt Fehler 504", "technical", 4, "de", "e_bike"),
        ("general_purpose", "Bu bisikletin fiyatı ne kadar?", "inquiry", 3, "tr", "price"),
        ("general_purpose", "Saat kaçta açıyorsunuz?", "inquiry", 3, "tr", "hours"),
        ("general_purpose", "Is the blue one still available?", "inquiry", 3, "en", "stock"),
        ("general_purpose", "Vielen Dank!", "general", 1, "de", "thanks"),
        ("general_purpose", "Teşekkürler, kask bana uyar mı acaba", "general", 2, "tr", "other"),
        ("general_purpose", "У вас есть велосипед для меня?", "inquiry", 3, "ru", "other"),
        ("general_purpose", "السلام عليكم، هل يمكن المساعدة؟", "inquiry", 3, "ar", "other"),
        ("general_purpose", "Bonjour, je voudrais une roue, merci", "inquiry", 3, "en", "other"),
    ],
)
async def test_answers_by_topic_in_the_customers_language(
    agent: str, text: str, category: str, urgency: int, language: str, topic: str
) -> None:
    given_answer = await answer(agent, body(text, category, urgency))
    assert (given_answer["agent"], given_answer["topic"]) == (agent, topic)
    assert given_answer["language"] == language
    assert given_answer["reply"]
    assert 0 < given_answer["confidence"] <= 1


async def test_a_language_in_the_analysis_wins() -> None:
    assert (await answer("general_purpose", body("Merhaba", language="de")))["language"] == "de"
    assert (await answer("general_purpose", body("Merhaba", language="fr")))["language"] == "tr"


async def test_who_changes_the_language_is_answered_in_the_new_one() -> None:
    german = "Mein Rad ist kaputt, das Licht geht nicht mehr an und die Kette ist ab"
    history = [(CUSTOMER, german)] * 20
    given_answer = await answer(
        "general_purpose", body("bisikletim hazır mı, yarın gelebilir miyim", history=history)
    )
    assert given_answer["language"] == "tr"


async def test_a_short_message_is_in_the_language_spoken_before() -> None:
    history = [(CUSTOMER, "Hello, is my bike ready for the weekend?")]
    assert (await answer("general_purpose", body("?", history=history)))["language"] == "en"


@pytest.mark.parametrize("text", ["", "🚲", "👍", "tamam", "Görüşürüz"])
@pytest.mark.parametrize("agent", CAPABILITIES)
async def test_what_asks_nothing_is_not_answered(agent: str, text: str) -> None:
    given_answer = await answer(agent, body(text, "general", 1))
    assert (given_answer["reply"], given_answer["needs_human"]) == (None, False)


async def test_only_thanks_needs_nobody() -> None:
    assert (await answer("general_purpose", body("teşekkürler")))["needs_human"] is False
    assert (await answer("general_purpose", body("fiyat?")))["needs_human"] is True


@pytest.mark.parametrize(
    ("text", "history", "number"),
    [
        ("Sipariş no 40718 hangi aşamada acaba", (), "40718"),
        ("siparişim #TR-2291 nerede", (), "TR-2291"),
        ("40718 numaralı siparişim nerede", (), "40718"),
        ("My order number is 88123, where is it?", (), "88123"),
        ("Meine Bestellnummer 5512 ist nicht da", (), "5512"),
        ("siparişim nerede kaldı", [(CUSTOMER, "siparis 41120 vermistim")], "41120"),
        ("41120", [(SHOP, "Sipariş numaranızı yazar mısınız?")], "41120"),
    ],
)
async def test_an_order_number_that_is_known_is_not_asked_for(
    text: str, history: list[tuple[bool, str]], number: str
) -> None:
    reply = await answer("business_workflow", body(f"{text}", "support", 5, history))
    if reply["topic"] == "order":
        assert number in reply["reply"]
    assert not re.search("yazar mısınız|Could you|Nennen", reply["reply"])
    assert reply["actions"][0]["order_number"] == number


async def test_what_is_not_known_is_asked_for() -> None:
    reply = await answer("business_workflow", body("Siparişim nerede? 0555 111 22 33", "support"))
    assert "Sipariş numaranızı yazar mısınız?" in reply["reply"]
    assert "order_number" not in reply["actions"][0]


async def test_a_request_for_an_appointment_is_noted_with_model_and_time() -> None:
    reply = await answer(
        "business_workflow",
        body("Yarın 14:00 gibi Trek Marlin 7 için servis randevusu alabilir miyim?", "support"),
    )
    assert reply["actions"][0] == {
        "type": "check_calendar",
        "text": "Servis takvimine bakın ve müşteriye uygun bir zaman önerin.",
        "model": "Trek Marlin 7",
        "when": "Yarın 14:00",
    }
    assert "(Trek Marlin 7)" in reply["reply"]
    assert "(Yarın 14:00)" in reply["reply"]


@pytest.mark.parametrize(
    ("offer", "text", "topic", "when"),
    [
        ("Yarın 14:00 size uyar mı?", "olur", "appointment_accepted", "Yarın 14:00"),
        (
            "Cuma 10:30 boş, gelir misiniz?",
            "Tamam teşekkürler",
            "appointment_accepted",
            "Cuma 10:30",
        ),
        ("Tomorrow at 15:00?", "ok perfect", "appointment_accepted", "Tomorrow 15:00"),
        ("Yarın 14:00 size uyar mı?", "maalesef gelemem", "appointment_declined", "Yarın 14:00"),
        ("İsterseniz IBAN göndereyim?", "tamam", "accepted", None),
        (
            "Cumartesi 11'de getirebilirsiniz",
            "tamam olur",
            "appointment_accepted",
            "Cumartesi 11'de",
        ),
    ],
)
async def test_a_short_answer_to_the_shops_offer_is_understood(
    offer: str, text: str, topic: str, when: str | None
) -> None:
    reply = await answer("business_workflow", body(text, "support", 4, [(SHOP, offer)]))
    assert reply["topic"] == topic
    assert reply["actions"][0].get("when") == when


@pytest.mark.parametrize(
    "told",
    [
        "Bugün kargoya verdik, takip no SMS ile gelir",
        "Yarın kargoya veriyoruz",
        "Siparişiniz cuma elinizde olur",
        "Faturanızı dün e-postayla gönderdik, bugün tekrar attım",
    ],
)
async def test_what_the_shop_has_told_is_no_time_to_agree_to(told: str) -> None:
    said = body("tamamdır sağolun hayırlı işler", history=[(SHOP, told)], action_required=False)
    assert (await answer("general_purpose", said))["topic"] == "thanks"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("süper o zaman cumartesi 11 de getiriyim", "cumartesi 11 de"),
        ("salı 3'te bırakıyım bisikleti", "salı 3'te"),
        ("yarın 5te uğrıyım", "yarın 5te"),
    ],
)
async def test_who_says_as_one_speaks_that_he_comes_has_his_time_noted(
    text: str, when: str
) -> None:
    reply = await answer("business_workflow", body(text, "support", 4))
    assert (reply["topic"], reply["actions"][0].get("when")) == ("visit", when)


async def test_consent_to_nothing_is_no_consent() -> None:
    for history in ([], [(SHOP, "Yarın 14:00?"), (CUSTOMER, "bilmiyorum")]):
        reply = await answer("business_workflow", body("tamam", "support", 4, history))
        assert (reply["topic"], reply["reply"]) in (("nothing", None), ("other", OTHER))


@pytest.mark.parametrize(
    ("text", "code", "kind", "said"),
    [
        ("Bosch ekranda hata 503 veriyor", "503", "speed_sensor", "mıknatıs"),
        ("My Bosch bike shows error 540, hot day", "540", "temperature", "do not ride with motor"),
        ("Mein Bosch E-Bike zeigt Fehler 504, was tun?", "504", "tampering", "Magneten"),
        ("Shimano STEPS E010 yazıyor", "E010", "system", "motor desteğini kullanmayın"),
        ("bafang ekranda E07 yaziyo", "E07", "voltage_high", "şarj etmeyin"),
        ("Bafang error 21 on the display", "21", "speed_sensor", "magnet"),
    ],
)
@pytest.mark.parametrize("agent", ["code_debugger", "business_workflow"])
async def test_a_known_code_is_explained(
    agent: str, text: str, code: str, kind: str, said: str
) -> None:
    reply = await answer(agent, body(text, "technical", 5))
    assert (reply["topic"], reply["actions"][0]["code"]) == ("error_code", code)
    assert reply["actions"][0]["kind"] == kind
    assert said in reply["reply"]
    assert reply["needs_human"] is True


async def test_an_unknown_code_or_maker_is_not_guessed() -> None:
    for text in ("Bosch ekranda hata 999 veriyor", "ekranda E07 yaziyo pedal destek yok"):
        for agent in ("code_debugger", "business_workflow"):
            assert (await answer(agent, body(text, "technical")))["topic"] != "error_code"


@pytest.mark.parametrize(
    ("text", "before", "topic"),
    [
        ("Bosch", "Ekranda hata 503 yazıyor", "error_code"),
        ("503 yazıyor", "Bosch motorum çalışmıyor", "error_code"),
        ("Fren balatası gıcırdıyor", "Bosch ekranda 503 yazıyor", "brakes"),
        ("Vites atlıyor, 100 km yaptım", "Bosch ekranda 503 yazıyor", "gears"),
    ],
)
async def test_a_code_is_explained_where_the_message_is_about_it(
    text: str, before: str, topic: str
) -> None:
    request = body(text, "technical", 5, [(CUSTOMER, before), (SHOP, "Bakıyoruz.")])
    assert (await answer("business_workflow", request))["topic"] == topic


@pytest.mark.parametrize("agent", ["code_debugger", "business_workflow"])
async def test_a_hot_battery_goes_before_its_code(agent: str) -> None:
    reply = await answer(agent, body("Bosch batarya ısındı ve şişti, hata 530", "technical"))
    assert reply["topic"] == "battery_danger"
    assert "şarj etmeyin" in reply["reply"]
    assert reply["needs_human"] is True


async def test_a_status_of_the_shops_own_system_says_where_to_look() -> None:
    reply = await answer("code_debugger", body("Site 502 hatası veriyor"))
    assert (reply["actions"][0]["type"], reply["actions"][0]["status"]) == ("check_status", "502")
    assert "yazar mısınız" in reply["reply"]


def test_each_kind_of_code_is_explained_in_each_language() -> None:
    table = table_of("ebike")
    used = {kind for maker in ("bosch", "shimano", "bafang") for kind in table[maker]} - {"names"}
    assert used == table["kinds"].keys()
    for fault in table["kinds"].values():
        assert {"tr", "en", "de", "step"} <= fault.keys()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reply_states_a_figure_or_gives_a_time(topic: Topic, language: str) -> None:
    reply = topic.draft(language).reply
    assert re.findall(r"\d+", reply) in ([], ["112"])
    assert not re.search(r"[€$₺%]|\bTL\b|\bEuro\b|yarın|bugün|tomorrow|today|morgen|heute", reply)
    assert len(reply) < 500


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_found_by_each_of_its_stems(topic: Topic) -> None:
    for group in topic.stems:
        assert mentions(Case.parse(body(" ".join(group).upper())).words, (group,))


@pytest.mark.parametrize("topic", topics_of("danger").each)
def test_danger_is_told_in_the_templates_own_words(topic: Topic) -> None:
    draft = topic.draft("tr")
    assert (draft.is_fixed, draft.needs_human) == (True, True)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"message": {"current_message": "a"}},
        {"message": "a", "analysis": {}},
        {"message": {}, "analysis": {}},
        {"message": {"current_message": None}, "analysis": {}},
    ],
)
@pytest.mark.parametrize("agent", [HUB, *CAPABILITIES])
async def test_a_wrong_body_is_refused(agent: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="expected"):
        await answer(agent, wrong)


@settings(deadline=None)
@given(
    st.text() | st.text(max_size=3).map(lambda text: text * 40_000),
    st.sampled_from([HUB, *CAPABILITIES]),
    st.none() | st.integers() | st.text() | st.lists(st.integers()),
)
async def test_every_text_gets_an_answer(text: str, agent: str, odd: Any) -> None:
    request = body(text)
    request["analysis"] = {"category": odd, "urgency_score": odd, "language": odd}
    request["message"]["history"] = odd
    assert json.dumps(await answer(agent, request))


@pytest.mark.parametrize(
    ("before", "text", "minutes", "topic"),
    [
        ("Çalışma saatleriniz?", "teşekkürler", 0, "hours"),
        ("Çalışma saatleriniz?", "👍", 0, "hours"),
        ("Çalışma saatleriniz?", "?", 4, "hours"),
        ("Çalışma saatleriniz?", "teşekkürler", 6, "hours"),
        ("Çalışma saatleriniz?", "Peki bordo kask", 0, "hours"),
        ("Çalışma saatleriniz?", "Peki bordo kask", 6, "hours"),
        ("Frenim tutmuyor", "teşekkürler", 0, "brake_failure"),
    ],
)
async def test_a_question_is_answered_though_a_word_follows_it(
    before: str, text: str, minutes: int, topic: str
) -> None:
    request = body(text, history=[(CUSTOMER, before)])
    request["message"]["chat_time"] = f"2026-03-01T12:0{minutes}:00Z"
    request["message"]["history"][0]["timestamp"] = "2026-03-01T12:00:00Z"
    said = await answer("general_purpose", request)
    assert said["topic"] == topic
    request["message"]["history"].append({"content": "19.00'da.", "fromMe": SHOP})
    assert (await answer("general_purpose", request))["topic"] in ("thanks", "nothing", "other")


@pytest.mark.parametrize("moment", [None, 7, "dün", "2026-03-01T12:00:00", ""])
async def test_a_time_that_cannot_be_read_is_none(moment: object) -> None:
    request = body("teşekkürler", history=[(CUSTOMER, "Kaçta kapanıyorsunuz?")])
    request["message"] |= {"chat_time": moment}
    request["message"]["history"][0]["timestamp"] = moment
    assert (await answer("general_purpose", request))["topic"] == "thanks"
