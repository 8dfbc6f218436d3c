"""`izer-bridge gaps`: messages that WhatsApp had for the shop and that are missing."""

from collections.abc import Sequence
from dataclasses import asdict

from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.pipeline.store.gaps import GapRow, Gaps


async def show(url: str, console: Printer, *, closed_too: bool, as_json: bool) -> None:
    """Print the open gaps, or all."""
    async with Gaps(url) as gaps:
        found = await gaps.list(closed_too=closed_too)
    if as_json:
        console.json([asdict(one) for one in found])
    elif found:
        _print(found, console)
    else:
        console.print("Nothing is missing.")


async def close(url: str, row_ids: Sequence[int]) -> int:
    """Mark these gaps as dealt with. Raises UsageError if some are not open."""
    async with Gaps(url) as gaps:
        known = {one.row_id for one in await gaps.list()}
        wrong = [str(row_id) for row_id in row_ids if row_id not in known]
        if wrong:
            raise UsageError(f"no open gap has the id {', '.join(wrong)}; see: izer-bridge gaps")
        return await gaps.close(row_ids)


def _print(found: Sequence[GapRow], console: Printer) -> None:
    columns = [number("id"), text("chat"), text("sender"), text("why"), fixed("noticed")]
    columns += [fixed("closed")] if any(one.closed_at for one in found) else []
    console.listing(
        [*columns, fixed("message", from_width=120)],
        [
            (
                *(str(one.row_id), one.chat_name, one.sender_name),
                *(": ".join(filter(None, (one.reason, one.detail))), console.time(one.noticed_at)),
                *((console.time(one.closed_at),) if len(columns) > 5 else ()),
                one.message_id,
            )
            for one in found
        ],
    )
