"""What `izer-bridge escalations` does: shows customers who wait, and lets one be."""

from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from izer_bridge.console.console import Printer
from izer_bridge.domain.errors import ConfigError
from izer_bridge.escalation.store.admin import EscalationRegister, EscalationRow


async def show(url: str, console: Printer, *, ended_too: bool, as_json: bool) -> None:
    """Print those that are open, or all."""
    async with EscalationRegister(url) as register:
        found = await register.list(ended_too=ended_too)
    if as_json:
        rows = [asdict(one) | {"level": one.level.name.lower()} for one in found]
        console.json(rows)
    elif found:
        console.print(_table(found))
    else:
        console.print("Nobody waits.")


async def close(url: str, row_ids: Sequence[int]) -> int:
    """How many were closed. Raises ConfigError when some are not open, and then closes none."""
    async with EscalationRegister(url) as register:
        known = {one.row_id for one in await register.list()}
        wrong = [str(row_id) for row_id in row_ids if row_id not in known]
        if wrong:
            raise ConfigError(
                f"no open escalation has the id {', '.join(wrong)}; "
                "see: izer-bridge escalations list"
            )
        return len(await register.close(row_ids))


def _table(found: Sequence[EscalationRow]) -> Table:
    table = Table()
    for heading in ("id", "chat", "why", "since (UTC)", "state", "told", "next (UTC)"):
        table.add_column(heading, justify="right" if heading == "id" else "left")
    for one in found:
        told = ", ".join(f"{told.target}: {told.state}" for told in one.told)
        table.add_row(
            str(one.row_id),
            one.chat_name,
            str(one.why),
            f"{one.since:%m-%d %H:%M}",
            str(one.state),
            told or "nobody yet",
            f"{one.next_at:%m-%d %H:%M}" if one.next_at else "",
        )
    return table
