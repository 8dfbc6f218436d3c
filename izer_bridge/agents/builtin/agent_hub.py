"""The hub: gives a message to the best suited agent, and to the next one if that one is down."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from izer_bridge.agents.builtin import code_debugger, danger, general_purpose
from izer_bridge.agents.builtin.request import Case
from izer_bridge.agents.builtin.response import answer_of, safe
from izer_bridge.agents.ports import Agent
from izer_bridge.domain.errors import PermanentError, TransientError

log = structlog.get_logger(__name__)

HUB = "agent_hub"
MOST_TRIED = 3
_BUSINESS = frozenset({"support", "complaint", "sales"})
# Words by which an agent may declare that it handles a need, in any order.
_NEEDS: dict[str, frozenset[str]] = {
    "technical": frozenset({"technical", "debug", "code"}),
    "business": frozenset({"business", "workflow", "monitoring"}),
    "general": frozenset({"general", "research", "analysis"}),
}


@dataclass(frozen=True, slots=True)
class Member:
    """An agent that the hub may choose, and what it says that it can do."""

    agent: Agent
    capabilities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Choice:
    """A member, and the sentence that says why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Hub:
    """Answers with `handled_by` and `why`; answers itself if nobody else can.

    An agent called over HTTP gets `patience_seconds`, so that there is time left for the next.
    """

    members: Mapping[str, Member]
    patience_seconds: float = 12.0

    @property
    def url(self) -> str | None:
        return None

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]:
        """The first answer among suitable agents. Raises PermanentError for an invalid body."""
        case = Case.parse(body)
        failures: list[str] = []
        for choice in choices(case, self.members)[:MOST_TRIED]:
            member = self.members[choice.name]
            try:
                patience = None if member.agent.url is None else self.patience_seconds
                async with asyncio.timeout(patience):
                    answer = await member.agent.process(body, idempotency_key)
            except (TransientError, PermanentError, TimeoutError) as error:
                log.warning("agent_passed_over", agent=choice.name, error=str(error) or "too slow")
                failures.append(f"{choice.name} could not answer")
                continue
            said = {"agent": HUB, "handled_by": choice.name}
            return safe(case, answer) | said | {"why": "; ".join([choice.reason, *failures])}
        return _own_answer(case, failures)


def choices(case: Case, members: Mapping[str, Member]) -> list[Choice]:
    """All members, the best suited first: by what the message names, then by what it needs."""
    needs = needs_of(case)
    ranked = []
    for place, (name, member) in enumerate(members.items()):
        told = tuple(capability.casefold() for capability in member.capabilities)
        if named := _named(case, told):
            ranked.append((-1, place, Choice(name, f"the message speaks of {named}")))
            continue
        rank = next((rank for rank, need in enumerate(needs) if _NEEDS[need] & set(told)), None)
        if rank is None:
            continue
        why = f"the message is {needs[rank]}" if rank == 0 else f"next best, {needs[rank]}"
        ranked.append((rank, place, Choice(name, why)))
    return [choice for _, _, choice in sorted(ranked, key=lambda one: one[:2])]


def needs_of(case: Case) -> tuple[str, ...]:
    """What the message needs, the most important first."""
    is_technical = code_debugger.is_technical(case) or danger.draft(case) is not None
    if is_technical and case.category not in _BUSINESS:
        return ("technical", "business", "general")
    if case.category in _BUSINESS or case.category == "technical" or case.urgency >= 8:
        return ("business", "technical", "general")
    return ("general", "business", "technical")


def _named(case: Case, capabilities: Sequence[str]) -> str:
    """An agent's own capability ("wheel building") that the message names."""
    own = (one for one in capabilities if not any(one in words for words in _NEEDS.values()))
    return next((one for one in own if one and set(one.split()) <= set(case.words)), "")


def _own_answer(case: Case, failures: Sequence[str]) -> dict[str, Any]:
    """An acknowledgement: the hub knows nothing else."""
    why = "; ".join(failures) or "no agent declares what the message needs"
    return answer_of(HUB, case, general_purpose.unknown(case)) | {"why": why}
