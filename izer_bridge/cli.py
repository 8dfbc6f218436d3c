"""The command line: which commands there are. What is typed is read in each command's room."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from izer_bridge import __version__
from izer_bridge.console.options import Root

_HELP = "Links a shop's WhatsApp number, records and analyses every message, calls the agents."
# Each with its module, and its name there if that differs. Only the typed command is loaded:
# loading all takes a second.
COMMANDS = {
    "run": "izer_bridge.run_cli",
    "worker": "izer_bridge.run_cli",
    "agents": "izer_bridge.run_cli",
    "mcp": "izer_bridge.mcp.cli",
    "link": "izer_bridge.whatsapp.cli",
    "status": "izer_bridge.conditions.status",
    "report": "izer_bridge.reports.report_cli",
    "stats": "izer_bridge.reports.cli",
    "doctor": "izer_bridge.doctor.cli",
    "tail": "izer_bridge.pipeline.messages_cli",
    "search": "izer_bridge.search.cli",
    "export": "izer_bridge.search.cli",
    "route": "izer_bridge.trials.route_cli",
    "explain": "izer_bridge.trials.cli",
    "forget": "izer_bridge.upkeep.forget",
    "import-legacy": "izer_bridge.upkeep.legacy.cli:import_legacy",
    "evaluate": "izer_bridge.trials.cli",
    "verify": "izer_bridge.upkeep.verify",
    "replay": "izer_bridge.trials.cli",
    "backup": "izer_bridge.upkeep.backup",
    "restore": "izer_bridge.upkeep.restore",
    "config": "izer_bridge.doctor.config_cli:settings",
    "dlq": "izer_bridge.pipeline.cli",
    "vip": "izer_bridge.people.cli",
    "group": "izer_bridge.people.cli",
    "staff": "izer_bridge.staff.cli",
    "login": "izer_bridge.staff.cli",
    "label": "izer_bridge.trials.label_cli",
    "drafts": "izer_bridge.replies.drafts_cli",
    "outbox": "izer_bridge.replies.outbox_cli",
    "chat": "izer_bridge.replies.chat",
    "waiting": "izer_bridge.conversations.cli",
    "escalations": "izer_bridge.escalation.cli",
    "events": "izer_bridge.events.cli",
    "retention": "izer_bridge.upkeep.retention",
    "gaps": "izer_bridge.pipeline.cli",
}


def app_of(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The program with these commands."""
    app = typer.Typer(
        cls=Root,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=_HELP,
    )
    app.callback(invoke_without_command=True)(root)
    for name in names:
        module, _, called = COMMANDS[name].partition(":")
        command = getattr(import_module(module), called or name)
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
