"""The commands `izer-bridge evaluate`, `replay` and `explain`: trials, with nothing stored."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge import config
from izer_bridge.console import times
from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    Since,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.trials.analysers import AnalyserName, openai_analyser

if TYPE_CHECKING:
    from izer_bridge.analysis.ports import Analyser


class MeasuredName(StrEnum):
    LOCAL = "local"
    OPENAI = "openai"
    STORED = "stored"


def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled messages, JSON lines.")],
    analyser: Annotated[MeasuredName, typer.Option(help="Who is measured.")] = MeasuredName.LOCAL,
    json_output: AsJson = False,
    min_overall: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Exit with 1 below this score.")
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """Measure an analyser on a labelled set; nothing is stored or sent to agents.

    `stored`: the analyses that the store has for the messages' ids. If OpenAI is away or limits the
    rate, the command waits for a minute, then ends with exit code 75; a refused key or model is 78.
    """
    from izer_bridge.trials import evaluate as command

    with told_errors():
        messages = command.read_set(file)
        settings = config.load(config_file)
        price = settings.openai.price
        if analyser is MeasuredName.STORED:
            url = settings_from(config_file).store_url
            running = command.run_stored(messages, url, price, json_output=json_output)
        else:
            is_local = analyser is MeasuredName.LOCAL
            measured: Analyser = command.Local() if is_local else openai_analyser(config_file)
            running = command.run(messages, measured, price, json_output=json_output)
        overall = asyncio.run(running)
    if min_overall is not None and overall < min_overall:
        say(f"izer-bridge: {overall} % is below the {min_overall} % asked for", err=True)
        raise typer.Exit(1)


def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Row numbers or message ids.")
    ] = None,
    since: Since = None,
    unread: Annotated[
        bool, typer.Option("--unread", help="Read again what no version before could read.")
    ] = False,
    analyser: Annotated[AnalyserName, typer.Option(help="Who analyses.")] = AnalyserName.LOCAL,
    model: Annotated[str | None, typer.Option(help="Another model of OpenAI's.")] = None,
    prompt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Other instructions for the model.")
    ] = None,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show how stored messages would be judged now; nothing is sent to agents.

    Nothing is stored either, except with --unread: messages that this version can read are filled
    in.
    """
    from izer_bridge.console.console import printer
    from izer_bridge.trials import evaluate
    from izer_bridge.trials import replay as command

    if bool(ids) + (since is not None) + unread != 1:
        raise typer.BadParameter("give ids, or --since, or --unread")
    if analyser is AnalyserName.LOCAL and (model or prompt):
        raise typer.BadParameter("--model and --prompt go with --analyser openai")
    if unread:
        _read_again(config_file, json_output=json_output)
        return
    from izer_bridge.agents.rules import rules_of

    with told_errors():
        settings = config.load(config_file)
        is_local = analyser is AnalyserName.LOCAL
        tried = command.Replay(
            evaluate.Local() if is_local else openai_analyser(config_file, model, prompt),
            rules_of(settings.routing),
            settings.agent_names,
            settings.shop.zone,
            settings.openai.price_of(model or settings.openai.model),
        )
        # Only now: the operator, not the service's user, owns the analyser's key and instructions.
        settings = settings_from(config_file)
        begin = times.typed("--since", since, settings.shop.zone, datetime.now(UTC))
        asyncio.run(
            command.run(
                settings.store_url,
                ids or (),
                begin,
                tried,
                printer(settings.shop.zone),
                as_json=json_output,
            )
        )


def _read_again(config_file: Path | None, *, json_output: bool) -> None:
    from izer_bridge.console.console import printer
    from izer_bridge.pipeline import replay_unread

    with told_errors():
        settings = settings_from(config_file)
        zone = settings.shop.zone
        asyncio.run(
            replay_unread.run(
                settings.store_url, zone, printer(settings.shop.zone), as_json=json_output
            )
        )


def explain(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Row numbers or message ids.")],
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show how stored analyses came about: by whom, from which words, raised by which rule."""
    from izer_bridge.console.console import printer
    from izer_bridge.trials import explain as command

    with told_errors():
        settings = settings_from(config_file)
        asyncio.run(
            command.show(settings.store_url, ids, printer(settings.shop.zone), as_json=json_output)
        )
