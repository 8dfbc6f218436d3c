"""The four built-in agents, by name, as the pipeline calls them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from izer_bridge.agents import business_workflow, code_debugger, general_purpose
from izer_bridge.agents.case import Case
from izer_bridge.agents.topic import Topic, answer
from izer_bridge.pipeline.ports import Agent

HUB = "agent_hub"
SPECIALISTS: dict[str, tuple[Topic, ...]] = {
    "business_workflow": business_workflow.TOPICS,
    "code_debugger": code_debugger.TOPICS,
    "general_purpose": general_purpose.TOPICS,
}
_BUSINESS = frozenset({"technical", "support", "complaint", "sales"})


@dataclass(frozen=True, slots=True)
class Specialist:
    """Answers from its topics. The same body gives the same answer, so the key is not kept."""

    name: str
    topics: Sequence[Topic]

    @property
    def url(self) -> str | None:
        return None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """A reply in the customer's language. Raises PermanentError for a body that is wrong."""
        return answer(self.name, self.topics, Case.parse(body))


@dataclass(frozen=True, slots=True)
class Hub:
    """Chooses the specialist for a message and says in `handled_by` which one answered."""

    specialists: dict[str, tuple[Topic, ...]]

    @property
    def url(self) -> str | None:
        return None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The chosen specialist's answer. Raises PermanentError for a body that is wrong."""
        case = Case.parse(body)
        name = choose(case)
        return answer(HUB, self.specialists[name], case) | {"handled_by": name}


def choose(case: Case) -> str:
    """The specialist whose field the message is in."""
    if any(topic.stems and topic.matches(case) for topic in code_debugger.TOPICS):
        return "code_debugger"
    if case.category in _BUSINESS or case.urgency >= 8:
        return "business_workflow"
    return "general_purpose"


def builtin_agents() -> dict[str, Agent]:
    """All four, by the names that routing rules and the configuration use."""
    agents: dict[str, Agent] = {
        name: Specialist(name, topics) for name, topics in SPECIALISTS.items()
    }
    return {HUB: Hub(SPECIALISTS), **agents}
