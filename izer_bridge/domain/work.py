"""A message under way: what is to be done, and each step's result; pure values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.escalation import Due
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import (
    NEEDS_A_PERSON,
    EarlierVerdict,
    HistoryEntry,
    Message,
    Origin,
    Subject,
)
from izer_bridge.domain.message_state import SkipReason, State


@dataclass(frozen=True, slots=True)
class Work:
    """A ledger row that this process has leased and must move on or give back.

    `lease` proves it: a write is refused if another process has taken over the lease. `history` is
    what was said in its chat before, oldest first. `conversation` is its chat's clock at the claim,
    for whoever keeps that.
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
    conversation: object = field(default=None, repr=False, compare=False)

    @property
    def may_have_context(self) -> bool:
        """A context that came over HTTP, or that an earlier analysis saw, is stored with it."""
        return self.message.origin is Origin.WEBHOOK or self.analysis is not None

    @property
    def subject(self) -> Subject:
        """The message with its chat around it, as analysers and agents see it."""
        message = self.message
        return Subject(
            message_id=message.message_id,
            text=message.announced,
            sent_at=message.sent_at,
            chat_name=message.chat_name,
            phone_number=self.phone_number,
            is_group=message.chat.is_group,
            is_vip=self.importance.is_vip,
            is_critical_group=self.importance.is_critical_group,
            history=self.history,
            sender=message.writer(self.phone_number) if message.chat.is_group else "",
            needs_person=message.kind in NEEDS_A_PERSON,
            is_gesture=message.is_gesture,
            context=message.context,
        )


@dataclass(frozen=True, slots=True)
class AnalysisRecord:
    """A finished analysis with its provenance.

    `analyser` is `openai` or `local`; `fallback_reason` says why the local one answered. `usage`
    and `cost_micro_usd` are what OpenAI charged, even for an unusable answer. `is_final` says that
    OpenAI need not be asked again: there was no key, or it would refuse. `judged` is the analyser's
    own judgement if VIP and group rules changed it. `due` is by when a person must have answered,
    if one must; `milliseconds`, how long it took. `version` is that of an analyser that can compute
    its reasons again, so that they need not be stored.
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
    """One attempt to call an agent; `response_time_ms` is its duration.

    Nothing of an unsuccessful attempt's `response` may be used; `error` says why.
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
    """A recorded message that was analysed and answered in memory, within this process."""

    work: Work
    record: AnalysisRecord
    attempt: Attempt

    @property
    def verdict(self) -> EarlierVerdict:
        """As it is told to later messages of its chat."""
        analysis = self.record.analysis
        return EarlierVerdict(str(analysis.category), analysis.urgency_score, self.attempt.agent)


@dataclass(frozen=True, slots=True)
class MessageProgress:
    """How far a message has come. `attempt` is the latest call of an agent, if there was one.

    `error` is the ledger's last error; it contains no message text. `words` are those that were
    judged, if a request has brought different ones.
    """

    row_id: int
    state: State
    updated_at: datetime
    analysis: Analysis | None = None
    attempt: Attempt | None = None
    skip_reason: SkipReason | None = None
    error: str | None = None
    words: str | None = None
