"""What an analysis saw of its chat, as the column `context` stores it; pure."""

from collections.abc import Sequence
from typing import Any

from izer_bridge.domain.message import HistoryEntry


def as_kept(history: Sequence[HistoryEntry]) -> list[Any] | None:
    """For the column `context`; None if none of it comes from the store's own rows."""
    own = [entry for entry in history if entry.row_id]
    return [
        entry.row_id if entry.is_as_recorded else [entry.row_id, entry.content] for entry in own
    ] or None


def rows_and_words(kept: Sequence[Any]) -> list[tuple[int, str | None]]:
    """Reads the result of `as_kept`: each row, and its words if they are stored."""
    return [(one[0], one[1]) if isinstance(one, list) else (one, None) for one in kept]
