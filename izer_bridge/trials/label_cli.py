"""The command `izer-bridge label`; its work is in `label_run`."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    destination,
    load_as_root,
    say,
    settings_from,
    told_errors,
)


class _IdsOrCommand(TyperGroup):
    """Anything but a subcommand labels messages: `label ID…` is `label set ID…`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "--help"):
            args = ["set", *args]
        return super().parse_args(ctx, args)


label = typer.Typer(
    cls=_IdsOrCommand,
    no_args_is_help=True,
    help="What is right of stored messages, by their owner: label ID…, list, remove, export.",
)

Names = Annotated[list[str], typer.Argument(metavar="ID…", help="Row numbers or message ids.")]
Urgency = Annotated[
    str | None, typer.Option(metavar="1–10", help="A score, or a range such as 7-8.")
]
Category = Annotated[
    list[str] | None,
    typer.Option(help="technical, sales, support, complaint, inquiry or general."),
]
Sentiment = Annotated[list[str] | None, typer.Option(help="positive, neutral, negative or urgent.")]
Action = Annotated[
    bool | None, typer.Option("--action/--no-action", help="Must somebody answer or do something?")
]
ResponseTime = Annotated[
    list[str] | None,
    typer.Option("--response-time", help="immediate, 1hour, 4hours or 24hours."),
]


@label.command("set")
def label_set(
    ids: Names,
    urgency: Urgency = None,
    category: Category = None,
    sentiment: Sentiment = None,
    action: Action = None,
    response_time: ResponseTime = None,
    config_file: ConfigFile = None,
) -> None:
    """Record the right answers for messages themselves, not for their senders; `label ID…` works
    too.

    Options not given leave values as labelled before, or else as analysed. Options may be given
    twice where two answers are right.
    """
    from izer_bridge.trials import label_run as command

    with told_errors():
        correction = command.correction(urgency, category, sentiment, action, response_time)
        url = settings_from(config_file).store_url
        for line in asyncio.run(command.put(url, ids, correction)):
            say(line)


@label.command("list")
def label_list(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the labels beside what was analysed."""
    from izer_bridge.console.console import printer
    from izer_bridge.trials import label_run as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(
            command.show(settings.store_url, printer(settings.shop.zone), as_json=json_output)
        )


@label.command("remove")
def label_remove(ids: Names, config_file: ConfigFile = None) -> None:
    """Remove labels."""
    from izer_bridge.trials import label_run as command

    with told_errors():
        url = settings_from(config_file).store_url
        count = asyncio.run(command.remove(url, ids))
        say(f"{count} removed.")


@label.command("export")
def label_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Overwritten if it is there.")],
    config_file: ConfigFile = None,
) -> None:
    """Write the labelled messages as a set for `izer-bridge evaluate`, readable only by you.

    It contains what customers wrote, their names and numbers.
    """
    from izer_bridge.trials import label_run as command

    with told_errors():
        settings = load_as_root(config_file)
        url = settings.store_url
        with destination(settings.state_dir, file, replaces=True) as new:
            count = asyncio.run(command.export(url, new))
        say(f"{count} messages written to {file}")
