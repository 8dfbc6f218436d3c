"""The command line: which commands there are. What is typed is read in `commands/`."""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from izer_bridge import __version__
from izer_bridge.commands.typed import Root

_HELP = "Links a shop's WhatsApp number, records and analyses every message, calls the agents."
# Each with its module in `commands/`, and what it is called there where that differs. Whoever types
# one need not load all: that takes a second.
COMMANDS = {
    "run": "work",
    "worker": "work",
    "agents": "work",
    "link": "link",
    "status": "status",
    "stats": "status",
    "doctor": "doctor",
    "tail": "messages",
    "search": "messages",
    "export": "messages",
    "route": "route",
    "explain": "trials",
    "forget": "forget",
    "import-legacy": "importing:import_legacy",
    "evaluate": "trials",
    "verify": "ledger",
    "replay": "trials",
    "backup": "backup",
    "restore": "restore",
    "config": "settings:settings",
    "dlq": "ledger",
    "vip": "vip",
    "group": "vip",
    "label": "label",
    "drafts": "drafts",
    "outbox": "outbox",
    "chat": "chat",
    "escalations": "escalations",
    "events": "events",
    "retention": "retention",
    "gaps": "ledger",
}


def app_of(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with these commands."""
    app = typer.Typer(
        cls=Root,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=_HELP,
    )
    app.callback(invoke_without_command=True)(root)
    for name in names:
        module, _, called = COMMANDS[name].partition(":")
        command = getattr(import_module(f"izer_bridge.commands.{module}"), called or name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    return app


def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        typer.echo(f"izer-bridge {__version__}")
        raise typer.Exit


def main(arguments: list[str] | None = None) -> None:
    words = sys.argv[1:] if arguments is None else arguments
    typed = [word for word in words[:1] if word in COMMANDS]
    app_of(typed or COMMANDS)(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
