"""The command `izer-bridge drafts`; its work is in `drafts_run`."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    RowId,
    RowIds,
    json_text,
    say,
    settings_from,
    told_errors,
)

drafts = typer.Typer(
    no_args_is_help=True,
    help="Replies that wait for a person, also while the bridge runs: list, approve, edit, refuse.",
)

Text = Annotated[str, typer.Argument(help="What is sent instead of the proposal.")]


@drafts.command("list")
def drafts_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the drafts that wait, each with the customer's message and the proposal."""
    from izer_bridge.console.console import printer
    from izer_bridge.replies import drafts_run as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(
            command.show_open(settings.store_url, printer(settings.shop.zone), as_json=json_output)
        )


@drafts.command("show")
def drafts_show(row_id: RowId, json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show one whole draft, even a closed one."""
    from izer_bridge.console.console import printer
    from izer_bridge.replies import drafts_run as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(
            command.show(
                settings.store_url, row_id, printer(settings.shop.zone), as_json=json_output
            )
        )


@drafts.command("approve")
def drafts_approve(
    row_ids: RowIds, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Send these as proposed; a running bridge sends them at once."""
    from izer_bridge.replies import drafts_run as command

    with told_errors():
        url = settings_from(config_file).store_url
        _tell(row_ids, asyncio.run(command.approve(url, row_ids)), json_output)


@drafts.command("edit")
def drafts_edit(
    row_id: RowId, text: Text, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Send this one with another text."""
    from izer_bridge.replies import drafts_run as command

    with told_errors():
        url = settings_from(config_file).store_url
        _tell([row_id], asyncio.run(command.edit(url, row_id, text)), json_output)


@drafts.command("refuse")
def drafts_refuse(
    row_ids: RowIds, json_output: AsJson = False, config_file: ConfigFile = None
) -> None:
    """Do not send these."""
    from izer_bridge.replies import drafts_run as command

    with told_errors():
        url = settings_from(config_file).store_url
        _tell(row_ids, asyncio.run(command.refuse(url, row_ids)), json_output)


def _tell(row_ids: list[int], told: list[tuple[str, bool]], as_json: bool) -> None:
    """One line per draft; exit code 1 if one was not decided as intended."""
    if as_json:
        pairs = zip(row_ids, told, strict=True)
        rows = [{"id": one, "said": said, "done": is_done} for one, (said, is_done) in pairs]
        typer.echo(json_text(rows, indent=2))
    else:
        for line, is_done in told:
            say(line, err=not is_done)
    if not all(is_done for _, is_done in told):
        raise typer.Exit(1)
