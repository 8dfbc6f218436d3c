"""A message on its way: what is to be done, what each step has come to; pure values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.escalation import Due
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import EarlierVerdict, HistoryEntry, Message, Origin
from izer_bridge.domain.message_state import SkipReason, State


@dataclass(frozen=True, slots=True)
class Work:
    """A ledger row that this process has leased and must move on or give back.

    `lease` proves it: a write under a lease that another process has taken over is refused.
    `history` is what was said in its chat before, oldest first.
    """

    row_id: int
    lease: str
    state: State
    attempts: int
    message: Message
    phone_number: str
    importance: Importance
    analysis: Analysis | None
    recorded_at: datetime
    chat_id: int = 0
    history: tuple[HistoryEntry, ...] = ()

    @property
    def may_have_context(self) -> bool:
        """What came with it over HTTP, and what an earlier analysis saw, is kept with it."""
        return self.message.origin is Origin.WEBHOOK or self.analysis is not None


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """A finished analysis with its provenance.

    `analyser` is `openai` or `local`; `fallback_reason` says why the local one answered. `usage`
    and `cost_micro_usd` are what OpenAI charged, also for an answer that could not be used.
    `is_final` says that OpenAI need not be asked again: there was no key, or it would refuse.
    `judged` is the analyser's own word where VIP and group rules changed it.
    `due` is by when a person must have answered, where one must; `milliseconds`, how long it took.
    `version` is the analyser's that gives the same reasons again, so that they need not be kept.
    """

    analysis: Analysis
    analyser: str
    fallback_reason: str | None
    model: str | None
    raised_because: str | None
    answer_within_minutes: int | None = None
    usage: Usage | None = None
    cost_micro_usd: int | None = None
    is_final: bool = False
    judged: Analysis | None = None
    due: Due | None = None
    version: str | None = None
    milliseconds: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of calling an agent; `response_time_ms` is its duration.

    Of the `response` of a try that did not succeed nothing may be used; `error` says why.
    """

    agent: str
    url: str | None
    reason: str
    succeeded: bool
    response: dict[str, Any] | None
    response_time_ms: int
    error: str | None


@dataclass(frozen=True, slots=True)
class Worked:
    """A recorded message that was analysed and answered in one go, within this process."""

    work: Work
    record: AnalysisRecord
    attempt: Attempt

    @property
    def verdict(self) -> EarlierVerdict:
        """As those after it in its chat are told of it."""
        analysis = self.record.analysis
        return EarlierVerdict(str(analysis.category), analysis.urgency_score, self.attempt.agent)


@dataclass(frozen=True, slots=True)
class MessageProgress:
    """How far a message has come. `attempt` is the latest call of an agent, if there was one.

    `error` is the ledger's last error; it holds no message text. `words` are those that were
    judged, where a request has brought other ones.
    """

    row_id: int
    state: State
    updated_at: datetime
    analysis: Analysis | None = None
    attempt: Attempt | None = None
    skip_reason: SkipReason | None = None
    error: str | None = None
    words: str | None = None
