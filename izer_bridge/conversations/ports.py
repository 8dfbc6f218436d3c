"""What pages and routes ask of conversations."""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationPage,
    ConversationStatus,
    Decider,
    ListedConversation,
    ListKey,
    StatusCounts,
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What came of a decision: whether it changed anything, and how the conversation stands now.

    If it changed nothing, `first` says who decided before; without one, the customer has written
    since the decider looked.
    """

    is_changed: bool
    conversation: ListedConversation
    first: Decider | None = None


class ConversationDesk(Protocol):
    """Where a person sees and decides conversations. All raise TransientError without a store.

    Decisions raise LookupError for an unknown chat. `seen` is the `version` that the decider has
    seen; if the conversation has moved on since, nothing is changed. `by` names the decider.
    """

    async def page(
        self,
        statuses: Collection[ConversationStatus] = UNANSWERED,
        after: ListKey | None = None,
        limit: int = 50,
    ) -> ConversationPage:
        """Those that need a person by time left, snoozed ones by waking, the rest latest first.

        Raises ValueError for statuses that have no common order.
        """
        ...

    async def counts(self) -> StatusCounts: ...

    async def get(self, chat_id: int) -> ListedConversation:
        """Raises LookupError if there is none."""
        ...

    async def some(self, chat_ids: Collection[int]) -> Sequence[ListedConversation]:
        """Those of them that there are."""
        ...

    async def done(self, chat_id: int, by: str, seen: str | None = None) -> Ruling:
        """Stops the clock, ends the escalation, and drops the draft."""
        ...

    async def reopen(self, chat_id: int, by: str, seen: str | None = None) -> Ruling: ...

    async def snooze(
        self, chat_id: int, until: datetime, by: str, seen: str | None = None
    ) -> Ruling:
        """Raises ValueError for a moment that is past or more than a year ahead."""
        ...

    async def wake(self, chat_id: int, by: str, seen: str | None = None) -> Ruling:
        """End a snooze."""
        ...

    async def pause(self, chat_id: int, until: datetime | None, by: str) -> Ruling:
        """The bridge answers nobody there until then, or until `resume`; drops what waits there.

        Raises ValueError for a moment that is past or more than a year ahead.
        """
        ...

    async def resume(self, chat_id: int, by: str) -> Ruling: ...


@dataclass(frozen=True, slots=True)
class BoardChange:
    """What has changed since a listener last heard: these conversations, and all counts.

    `is_partial`: more has changed than is told; read the lists anew.
    """

    conversations: Sequence[ListedConversation]
    counts: StatusCounts
    is_partial: bool = False


class ConversationChanges(Protocol):
    """Tells many listeners of changes, read once for all of them."""

    def listen(self) -> AsyncIterator[BoardChange]:
        """What changes from now on, until the iteration ends; a slow listener gets it merged."""
        ...
