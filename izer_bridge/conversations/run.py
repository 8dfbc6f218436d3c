"""The work of `izer-bridge waiting`: the board's list in a terminal, without anybody's words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from izer_bridge.console.console import Printer
from izer_bridge.console.listing import Column, fixed, number, text
from izer_bridge.conversations.clock import ClockRules
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationStatus,
    ListedConversation,
    StatusCounts,
    TimeLeft,
)
from izer_bridge.conversations.store.desk import conversations_at
from izer_bridge.conversations.told import told

_LEFT = {TimeLeft.BREACHED: "late", TimeLeft.SOON: "soon"}


@dataclass(frozen=True, slots=True)
class AskedList:
    """Without a `status` all that need an answer."""

    status: ConversationStatus | None
    limit: int
    as_json: bool


async def show(url: str, rules: ClockRules, console: Printer, asked: AskedList) -> None:
    """Print it. Raises ConfigError and TransientError."""
    statuses = [asked.status] if asked.status else UNANSWERED
    async with conversations_at(url, rules) as desk:
        page = await desk.page(statuses, limit=asked.limit)
        counts = await desk.counts()
    now = datetime.now(UTC)
    if asked.as_json:
        console.json([told(one, now).model_dump(mode="json") for one in page.conversations])
        return
    if page.conversations:
        rows = [_row(one, console, now) for one in page.conversations]
        console.listing(_columns(), rows)
    elif asked.status is None:
        console.print("Nobody waits.")
    else:
        console.print("There are none.")
    if page.following is not None:
        console.print(f"The first {asked.limit}; more with --limit.")
    console.print(_summary(counts))


def _columns() -> Sequence[Column]:
    return [
        *(number("id"), text("chat"), fixed("since"), fixed("answer by"), fixed("")),
        *(number("urgency"), text("about"), fixed("")),
    ]


def _row(one: ListedConversation, console: Printer, now: datetime) -> Sequence[str]:
    marks = (one.is_vip, "VIP"), (one.is_critical_group, "group"), (one.is_paused, "paused")
    return (
        *(str(one.chat_id), one.name, console.time(one.waiting_since)),
        console.time(one.snoozed_until or one.due_at),
        _LEFT.get(one.time_left(now), ""),
        "" if one.urgency is None else str(one.urgency.score),
        "" if one.urgency is None else one.urgency.category,
        " ".join(word for is_so, word in marks if is_so),
    )


def _summary(counts: StatusCounts) -> str:
    counted = {str(status).replace("_", " "): n for status, n in counts.by_status.items()}
    counted |= {"late": counts.breached, "soon": counts.soon}
    parts = [f"{what}: {count}" for what, count in counted.items() if count]
    return ", ".join(parts) or "No conversation is open."
