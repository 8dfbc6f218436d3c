"""What the pipeline needs of the outside, as Protocols; it refuses to know who provides it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from izer_bridge.domain.gap import Gap
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Message
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.domain.work import AnalysisRecord, Attempt, MessageProgress, Work, Worked
from izer_bridge.media.decide import MediaState
from izer_bridge.media.ports import KeptFile


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

    async def outcome(self, row_id: int) -> MessageProgress: ...

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
