"""The command `izer-bridge waiting`; its work is in `run`."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, settings_from, told_errors
from izer_bridge.conversations.conversation import ConversationStatus

_MOST = 1_000

OfStatus = Annotated[
    ConversationStatus | None,
    typer.Option("--status", help="Of this status, instead of all that need an answer."),
]
Most = Annotated[int, typer.Option("-n", "--limit", min=1, max=_MOST, help="How many at most.")]


def waiting(
    status: OfStatus = None,
    limit: Most = 50,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show who waits for an answer, since when and how long still; what the board shows."""
    from izer_bridge.console.console import printer
    from izer_bridge.conversations import run as command
    from izer_bridge.conversations.wiring import clock_rules

    with told_errors():
        settings = settings_from(config_file)
        asked = command.AskedList(status, limit, as_json=json_output)
        console = printer(settings.shop.zone)
        asyncio.run(command.show(settings.store_url, clock_rules(settings), console, asked))
