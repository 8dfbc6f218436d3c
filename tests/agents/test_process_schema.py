"""The written contract matches what is sent, and what is read of an answer."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from izer_bridge.agents.agent_answer import AgentAnswer
from izer_bridge.agents.process_schema import ProcessAnswer, rendered
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Work
from tests.store.messages import in_group, message

SCHEMA = Path(__file__).parent.parent.parent / "docs" / "agent-process.schema.json"


def test_the_schema_is_what_the_models_say() -> None:
    """To update: python -m izer_bridge.agents.process_schema > docs/agent-process.schema.json."""
    assert SCHEMA.read_text("utf-8") == rendered()


def is_valid(answer: dict[str, Any]) -> bool:
    try:
        ProcessAnswer.model_validate(answer)
    except ValidationError:
        return False
    return True


_values = (
    st.none()
    | st.booleans()
    | st.integers(-1, 2)
    | st.floats(-1, 2)
    | st.sampled_from(["", "Merhaba", "x" * 4097])
    | st.lists(st.sampled_from(["arayın", {"type": "call"}, 1, None]), max_size=3)
    | st.just({"type": "call"})
)


@pytest.mark.parametrize(
    ("given", "sender"),
    [(in_group(1), "Ayşe"), (in_group(1, sender_name=""), "+90"), (message(1), "")],
)
def test_who_of_a_group_has_written_is_told(given: Message, sender: str) -> None:
    work = Work(1, "", State.RECORDED, 0, given, "+90", Importance(), None, given.sent_at)
    assert work.subject.sender == sender


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(["reply", "confidence", "needs_human", "actions", "own"]), _values
    )
)
def test_the_schema_allows_what_is_used(answer: dict[str, Any]) -> None:
    assert is_valid(answer) is (AgentAnswer.parse(answer).fault is None)


@pytest.mark.parametrize("answer", [{}, {"ok": True}, {"next_step": "…", "language": "tr"}])
def test_any_object_stays_an_answer(answer: dict[str, Any]) -> None:
    assert is_valid(answer)
