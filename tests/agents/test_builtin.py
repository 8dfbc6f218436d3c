import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.agents.builtin import HUB, SPECIALISTS, builtin_agents
from izer_bridge.agents.case import Case
from izer_bridge.agents.topic import Topic
from izer_bridge.agents.words import LANGUAGES
from izer_bridge.model.errors import PermanentError

TOPICS = [
    pytest.param(topic, id=f"{agent}-{topic.name}")
    for agent, topics in SPECIALISTS.items()
    for topic in topics
]


def body(text: str, category: str = "general", urgency: int = 3, **analysis: Any) -> dict[str, Any]:
    return {
        "message": {"current_message": text, "history": []},
        "analysis": {"category": category, "urgency_score": urgency} | analysis,
        "routing_info": {"routed_by": "izer-bridge", "timestamp": "…", "reason": "default"},
    }


async def _answer(agent: str, request: dict[str, Any]) -> dict[str, Any]:
    return await builtin_agents()[agent].process(request, "1")


def test_the_four_are_there_without_a_url() -> None:
    agents = builtin_agents()
    assert sorted(agents) == [
        "agent_hub",
        "business_workflow",
        "code_debugger",
        "general_purpose",
    ]
    assert {agent.url for agent in agents.values()} == {None}


@pytest.mark.parametrize(
    ("agent", "text", "category", "urgency", "language", "topic"),
    [
        (
            "business_workflow",
            "Bisikletimin freni çalışmıyor, acil yardım lazım!",
            "technical",
            9,
            "tr",
            "danger",
        ),
        ("business_workflow", "FRENİ TUTMUYOR", "technical", 10, "tr", "danger"),
        (
            "business_workflow",
            "My brakes failed, I had an accident",
            "technical",
            9,
            "en",
            "danger",
        ),
        ("business_workflow", "Fren balatası gıcırdıyor", "technical", 4, "tr", "fault"),
        ("business_workflow", "So ein Mist, das ist nicht ok", "complaint", 7, "de", "complaint"),
        ("business_workflow", "SİPARİŞİM nerede kaldi", "support", 5, "tr", "order"),
        ("business_workflow", "Wo ist meine Bestellung?", "support", 5, "de", "order"),
        (
            "business_workflow",
            "yarin icin randevu alabilir miyim",
            "support",
            4,
            "tr",
            "appointment",
        ),
        ("business_workflow", "I want a refund for my helmet", "support", 5, "en", "return"),
        ("business_workflow", "Fatura gelmedi", "support", 4, "tr", "payment"),
        ("code_debugger", "Bosch ekranda hata 503 veriyor", "inquiry", 4, "tr", "e_bike"),
        ("code_debugger", "The website shows an error", "general", 4, "en", "shop_system"),
        ("general_purpose", "Bu bisikletin fiyatı ne kadar?", "inquiry", 3, "tr", "price"),
        ("general_purpose", "Saat kaçta açıyorsunuz?", "inquiry", 3, "tr", "hours"),
        ("general_purpose", "Is the blue one still available?", "inquiry", 3, "en", "stock"),
        ("general_purpose", "Vielen Dank!", "general", 1, "de", "thanks"),
        ("general_purpose", "Teşekkürler, kask bana uyar mı acaba", "general", 2, "tr", "other"),
        ("general_purpose", "🚲", "general", 1, "tr", "other"),
        ("general_purpose", "", "general", 1, "tr", "other"),
    ],
)
async def test_answers_by_topic_in_the_customers_language(
    agent: str, text: str, category: str, urgency: int, language: str, topic: str
) -> None:
    answer = await _answer(agent, body(text, category, urgency))
    assert (answer["agent"], answer["topic"], answer["language"]) == (agent, topic, language)
    assert answer["reply"]
    assert 0 < answer["confidence"] <= 1


async def test_a_language_in_the_analysis_wins() -> None:
    answer = await _answer("general_purpose", body("Merhaba", language="de"))
    assert answer["language"] == "de"
    answer = await _answer("general_purpose", body("Merhaba", language="fr"))
    assert answer["language"] == "tr"


async def test_only_thanks_needs_nobody() -> None:
    assert (await _answer("general_purpose", body("teşekkürler")))["needs_human"] is False
    assert (await _answer("general_purpose", body("fiyat?")))["needs_human"] is True


@pytest.mark.parametrize(
    ("text", "category", "urgency", "handled_by"),
    [
        ("Sunucu hata veriyor", "general", 3, "code_debugger"),
        ("Siparişim nerede", "support", 5, "business_workflow"),
        ("Lütfen hemen arayın", "general", 9, "business_workflow"),
        ("Merhaba", "general", 1, "general_purpose"),
    ],
)
async def test_the_hub_names_who_answered(
    text: str, category: str, urgency: int, handled_by: str
) -> None:
    request = body(text, category, urgency)
    answer = await _answer(HUB, request)
    assert answer == await _answer(handled_by, request) | {"agent": HUB, "handled_by": handled_by}


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_reply_states_a_figure_or_gives_a_time(topic: Topic, language: str) -> None:
    reply = topic.reply(language)
    assert re.findall(r"\d+", reply) in ([], ["112"])
    assert not re.search(r"[€$₺%]|\bTL\b|\bEuro\b|yarın|bugün|tomorrow|today|morgen|heute", reply)
    assert len(reply) < 400


@pytest.mark.parametrize("topic", TOPICS)
def test_stems_are_folded_as_words_are(topic: Topic) -> None:
    for stem in topic.stems:
        case = Case.parse(body(stem.upper()))
        assert case.words == (stem,)


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
@pytest.mark.parametrize("agent", [HUB, *SPECIALISTS])
async def test_a_wrong_body_is_refused(agent: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(PermanentError, match="expected"):
        await _answer(agent, wrong)


@given(
    st.text() | st.text(max_size=3).map(lambda text: text * 40_000),
    st.sampled_from([HUB, *SPECIALISTS]),
    st.none() | st.integers() | st.text() | st.lists(st.integers()),
)
async def test_every_text_gets_an_answer(text: str, agent: str, odd: Any) -> None:
    request = body(text)
    request["analysis"] = {"category": odd, "urgency_score": odd, "language": odd}
    assert json.dumps(await _answer(agent, request))
