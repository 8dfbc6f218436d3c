"""An agent's answer is not trusted: what of it may be sent, or why nothing may."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from izer_bridge.agents.agent_answer import MOST_ACTIONS, AgentAnswer
from izer_bridge.domain.sendable_text import LONGEST_TEXT


def test_every_known_key_is_read() -> None:
    answer = AgentAnswer.parse(
        {
            "reply": " Merhaba,\r\nfren ayarı için bekliyoruz 🚲 ",
            "confidence": 1,
            "needs_human": True,
            "actions": [{"type": "call"}, "Müşteriyi arayın"],
            "agent": "chef",
        }
    )
    assert answer == AgentAnswer(
        reply="Merhaba,\nfren ayarı için bekliyoruz 🚲",
        confidence=1.0,
        needs_human=True,
        actions=({"type": "call"}, "Müşteriyi arayın"),
    )


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"reply": None, "confidence": None, "needs_human": None, "actions": None},
        {"reply": " \n"},
        {"reply": "\u200b\ufeff \u200e"},
        {"status": "ok", "phone_number": "+90…"},
    ],
)
def test_an_agent_may_have_nothing_to_say(response: dict[str, Any]) -> None:
    assert AgentAnswer.parse(response) == AgentAnswer()


@pytest.mark.parametrize(
    "reply",
    [
        "5 < 6 ve 7 > 3",
        "<3 teşekkürler",
        "A&B; indirim yok",
        "fiyat: 100 TL & kargo",
        "مرحبا\u200f!",
        "👩‍🔧 👨\u200d👩\u200d👧",
        "x" * LONGEST_TEXT,
        "satır\n\tiçeri",
        "https://shop.example/?a=1&b=2",
    ],
)
def test_what_people_write_may_be_sent(reply: str) -> None:
    assert AgentAnswer.parse({"reply": reply}) == AgentAnswer(reply=reply)


@pytest.mark.parametrize(
    ("response", "fault"),
    [
        ({"reply": 7}, "reply: expected a string"),
        ({"reply": {"text": "x"}}, "reply: expected a string"),
        ({"reply": "x" * 20_000}, "reply: 20000 characters; at most 4096 are sent"),
        ({"reply": "<!DOCTYPE html><p>Merhaba"}, "reply: HTML"),
        ({"reply": "<b>Merhaba</b>"}, "reply: HTML"),
        ({"reply": "<a href='x'>"}, "reply: HTML"),
        ({"reply": "Merhaba<br/>nasılsınız"}, "reply: HTML"),
        ({"reply": "5 &lt; 6"}, "reply: HTML"),
        ({"reply": "a\x00b"}, "reply: control characters"),
        ({"reply": "a\x1b[31mb"}, "reply: control characters"),
        ({"reply": "a\rb"}, "reply: control characters"),
        ({"reply": "a\x85b"}, "reply: control characters"),
        ({"reply": "\u202eabc"}, "reply: control characters"),
        ({"reply": "a\ud800"}, "reply: control characters"),
        ({"reply": "x", "to": "+905551112233"}, "to: an agent cannot choose the recipient"),
        ({"reply": "x", "JID": None}, "JID: an agent cannot choose"),
        ({"reply": "x", "recipient": {}}, "recipient: an agent cannot choose"),
        ({"confidence": "high"}, "confidence: expected a number from 0 to 1"),
        ({"confidence": True}, "confidence: expected a number"),
        ({"confidence": 1.1}, "confidence: expected a number"),
        ({"confidence": -0.1}, "confidence: expected a number"),
        ({"needs_human": "yes"}, "needs_human: expected true or false"),
        ({"actions": {"type": "call"}}, "actions: expected a list"),
        ({"actions": [1]}, "actions: expected a list"),
        ({"actions": ["x"] * (MOST_ACTIONS + 1)}, "actions: 51; at most 50"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_used(response: dict[str, Any], fault: str) -> None:
    answer = AgentAnswer.parse({"reply": "Merhaba"} | response)
    assert answer.fault is not None
    assert answer.fault.startswith(fault)
    assert answer == AgentAnswer(fault=answer.fault)
    assert "+90" not in answer.fault
    assert "Merhaba" not in answer.fault


def test_every_fault_is_named() -> None:
    answer = AgentAnswer.parse({"reply": 1, "confidence": 2, "needs_human": 3, "chat": 4})
    assert answer.fault is not None
    assert answer.fault.count(";") == 3


_json = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["reply", "confidence", "needs_human", "actions", "to", "x"]), _json
    )
)
def test_any_object_is_read(response: dict[str, Any]) -> None:
    answer = AgentAnswer.parse(response)
    assert (answer.reply is None) or (answer.fault is None and answer.reply.strip())
