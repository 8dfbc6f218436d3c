"""What the pipeline needs from the outside, as Protocols, without knowing who provides it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Message
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.domain.outgoing import ReachedReply, Receipt
from izer_bridge.domain.work import AnalysisRecord, Attempt, MessageProgress, Work, Worked
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result of recording one message. `is_new` is False for a message that was known.

    `words` are the known message's, if different words arrived under its id.
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
    """What recording left out: messages, and groups whose names nobody has vouched for.

    `unconfirmed` groups carry the name of a critical group, but the shop is not their admin.
    """

    skipped: Sequence[Skipped]
    unconfirmed: Collection[Jid] = ()


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One `POST /webhook` request, validated.

    `phone_number` is E.164, empty if none is known. `history` is oldest first, `raw` the request as
    it was sent, except for the bytes of its `file`: it contains valid Unicode without NUL, finite
    numbers and at most 24 levels.
    """

    message: Message
    phone_number: str
    history: tuple[HistoryEntry, ...]
    raw: Mapping[str, Any]
    file: bytes | None = field(default=None, repr=False)


class Ledger(Protocol):
    """The store as the worker sees it. Every write is idempotent.

    All methods raise TransientError if the store is away or a lease was lost.
    """

    async def record(self, messages: Sequence[Message]) -> Screened:
        """Record them; which are new and will not be worked, except history."""

    async def rehearse(self) -> None:
        """Return if the store would accept an ordinary message now: then it is not at fault."""
        ...

    async def notice(self, found: Sequence[Gap]) -> Sequence[Gap]: ...

    async def receive(self, found: Sequence[Receipt]) -> Sequence[ReachedReply]: ...

    async def record_webhook(
        self, webhook: WebhookMessage, file: KeptFile | MediaState | None = None
    ) -> Recorded:
        """`file` is the message's file, or the reason why it is not kept."""
        ...

    async def outcome(self, row_id: int) -> MessageProgress: ...

    async def claim(
        self, chats: int, in_hand: Collection[int] = (), *, run: int = 1, context: int = 0
    ) -> Sequence[Work]:
        """Lease the oldest unfinished messages of up to `chats` chats, up to `run` in a row from
        each.

        Each comes with up to `context` preceding messages. Rows `in_hand` are left out: their
        worker still works them, whatever the clock says.
        """
        ...

    async def give_back(self, works: Sequence[Work]) -> None:
        """Free them for the next claim."""
        ...

    async def finish(self, worked: Sequence[Worked]) -> None:
        """Run all their steps in one transaction: either each is settled, or none."""
        ...

    async def analysed(self, work: Work, record: AnalysisRecord) -> None: ...

    async def attempted(self, work: Work, attempt: Attempt, then: State | None) -> None: ...

    async def postpone(self, work: Work, until: datetime, error: str) -> None: ...

    async def bury(self, work: Work, error: str) -> None: ...

    async def settle(self, work: Work, attempt: Attempt | None = None) -> None:
        """Settle it, and in the same transaction record what becomes of the agent's answer.

        `attempt` is its latest call, if known.
        """
        ...
