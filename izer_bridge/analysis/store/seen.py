"""What an analysis saw of its chat, as the column `context` keeps it; pure."""

from collections.abc import Sequence
from typing import Any

from izer_bridge.domain.message import HistoryEntry


def as_kept(history: Sequence[HistoryEntry]) -> list[Any] | None:
    """For the column `context`; None where none of it is of the store's own rows."""
    own = [entry for entry in history if entry.row_id]
    return [
        entry.row_id if entry.is_as_recorded else [entry.row_id, entry.content] for entry in own
    ] or None


def rows_and_words(kept: Sequence[Any]) -> list[tuple[int, str | None]]:
    """What `as_kept` made: of each its row, and its words where they are kept."""
    return [(one[0], one[1]) if isinstance(one, list) else (one, None) for one in kept]
