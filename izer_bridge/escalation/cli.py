"""The command `izer-bridge escalations`; its work is in `run`."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, RowIds, say, settings_from, told_errors

escalations = typer.Typer(
    no_args_is_help=True,
    help="Customers who wait for a person's answer, also while the bridge runs: list, close.",
)

All = Annotated[bool, typer.Option("--all", help="Those that have ended, too.")]


@escalations.command("list")
def escalations_list(
    everything: All = False, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Show who waits, since when, and who was notified."""
    from izer_bridge.console.console import printer
    from izer_bridge.escalation import run as command

    with told_errors():
        settings = settings_from(config_file)
        console = printer(settings.shop.zone)
        asyncio.run(
            command.show(settings.store_url, console, ended_too=everything, as_json=json_output)
        )


@escalations.command("close")
def escalations_close(row_ids: RowIds, config_file: ConfigFile = None) -> None:
    """Stop notifying about these: they were answered in another way."""
    from izer_bridge.escalation import run as command

    with told_errors():
        closed = asyncio.run(command.close(settings_from(config_file).store_url, row_ids))
        say(f"{closed} closed.")
