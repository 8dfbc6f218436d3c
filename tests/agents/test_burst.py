"""Consecutive questions get one answer to all of them, with nothing that the shop does not say."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from izer_bridge.agents.builtin.desk import drafted, parts_of
from izer_bridge.agents.builtin.facts import Fact
from izer_bridge.agents.builtin.four import builtin_agents
from izer_bridge.agents.builtin.join_drafts import MOST_ASKED, joined
from izer_bridge.agents.builtin.knowledge import NOTHING
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.topic import Draft, Step
from izer_bridge.domain.folding import fold
from tests.agents.bodies import CUSTOMER, SHOP, body

HOURS = "Hafta içi 09.00–19.00, cumartesi 10.00–18.00 arası açığız. Pazar günleri kapalıyız."
FEE = "Genel bakım 1.250 TL'dir; parça bedelleri ayrıca hesaplanır."
AGENTS = builtin_agents(Library(Path(__file__).parents[2] / "docs" / "knowledge"))


def in_a_row(*texts: str, **analysis: Any) -> dict[str, Any]:
    """Each a second after the one before."""
    request = body(texts[-1], history=[(CUSTOMER, text) for text in texts[:-1]], **analysis)
    message = request["message"] | {"chat_time": "2026-03-01T12:00:30Z"}
    for number, entry in enumerate(message["history"]):
        entry["timestamp"] = f"2026-03-01T12:00:{number:02}Z"
    return request | {"message": message}


async def answer(agent: str, request: dict[str, Any]) -> dict[str, Any]:
    return await AGENTS[agent].process(request, "")


@pytest.mark.parametrize("agent", ["general_purpose", "agent_hub"])
async def test_two_questions_get_both_answers(agent: str) -> None:
    said = await answer(agent, in_a_row("Kaçta kapanıyorsunuz?", "Genel bakım ne kadar?"))
    assert said["reply"] == f"{HOURS}\n{FEE}"
    assert (said["topic"], said["confidence"], said["needs_human"]) == ("known", 0.8, False)


async def test_one_that_is_not_known_makes_all_of_it_a_persons() -> None:
    said = await answer(
        "general_purpose", in_a_row("Kaçta kapanıyorsunuz?", "Lastik değişimi ne kadar?")
    )
    assert said["reply"].startswith(f"{HOURS}\nFiyat sorunuzu aldık.")
    assert (said["topic"], said["confidence"], said["needs_human"]) == ("known+price", 0.6, True)
    assert [step["type"] for step in said["actions"]] == ["answer_customer"]


@pytest.mark.parametrize(
    "texts",
    [
        ("Merhaba", "Hayırlı işler, kolay gelsin", "Kaçta kapanıyorsunuz?"),
        ("Günaydın", "Kaçta kapanıyorsunuz?", "?"),
        ("Kaçta kapanıyorsunuz?", "Kaçta açıyorsunuz?", "Teşekkürler"),
    ],
)
async def test_what_asks_nothing_or_the_same_adds_nothing(texts: tuple[str, ...]) -> None:
    said = await answer("general_purpose", in_a_row(*texts, language="tr"))
    assert (said["reply"], said["needs_human"]) == (HOURS, False)


async def test_pieces_of_one_question_are_one() -> None:
    said = await answer("general_purpose", in_a_row("Merhaba", "Test", "sürüşü yapabilir miyim?"))
    assert said["reply"].startswith("Kimlik bırakarak")
    assert (said["topic"], said["needs_human"]) == ("known", False)


async def test_what_the_shop_has_answered_is_not_answered_again() -> None:
    request = in_a_row("Kaçta kapanıyorsunuz?", "Genel bakım ne kadar?")
    request["message"]["history"].append({"content": "19.00'da.", "fromMe": SHOP})
    assert (await answer("general_purpose", request))["reply"] == FEE


async def test_in_a_group_what_others_ask_is_not_answered_with_it() -> None:
    request = in_a_row("Kaçta kapanıyorsunuz?", "Taksit var mı?", "Genel bakım ne kadar?")
    others, own = request["message"]["history"]
    others["sender"], own["sender"] = "Mehmet", "Ayşe"
    request["message"]["sender"] = "Ayşe"
    said = await answer("general_purpose", request)
    assert said["reply"] == f"Kredi kartına 6 taksit yapıyoruz.\n{FEE}"


async def test_no_sentence_is_said_twice() -> None:
    request = in_a_row("Siparişim nerede?", "Kargom hâlâ gelmedi", category="support")
    reply = (await answer("business_workflow", request))["reply"]
    assert reply.count("Sipariş numaranızı yazar mısınız?") == 1
    assert reply.index("Siparişinizle") < reply.index("Teslimatla")


async def test_an_order_number_of_a_later_message_is_not_asked_for() -> None:
    request = in_a_row("Siparişim nerede?", "Sipariş no 40718", category="support")
    said = await answer("business_workflow", request)
    assert "yazar mısınız" not in said["reply"]
    assert said["actions"][0]["order_number"] == "40718"


def test_of_two_greetings_one_is_left_and_the_shops_words_stay_whole() -> None:
    first = Draft("known", "Merhaba, 5 km. Evet.", 0.8, needs_human=False, sources=("a",))
    second = Draft("known", "İyi günler! Evet. Kargo var.", 0.7, needs_human=False, sources=("b",))
    both = joined([first, second])
    assert both.reply == "Merhaba, 5 km. Evet.\nEvet. Kargo var."
    assert (both.confidence, both.sources, both.needs_human) == (0.7, ("a", "b"), False)
    assert both.is_fixed, "a model could give one question the other's figure"


def test_more_than_fits_is_a_persons() -> None:
    drafts = [
        Draft(
            "known",
            f"{number}. {'x' * 700}",
            0.8,
            needs_human=False,
            steps=(Step("a", "b"),),
            facts=(Fact("c", "d"),),
            sources=(str(number),),
        )
        for number in range(20)
    ]
    all_of_it = joined(drafts)
    assert all_of_it.needs_human
    assert len(all_of_it.reply) < 4096
    assert (all_of_it.steps, all_of_it.facts) == ((Step("a", "b"),), (Fact("c", "d"),))
    assert joined(drafts[:1]) is drafts[0]


def test_the_last_of_a_burst_reads_no_earlier_text_again() -> None:
    texts = [f"Merhaba, {number} numaralı siparişim ne oldu?" for number in range(5000, 5020)]
    for count in (19, 20):
        folded = _calls(fold, in_a_row(*texts[:count], language="tr"))
    # Only the new text's own words: the other nineteen are cached.
    assert 0 < folded < 19


def test_what_is_left_to_a_person_is_not_drafted() -> None:
    request = in_a_row(*(f"{number}. siparişim ne oldu?" for number in range(6000, 6020)))
    assert _calls(parts_of, request) == MOST_ASKED + 1


async def test_danger_is_told_of_however_much_was_asked_after_it() -> None:
    questions = [f"Siparişim {number} ne oldu?" for number in range(7000, 7010)]
    said = await answer("business_workflow", in_a_row("мой тормоз не работает", *questions))
    alone = await answer("business_workflow", in_a_row(*questions))
    assert said["reply"] != alone["reply"]
    assert said["reply"].endswith(alone["reply"])


def _calls(of: Callable[..., object], request: dict[str, Any]) -> int:
    """How often a function is called to answer it."""
    calls = 0
    code = of.__code__

    def count(frame: FrameType, event: str, _: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code is code

    sys.setprofile(count)
    try:
        drafted("business_workflow", Case.parse(request), NOTHING)
    finally:
        sys.setprofile(None)
    return calls


def waiting(text: str, **told: Any) -> dict[str, Any]:
    """An earlier customer message, with the bridge's facts about it."""
    moment = {"timestamp": "2026-03-01T11:00:00Z"}
    return {"sender": "", "content": text, "type": "text", "fromMe": False} | moment | told


def judged(category: str, urgency: int, agent: str) -> dict[str, Any]:
    analysis = {"category": category, "urgency_score": urgency}
    return {"isOpen": True, "analysis": analysis, "agent": agent}


def after(*entries: dict[str, Any], text: str = "Taksit var mı?") -> dict[str, Any]:
    request = body(text, language="tr")
    message = request["message"] | {"chat_time": "2026-03-01T12:00:30Z", "history": [*entries]}
    return request | {"message": message}


BY_BRIDGE = {"content": "Bisikletiniz hazır.", "fromMe": SHOP, "isByBridge": True}
INSTALMENTS = "Kredi kartına 6 taksit yapıyoruz."


def test_each_is_drafted_by_the_agent_that_it_went_to_as_it_was_judged() -> None:
    """By its words alone the local analyser would have taken it for small talk."""
    parts = Case.parse(
        after(
            waiting("Şöyle böyle", **judged("complaint", 8, "business_workflow")),
            waiting("Öyle işte", **judged("technical", 5, "code_debugger")),
            waiting("Nasıl yani", **judged("general", 2, "general_purpose")),
        )
    ).waiting()
    assert [(one.category, one.urgency, one.agent) for one in parts] == [
        ("general", 3, ""),
        ("general", 2, "general_purpose"),
        ("technical", 5, "code_debugger"),
        ("complaint", 8, "business_workflow"),
    ]
    blamed = waiting("Şöyle böyle", **judged("complaint", 8, "business_workflow"))
    said = drafted("general_purpose", Case.parse(after(blamed)), NOTHING)
    assert said.topic.startswith("complaint")
    assert "üzgünüz" in said.reply


def test_by_an_agent_of_the_shops_own_what_waits_is_drafted_by_whoever_is_asked_now() -> None:
    entry = waiting("Kaçta kapanıyorsunuz?", **judged("inquiry", 3, "wheel_builder"))
    [_, first] = Case.parse(after(entry)).waiting()
    assert first.agent == "wheel_builder"
    assert drafted("general_purpose", Case.parse(after(entry)), NOTHING).reply


async def test_a_refused_question_is_closed() -> None:
    refused = waiting("Kaçta kapanıyorsunuz?", isOpen=False)
    said = await answer("general_purpose", after(refused))
    assert (said["reply"], said["needs_human"]) == (INSTALMENTS, False)


async def test_what_the_bridge_has_sent_answers_what_it_was_sent_for_alone() -> None:
    asked = judged("inquiry", 3, "general_purpose")
    entries = [waiting("Hazır mı?", isOpen=False), waiting("Kaçta kapanıyorsunuz?", **asked)]
    said = await answer("general_purpose", after(*entries, BY_BRIDGE))
    assert said["reply"] == f"{HOURS}\n{INSTALMENTS}"
    persons = BY_BRIDGE | {"isByBridge": False}
    assert (await answer("general_purpose", after(*entries, persons)))["reply"] == INSTALMENTS


@pytest.mark.parametrize(
    ("day", "told", "waits"),
    [
        ("2026-02-28", judged("inquiry", 3, "general_purpose"), True),
        ("2026-02-20", judged("inquiry", 3, "general_purpose"), True),
        ("2026-02-01", judged("inquiry", 3, "general_purpose"), False),
        # Nobody knows whether a message from outside was answered.
        ("2026-02-28", {}, True),
        ("2026-02-20", {}, False),
    ],
)
async def test_a_question_lives_until_it_is_answered(
    day: str, told: dict[str, Any], waits: bool
) -> None:
    entry = waiting("Kaçta kapanıyorsunuz?", **told) | {"timestamp": f"{day}T13:00:00Z"}
    said = await answer("general_purpose", after(entry))
    assert (HOURS in said["reply"]) is waits


@pytest.mark.parametrize(
    "told",
    [
        {"isOpen": "yes"},
        {"isOpen": True, "analysis": 5, "agent": "x"},
        {"isOpen": True, "analysis": {"category": 1, "urgency_score": "x"}, "agent": "x"},
        {"isOpen": True, "analysis": {}, "agent": None},
    ],
)
async def test_what_is_told_of_it_wrongly_costs_nothing(told: dict[str, Any]) -> None:
    said = await answer("general_purpose", after(waiting("Kaçta kapanıyorsunuz?", **told)))
    assert said["reply"] == f"{HOURS}\n{INSTALMENTS}"


async def test_what_a_person_reads_anyway_is_not_said_beside_it() -> None:
    said = await answer("general_purpose", in_a_row("Hediye çeki?", "Karbon kadro var mı?"))
    assert said["reply"].startswith("Sorunuzu aldık. Stok durumunu ekibimizin kontrol etmesi")
    assert "Bunu ekibimiz yanıtlayacak" not in said["reply"]


async def test_a_number_sent_after_the_question_is_noted_with_it() -> None:
    request = in_a_row("Kargom nerede kaldı?", "sipariş no 90314", "?", category="support")
    said = await answer("business_workflow", request)
    assert said["topic"] == "delivery"
    assert said["reply"].endswith("Sipariş numaranızı (90314) not ettik.")
    alone = await answer("business_workflow", in_a_row("sipariş no 90314", category="support"))
    assert alone["topic"] == "order"


async def test_who_takes_a_cancelling_back_is_not_told_that_it_was_passed_on() -> None:
    request = in_a_row("6612 nolu siparişi iptal edin", "dursun iptal etmeyin", category="support")
    said = await answer("business_workflow", request)
    assert said["topic"] == "order_kept"
    assert "istemediğinizi ekibimize ilettik" in said["reply"]
    assert "(6612)" in said["reply"]


async def test_danger_is_told_before_what_was_asked_before_it() -> None:
    request = in_a_row("Kadro kaç lira?", "Bataryam şişti", category="technical", language="tr")
    said = await answer("business_workflow", request)
    assert said["topic"] == "battery_danger+price"


async def test_what_introduces_the_shops_words_is_said_once() -> None:
    request = in_a_row("Do you rent bikes?", "When do you close?", language="en")
    said = await answer("general_purpose", request)
    assert said["reply"].count("in its own words") == 1
    assert "Bisiklet kiralamıyoruz." in said["reply"]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Web siteniz için reklam çalışması yapıyoruz", "other"),
        ("Siteniz açılmıyor", "shop_system"),
        ("Sitede hata veriyor", "shop_system"),
    ],
)
async def test_a_page_that_is_only_named_has_no_fault(text: str, topic: str) -> None:
    assert (await answer("general_purpose", body(text, language="tr")))["topic"] == topic


async def test_who_names_what_he_wants_to_buy_is_not_asked_for_it() -> None:
    said = await answer("business_workflow", body("Kask almak istiyorum", "sales", language="tr"))
    assert "Hangi ürünü" not in said["reply"]
    assert "beden" in said["reply"]


@pytest.mark.parametrize(
    ("text", "is_to_answer", "topic"),
    [
        ("kargom geldi çok teşekkürler", False, "thanks"),
        ("bisikletten çok memnunum", False, "praise"),
        ("haber bekliyorum", False, "nothing"),
        ("siparişim elime ulaştı", False, "nothing"),
        # Whatever was judged: what asks, blames or tells of danger is answered.
        ("siparişim nerede?", False, "order"),
        ("kargo rezalet, kırık geldi", False, "complaint"),
        ("frenim tutmuyor", False, "brake_failure"),
        ("siparişim elime ulaştı", True, "order"),
    ],
)
async def test_where_no_action_is_required_there_is_a_courtesy_or_silence(
    text: str, is_to_answer: bool, topic: str
) -> None:
    request = body(text, language="tr", action_required=is_to_answer)
    said = await answer("business_workflow", request)
    assert said["topic"] == topic
    assert (said["reply"] is None) is (topic == "nothing")


@pytest.mark.parametrize("text", ["Bakım ne kadar sürer?", "genel bakım ne kadar sürüyor"])
async def test_how_long_it_takes_is_not_answered_with_what_it_costs(text: str) -> None:
    said = await answer("general_purpose", body(text, language="tr"))
    assert "1.250" not in said["reply"]
    assert (said["topic"], said["needs_human"]) == ("duration", True)


@pytest.mark.parametrize("text", ["dün gelemedim, haftaya gelsem", "Kask almak istiyorum"])
async def test_a_wish_is_answered_whatever_was_judged_of_it(text: str) -> None:
    request = body(text, language="tr", action_required=False)
    assert (await answer("business_workflow", request))["topic"] in ("visit", "purchase")


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("telefonunuz neden açılmıyor", "pressed"),
        ("iade param kaç günde yatar", "return"),
        ("How long is the warranty?", "known"),
    ],
)
async def test_a_question_is_taken_for_no_other(text: str, topic: str) -> None:
    assert (await answer("general_purpose", body(text)))["topic"] == topic
