"""The four built-in agents, by name, as the pipeline calls them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from izer_bridge.agents.builtin.agent_hub import HUB, Hub, Member
from izer_bridge.agents.builtin.answer_cache import AnswerCache
from izer_bridge.agents.builtin.desk import drafted
from izer_bridge.agents.builtin.knowledge_files import Library
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.response import answer_of
from izer_bridge.agents.ports import Agent

if TYPE_CHECKING:
    from izer_bridge.agents.builtin.model_reply import ReplyWriter

CAPABILITIES: dict[str, tuple[str, ...]] = {
    "business_workflow": ("workflow", "monitoring", "business"),
    "code_debugger": ("debug", "code", "technical"),
    "general_purpose": ("research", "analysis", "general"),
}

# So many characters are answered in no time.
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Specialist:
    """Answers in its field, from templates or, with an author, in a model's words."""

    name: str
    library: Library
    author: "ReplyWriter | None" = None

    @property
    def url(self) -> str | None:
        return None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """A reply in the customer's language. Raises PermanentError for a body that is wrong."""
        case = Case.parse(body)
        knowledge = await self.library.knowledge()
        if sum(map(len, case.just_asked), len(case.text)) <= _AT_ONCE:
            draft = drafted(self.name, case, knowledge)
        else:
            # In a thread: twenty long messages in a row take longer than others should wait.
            draft = await asyncio.to_thread(drafted, self.name, case, knowledge)
        if self.author is not None:
            draft = await self.author.worded(self.name, case, draft)
        return answer_of(self.name, case, draft)


def builtin_agents(
    library: Library,
    author: "ReplyWriter | None" = None,
    others: Mapping[str, Member] | None = None,
    patience_seconds: float = 12.0,
) -> dict[str, Agent]:
    """All four, by the names that routing rules and the configuration use.

    The hub chooses among these, each replaced by the one of that name in `others`, and the rest
    of `others`; see Hub for `patience_seconds`.
    """
    agents: dict[str, Agent] = {
        name: AnswerCache(Specialist(name, library, author)) for name in CAPABILITIES
    }
    members = {name: Member(agents[name], told) for name, told in CAPABILITIES.items()}
    return {HUB: Hub(members | dict(others or {}), patience_seconds), **agents}
