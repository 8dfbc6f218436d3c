"""The command `izer-bridge route`: where a message would go, and why."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, settings_from, told_errors
from izer_bridge.trials.analysers import AnalyserName, openai_analyser


def route(
    message: Annotated[str, typer.Option(metavar="TEXT", help="What the customer writes.")],
    sender: Annotated[
        str | None, typer.Option("--from", metavar="NUMBER", help="Who writes; or a LID.")
    ] = None,
    group: Annotated[
        str | None, typer.Option(metavar="GROUP", help="In which group of the shop's; name or JID.")
    ] = None,
    analyser: Annotated[AnalyserName, typer.Option(help="Who analyses.")] = AnalyserName.LOCAL,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show where a message would go now, and why; nothing is stored or sent to agents."""
    from izer_bridge.console.console import printer
    from izer_bridge.trials import evaluate
    from izer_bridge.trials import route_run as command

    with told_errors():
        settings = settings_from(config_file)
        is_local = analyser is AnalyserName.LOCAL
        asked = command.Question.of(message, sender, group)
        chosen = evaluate.Local() if is_local else openai_analyser(config_file)
        asyncio.run(
            command.run(settings, asked, chosen, printer(settings.shop.zone), as_json=json_output)
        )
