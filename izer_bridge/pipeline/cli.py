"""The commands `izer-bridge dlq` and `gaps`: what could not be processed, and what is missing."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    SomeRowIds,
    say,
    settings_from,
    told_errors,
)

dlq = typer.Typer(
    no_args_is_help=True,
    help="Messages that no agent took, events that could not be recorded: list, retry, drop.",
)
_Ids = Annotated[
    list[str] | None, typer.Argument(metavar="ID…", help="12 is a message, e12 an event.")
]
gaps = typer.Typer(help="Messages that WhatsApp had for the shop and that are missing.")


@dlq.command("list")
def dlq_list(
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show them and why they are here."""
    from izer_bridge.console.console import printer
    from izer_bridge.pipeline import dlq as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(command.show(settings, printer(settings.shop.zone), as_json=json_output))


@dlq.command("retry")
def dlq_retry(
    ids: _Ids = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    config_file: ConfigFile = None,
) -> None:
    """Work them again from the start; a running bridge picks them up by itself."""
    from izer_bridge.pipeline import dlq as command

    if bool(ids) == everything:
        raise typer.BadParameter("give ids, or --all")
    with told_errors():
        chosen = command.Chosen.of(ids) if ids else None
        count = asyncio.run(command.retry(settings_from(config_file), chosen))
    say(f"{count} will be worked again.")


@dlq.command("drop")
def dlq_drop(ids: _Ids = None, config_file: ConfigFile = None) -> None:
    """Give them up: messages stay recorded as skipped; events are deleted."""
    from izer_bridge.pipeline import dlq as command

    if not ids:
        raise typer.BadParameter("give the ids")
    with told_errors():
        chosen = command.Chosen.of(ids)
        count = asyncio.run(command.drop(settings_from(config_file), chosen))
    say(f"{count} dropped.")


@gaps.callback(invoke_without_command=True)
def gaps_list(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show missing messages; a gap closes by itself when its message turns up."""
    if context.invoked_subcommand is not None:
        return
    from izer_bridge.console.console import printer
    from izer_bridge.pipeline import gaps_cli as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(
            command.show(
                settings.store_url,
                printer(settings.shop.zone),
                closed_too=everything,
                as_json=json_output,
            )
        )


@gaps.command("close")
def gaps_close(ids: SomeRowIds = None, config_file: ConfigFile = None) -> None:
    """Mark gaps as dealt with, for example after asking the customer."""
    from izer_bridge.pipeline import gaps_cli as command

    if not ids:
        raise typer.BadParameter("give the ids")
    with told_errors():
        url = settings_from(config_file).store_url
        count = asyncio.run(command.close(url, ids))
    say(f"{count} closed.")
