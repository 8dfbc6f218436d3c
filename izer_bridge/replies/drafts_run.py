"""The work of `izer-bridge drafts`: shows waiting drafts, and carries out a person's verdict."""

from collections.abc import Sequence
from dataclasses import asdict

from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.replies.draft_desk import DraftRow
from izer_bridge.replies.owner_verdict import DecisionOutcome, OwnerDecision, OwnerVerdict
from izer_bridge.replies.store.drafts import SqlDrafts, drafts_at

_BY = "command line"


async def show_open(url: str, console: Printer, *, as_json: bool) -> None:
    """Print the drafts that wait."""
    async with drafts_at(url) as drafts:
        found = await drafts.open()
    if as_json:
        console.json([asdict(one) for one in found])
    elif found:
        _print(found, console)
    else:
        console.print("No draft waits.")


async def show(url: str, row_id: int, console: Printer, *, as_json: bool) -> None:
    """Print one draft. Raises UsageError if there is none."""
    async with drafts_at(url) as drafts:
        found = await _get(drafts, row_id)
    if as_json:
        console.json(asdict(found))
        return
    confidence = "" if found.confidence is None else f" ({found.confidence:.2f})"
    console.print(f"draft {found.id}: {found.state}, of {found.agent}{confidence}")
    console.field("chat", found.chat_name)
    console.field("why", found.reason)
    if found.error:
        console.field("note", found.error)
    if found.decided_by:
        console.print(f"decided by: {found.decided_by}, {console.time(found.decided_at)}")
    console.field("asked", found.asked)
    console.field("proposed", found.text)
    if found.corrected is not None:
        console.field("corrected", found.corrected)


async def approve(url: str, row_ids: Sequence[int]) -> list[tuple[str, bool]]:
    """The result for each, and whether it is now as intended. Raises UsageError."""
    return await _decide_all(url, row_ids, OwnerDecision(OwnerVerdict.APPROVE, _BY))


async def refuse(url: str, row_ids: Sequence[int]) -> list[tuple[str, bool]]:
    """As `approve`."""
    return await _decide_all(url, row_ids, OwnerDecision(OwnerVerdict.REFUSE, _BY))


async def edit(url: str, row_id: int, text: str) -> list[tuple[str, bool]]:
    """As `approve`."""
    return await _decide_all(url, [row_id], OwnerDecision(OwnerVerdict.CORRECT, _BY, text))


async def _decide_all(
    url: str, row_ids: Sequence[int], decision: OwnerDecision
) -> list[tuple[str, bool]]:
    async with drafts_at(url) as drafts:
        # A wrong id must not leave half of them decided.
        for row_id in row_ids:
            await _get(drafts, row_id)
        return [await _decide(drafts, row_id, decision) for row_id in row_ids]


async def _decide(drafts: SqlDrafts, row_id: int, decision: OwnerDecision) -> tuple[str, bool]:
    try:
        decided = await drafts.decide(row_id, decision)
    except ValueError as error:
        return f"draft {row_id}: {error}", False
    match decided.outcome:
        case DecisionOutcome.DONE:
            return f"draft {row_id} is {decided.state}", True
        case DecisionOutcome.ALREADY:
            return f"draft {row_id} was {decided.state} already", True
        case DecisionOutcome.OTHERWISE:
            return f"draft {row_id} is {decided.state}; nothing was changed", False


async def _get(drafts: SqlDrafts, row_id: int) -> DraftRow:
    try:
        return await drafts.get(row_id)
    except LookupError as error:
        raise UsageError(f"{error}; see: izer-bridge drafts list") from None


def _print(found: Sequence[DraftRow], console: Printer) -> None:
    columns = [number("id"), fixed("since"), text("chat"), text("asked"), text("proposed")]
    console.listing(
        [*columns, fixed("agent", from_width=110)],
        [
            (
                str(one.id),
                console.time(one.created_at),
                one.chat_name,
                one.asked,
                one.text,
                one.agent,
            )
            for one in found
        ],
    )
