"""The interface through which routes decide drafts."""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from izer_bridge.replies.owner_verdict import Decided, OwnerDecision


class OpenDraft(Protocol):
    """A proposed reply, as a dataclass whose fields become the answer's keys."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class DraftDesk(Protocol):
    """Where a person decides drafts. All methods raise TransientError if the store is away."""

    async def open(self) -> Sequence[OpenDraft]: ...

    async def get(self, row_id: int) -> OpenDraft:
        """Raises LookupError if there is none."""
        ...

    async def decide(self, row_id: int, decision: OwnerDecision) -> Decided:
        """Raises LookupError if there is none, ValueError for a text that cannot be sent."""
        ...
