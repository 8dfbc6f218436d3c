"""`izer-bridge gaps`: messages that WhatsApp had for the shop and that are missing."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from izer_bridge.console.console import Printer
from izer_bridge.domain.errors import ConfigError
from izer_bridge.pipeline.store.gaps import GapRow, Gaps


async def show(url: str, console: Printer, *, closed_too: bool, as_json: bool) -> None:
    """Print the open gaps, or all."""
    async with Gaps(url) as gaps:
        found = await gaps.list(closed_too=closed_too)
    if as_json:
        console.json([asdict(one) for one in found])
    elif found:
        console.print(_table(found))
    else:
        console.print("Nothing is missing.")


async def close(url: str, row_ids: Sequence[int]) -> int:
    """Mark these gaps as dealt with. Raises ConfigError if some are not open."""
    async with Gaps(url) as gaps:
        known = {one.row_id for one in await gaps.list()}
        wrong = [str(row_id) for row_id in row_ids if row_id not in known]
        if wrong:
            raise ConfigError(f"no open gap has the id {', '.join(wrong)}; see: izer-bridge gaps")
        return await gaps.close(row_ids)


def _table(found: Sequence[GapRow]) -> Table:
    table = Table()
    for heading in ("id", "message", "chat", "sender", "why", "noticed (UTC)", "closed (UTC)"):
        table.add_column(heading, justify="right" if heading == "id" else "left")
    for one in found:
        table.add_row(
            str(one.row_id),
            one.message_id,
            one.chat,
            one.sender,
            f"{one.reason} {one.detail}".rstrip(),
            f"{one.noticed_at:%Y-%m-%d %H:%M}",
            f"{one.closed_at:%Y-%m-%d %H:%M}" if one.closed_at else "",
        )
    return table
