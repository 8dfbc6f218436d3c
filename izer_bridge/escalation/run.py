"""The work of `izer-bridge escalations`: shows waiting customers, and closes escalations."""

from collections.abc import Sequence
from dataclasses import asdict

from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.escalation.store.admin import EscalationRegister, EscalationRow


async def show(url: str, console: Printer, *, ended_too: bool, as_json: bool) -> None:
    """Print those that are open, or all."""
    async with EscalationRegister(url) as register:
        found = await register.list(ended_too=ended_too)
    if as_json:
        rows = [asdict(one) | {"level": one.level.name.lower()} for one in found]
        console.json(rows)
    elif found:
        _print(found, console)
    else:
        console.print("Nobody waits.")


async def close(url: str, row_ids: Sequence[int]) -> int:
    """How many were closed. Raises UsageError if some are not open, and then closes none."""
    async with EscalationRegister(url) as register:
        known = {one.row_id for one in await register.list()}
        wrong = [str(row_id) for row_id in row_ids if row_id not in known]
        if wrong:
            raise UsageError(
                f"no open escalation has the id {', '.join(wrong)}; "
                "see: izer-bridge escalations list"
            )
        return len(await register.close(row_ids))


def _print(found: Sequence[EscalationRow], console: Printer) -> None:
    columns = [number("id"), text("chat"), fixed("why"), fixed("since"), fixed("state")]
    columns += [text("told"), fixed("next")]
    console.listing(
        columns,
        [
            (
                *(str(one.row_id), one.chat_name, str(one.why), console.time(one.since)),
                str(one.state),
                ", ".join(f"{told.target}: {told.state}" for told in one.told) or "nobody yet",
                console.time(one.next_at),
            )
            for one in found
        ],
    )
