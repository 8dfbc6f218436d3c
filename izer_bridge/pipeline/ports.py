"""What the pipeline needs of the outside, as Protocols; it refuses to know who provides it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Importance
from izer_bridge.domain.message import HistoryEntry, Message, Origin, Subject
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.escalation.decide import Due
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile
from izer_bridge.replies.ports import Receipt


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One raw event as the client library gave it. `code` is the library's event number."""

    sequence: int
    code: int
    payload: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording one message came to. `is_new` is False for a message that was known.

    `words` are the known message's, where other ones have come under its id.
    """

    row_id: int
    is_new: bool
    state: State
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that was recorded and will not be worked."""

    message_id: str
    reason: SkipReason


@dataclass(frozen=True, slots=True)
class Screened:
    """What recording has left out: messages, and groups whose names nobody has vouched for.

    `unconfirmed` carry the name of a critical group, and the shop is no admin of them.
    """

    skipped: Sequence[Skipped]
    unconfirmed: Collection[Jid] = ()


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


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One `POST /webhook` request, validated.

    `phone_number` is E.164, empty where none is known. `history` is oldest first, `raw` the request
    as it was sent but for the bytes of its `file`: it holds valid Unicode without NUL, finite
    numbers and at most 24 levels.
    """

    message: Message
    phone_number: str
    history: tuple[HistoryEntry, ...]
    raw: Mapping[str, Any]
    file: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
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


class Inbox(Protocol):
    """Durable raw events in order of arrival."""

    def pending(self, limit: int) -> Sequence[InboxEntry]: ...

    def remove(self, sequences: Sequence[int]) -> None: ...

    def set_aside(self, entry: InboxEntry, kind: str, reason: str) -> None:
        """Move it out of the way; it is kept raw, with the kind of the error and a sentence."""
        ...

    def take_back(self) -> int:
        """Let those arrive once more that the operator wants so; how many there were."""
        ...

    def depth(self) -> int: ...


class Ledger(Protocol):
    """The store as the worker sees it. Every write is idempotent.

    All raise TransientError when the store is away or a lease was lost.
    """

    async def record(self, messages: Sequence[Message]) -> Screened:
        """Write them down; which have come now and are not worked, history aside."""

    async def rehearse(self) -> None:
        """Return where the store would take an ordinary message now: then it is not at fault."""
        ...

    async def notice(self, found: Sequence[Gap]) -> Sequence[Gap]: ...

    async def receive(self, found: Sequence[Receipt]) -> None: ...

    async def record_webhook(
        self, webhook: WebhookMessage, file: KeptFile | MediaState | None = None
    ) -> Recorded:
        """`file` is what came with it, or why that is not kept."""
        ...

    async def outcome(self, row_id: int) -> Outcome: ...

    async def claim(
        self, chats: int, in_hand: Collection[int] = (), *, run: int = 1, context: int = 0
    ) -> Sequence[Work]:
        """Lease of up to `chats` chats the oldest messages that are not done, `run` in a row each.

        Each with up to `context` messages before it. None of the rows `in_hand`: whoever works
        them still does, whatever the clock says.
        """
        ...

    async def give_back(self, works: Sequence[Work]) -> None:
        """They are free for whoever claims next."""
        ...

    async def finish(self, worked: Sequence[Worked]) -> None:
        """All their steps in one transaction: each is settled, or none."""
        ...

    async def analysed(self, work: Work, record: AnalysisRecord) -> None: ...

    async def attempted(self, work: Work, attempt: Attempt, then: State | None) -> None: ...

    async def postpone(self, work: Work, until: datetime, error: str) -> None: ...

    async def bury(self, work: Work, error: str) -> None: ...

    async def settle(self, work: Work, attempt: Attempt | None = None) -> None:
        """End it, and in the same transaction write down what becomes of the agent's answer.

        `attempt` is its latest call, where that is known.
        """
        ...


class OpinionLedger(Protocol):
    """What the local analyser judged, and what OpenAI says of it later, each once.

    All raise TransientError when the store is away.
    """

    async def wanted(self, since: datetime, limit: int, context: int) -> Sequence[Work]:
        """The oldest that were judged locally since then and have no second opinion."""
        ...

    async def given(self, row_id: int, record: AnalysisRecord) -> None: ...

    async def refused(self, row_id: int, record: AnalysisRecord) -> None:
        """There will be none, for the record's `fallback_reason`."""
        ...


class Spent(Protocol):
    """Sums what analyses have cost. Raises TransientError when the store is away."""

    async def spent_since(self, moment: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """An analyser's answer, and what it was charged for where it costs money and says so."""

    analysis: Analysis
    usage: Usage | None = None


class Analyser(Protocol):
    """Answers for one message. Raises TransientError or PermanentError."""

    async def analyse(self, subject: Subject) -> Answer: ...


class Agent(Protocol):
    """Takes a `/process` body and answers a JSON object. Raises TransientError, PermanentError."""

    @property
    def url(self) -> str | None: ...

    async def process(self, body: dict[str, Any], idempotency_key: str) -> dict[str, Any]: ...
