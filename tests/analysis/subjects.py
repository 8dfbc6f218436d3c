"""Builds subjects for the analysis tests; it does not know what they mean."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from izer_bridge.domain.message import HistoryEntry, Subject

NOW = datetime(2025, 3, 3, 9, 30, tzinfo=UTC)


def subject(
    text: str,
    *history: HistoryEntry,
    chat_name: str = "Ayşe",
    is_group: bool = False,
    sent_at: datetime = NOW,
) -> Subject:
    """A direct message of 3 March 2025, a Monday, unless told otherwise."""
    return Subject(
        message_id="3EB0",
        text=text,
        sent_at=sent_at,
        chat_name=chat_name,
        phone_number="+905551112233",
        is_group=is_group,
        is_vip=False,
        is_critical_group=False,
        history=tuple(history),
    )


def entry(text: str, hours_ago: float = 1, *, from_shop: bool = False) -> HistoryEntry:
    return HistoryEntry(
        sender="İzer Bisiklet" if from_shop else "Ayşe",
        content=text,
        sent_at=NOW - timedelta(hours=hours_ago),
        kind="text",
        from_me=from_shop,
    )


def chat(lines: Sequence[str]) -> tuple[HistoryEntry, ...]:
    """Entries an hour apart, oldest first; a line that begins with `> ` is the shop's."""
    return tuple(
        entry(line.removeprefix("> "), len(lines) - place, from_shop=line.startswith("> "))
        for place, line in enumerate(lines)
    )
