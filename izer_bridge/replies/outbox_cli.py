"""`izer-bridge outbox`: messages that wait or may have been sent, and resuming after a limit."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, RowIds, say, settings_from, told_errors
from izer_bridge.domain.errors import UsageError

if TYPE_CHECKING:
    from izer_bridge.console.console import Printer
    from izer_bridge.replies.store.pauses import OutboxRow

outbox = typer.Typer(
    no_args_is_help=True, help="What the bridge sends on WhatsApp: list, drop, resume."
)
_BY = "command line"


@outbox.command("list")
def outbox_list(
    everything: Annotated[bool, typer.Option("--all", help="Ended ones, too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show what waits, is on its way, or may have been sent, without its text."""
    from izer_bridge.console.console import printer
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def read() -> Sequence["OutboxRow"]:
        async with PausesAdmin(url) as pauses:
            return await pauses.rows(all_states=everything, limit=limit)

    with told_errors():
        settings = settings_from(config_file)
        url = settings.store_url
        found = asyncio.run(read())
    console = printer(settings.shop.zone)
    if json_output:
        console.json([asdict(one) for one in found])
    elif found:
        _print(found, console)
    else:
        console.print("Nothing waits, and nothing is uncertain.")


@outbox.command("drop")
def outbox_drop(ids: RowIds, config_file: ConfigFile = None) -> None:
    """Give up waiting messages; mark uncertain ones as dealt with."""
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def drop() -> Sequence[int]:
        async with PausesAdmin(url) as pauses:
            return await pauses.drop(ids, _BY)

    with told_errors():
        url = settings_from(config_file).store_url
        wrong = asyncio.run(drop())
        if wrong:
            raise UsageError(
                f"nothing that can be dropped has the id {', '.join(map(str, wrong))}; "
                "see: izer-bridge outbox list"
            )
    say(f"{len(ids)} dropped.")


@outbox.command("resume")
def outbox_resume(config_file: ConfigFile = None) -> None:
    """Send again after WhatsApp has limited or banned the account."""
    from izer_bridge.replies.store.pauses import PausesAdmin

    async def close() -> int:
        async with PausesAdmin(url) as pauses:
            return await pauses.close_breakers(_BY)

    with told_errors():
        url = settings_from(config_file).store_url
        count = asyncio.run(close())
    typer.echo("Sending goes on." if count else "Sending was not stopped.")


def _print(found: Sequence["OutboxRow"], console: "Printer") -> None:
    from izer_bridge.console.listing import fixed, number, text

    columns = [number("id"), fixed("kind"), fixed("state"), text("chat"), fixed("since")]
    columns += [fixed("sent"), text("why"), fixed("agent", from_width=110)]
    console.listing(
        columns,
        [
            (
                *(str(one.row_id), one.kind, _state(one), one.chat_name or one.chat),
                *(console.time(one.created_at), console.time(one.sending_at)),
                *(one.error or one.reason or "", one.agent or ""),
            )
            for one in found
        ],
    )


def _state(one: "OutboxRow") -> str:
    """Its state on the customer's phone says more than that it was sent."""
    return "read" if one.read_at else "delivered" if one.delivered_at else one.state
