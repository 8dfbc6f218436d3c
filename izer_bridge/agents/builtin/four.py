"""The four built-in agents, by name, as the pipeline calls them."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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

# This many characters of new text are answered in no time.
_AT_ONCE = 2_000
# The results for this many texts are cached.
_REMEMBERED = 1 << 10


class _Lately:
    """The texts read last: their results are still cached."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def unread(self, texts: Iterable[str]) -> int:
        """How many characters of these are still to be read."""
        return sum(len(one) for one in texts if one not in self._texts)

    def note(self, texts: Iterable[str]) -> None:
        for one in texts:
            self._texts.pop(one, None)
            self._texts[one] = None
        while len(self._texts) > _REMEMBERED:
            del self._texts[next(iter(self._texts))]


@dataclass(frozen=True, slots=True)
class Specialist:
    """Answers in its field, from templates or, with an author, in a model's words."""

    name: str
    library: Library
    author: "ReplyWriter | None" = None
    _lately: _Lately = field(default_factory=_Lately)

    @property
    def url(self) -> str | None:
        return None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """A reply in the customer's language. Raises PermanentError for an invalid body."""
        case = Case.parse(body)
        knowledge = await self.library.knowledge()
        texts = (*case.just_asked, case.text)
        if self._lately.unread(texts) <= _AT_ONCE:
            draft = drafted(self.name, case, knowledge)
        else:
            # In a thread: twenty long messages in a row take longer than others should wait.
            draft = await asyncio.to_thread(drafted, self.name, case, knowledge)
        self._lately.note(texts)
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
    lately = _Lately()
    agents: dict[str, Agent] = {
        name: Specialist(name, library, author, lately) for name in CAPABILITIES
    }
    if author is not None:
        # By templates the same call has the same answer anyway, and pays for nothing.
        agents = {name: AnswerCache(agent) for name, agent in agents.items()}
    members = {name: Member(agents[name], told) for name, told in CAPABILITIES.items()}
    return {HUB: Hub(members | dict(others or {}), patience_seconds), **agents}
