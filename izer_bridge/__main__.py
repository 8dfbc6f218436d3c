"""The command line: what the operator types, and the exit code that the service manager reads."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from izer_bridge import __version__, config, logs
from izer_bridge.commands.backup import backup
from izer_bridge.commands.restore import restore
from izer_bridge.commands.typed import EXIT_CONFIG, EXIT_TRY_AGAIN, AsJson, ConfigFile, told_errors
from izer_bridge.commands.vip import group, vip
from izer_bridge.model.errors import ConfigError, TransientError

if TYPE_CHECKING:
    from izer_bridge.pipeline.ports import Analyser

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Links a shop's WhatsApp number, records and analyses every message, calls the agents.",
)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    if version:
        typer.echo(f"izer-bridge {__version__}")
        raise typer.Exit


@app.command()
def run(config_file: ConfigFile = None) -> None:
    """Link to WhatsApp and work until SIGINT or SIGTERM."""
    with told_errors():
        settings = config.load(config_file)
        key = config.openai_key()
        logs.configure(settings.log.level)
        # Importing the client takes half a second and needs libmagic; only this command pays.
        from izer_bridge import daemon

        asyncio.run(_leave_with(daemon.run(settings, key)))


@app.command()
def worker(config_file: ConfigFile = None) -> None:
    """Work messages that a bridge records into a MySQL store, beside it; links to nothing."""
    from izer_bridge.commands import worker as command

    with told_errors():
        settings = config.load(config_file)
        key = config.openai_key()
        logs.configure(settings.log.level)
        asyncio.run(_leave_with(command.run(settings, key)))


class AnalyserName(StrEnum):
    LOCAL = "local"
    OPENAI = "openai"


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Labelled messages, JSON lines.")],
    analyser: Annotated[AnalyserName, typer.Option(help="Who is measured.")] = AnalyserName.LOCAL,
    json_output: AsJson = False,
    min_overall: Annotated[
        float | None, typer.Option(metavar="PERCENT", help="Exit with 1 below this score.")
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """Measure an analyser on a labelled set; nothing is stored or sent to agents."""
    from izer_bridge.commands import evaluate as command

    with told_errors():
        messages = command.read_set(file)
        measured: Analyser = command.Local()
        price = None
        if analyser is AnalyserName.OPENAI:
            measured, price = _openai(config_file), config.load(config_file).openai.price
        overall = asyncio.run(command.run(messages, measured, price, json_output=json_output))
    if min_overall is not None and overall < min_overall:
        typer.echo(f"izer-bridge: {overall} % is below the {min_overall} % asked for", err=True)
        raise typer.Exit(1)


dlq = typer.Typer(no_args_is_help=True, help="Messages that no agent took: list, retry, drop.")
app.add_typer(dlq, name="dlq")
RowIds = Annotated[list[int] | None, typer.Argument(metavar="ID…", help="As the list shows them.")]


@dlq.command("list")
def dlq_list(
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show the dead letters and why they died."""
    from rich.console import Console

    from izer_bridge.commands import dlq as command

    with told_errors():
        url = config.load(config_file).store_url
        asyncio.run(command.show(url, Console(), as_json=json_output))


@dlq.command("retry")
def dlq_retry(
    ids: RowIds = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    config_file: ConfigFile = None,
) -> None:
    """Work them again from the start; a running bridge takes them up by itself."""
    from izer_bridge.commands import dlq as command

    if bool(ids) == everything:
        raise typer.BadParameter("give ids, or --all")
    with told_errors():
        url = config.load(config_file).store_url
        count = asyncio.run(command.retry(url, None if everything else ids))
    typer.echo(f"{count} will be worked again.")


@dlq.command("drop")
def dlq_drop(ids: RowIds = None, config_file: ConfigFile = None) -> None:
    """Give them up; they stay recorded, as skipped."""
    from izer_bridge.commands import dlq as command

    if not ids:
        raise typer.BadParameter("give the ids")
    with told_errors():
        url = config.load(config_file).store_url
        count = asyncio.run(command.drop(url, ids))
    typer.echo(f"{count} dropped.")


app.command()(backup)
app.command()(restore)
app.add_typer(vip, name="vip")
app.add_typer(group, name="group")


gaps = typer.Typer(help="Messages that WhatsApp had for the shop and that are missing.")
app.add_typer(gaps, name="gaps")


@gaps.callback(invoke_without_command=True)
def gaps_list(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show what is missing; it closes by itself when the message turns up."""
    if context.invoked_subcommand is not None:
        return
    from rich.console import Console

    from izer_bridge.commands import gaps as command

    with told_errors():
        url = config.load(config_file).store_url
        asyncio.run(command.show(url, Console(), closed_too=everything, as_json=json_output))


@gaps.command("close")
def gaps_close(ids: RowIds = None, config_file: ConfigFile = None) -> None:
    """Take them as dealt with, for example after asking the customer."""
    from izer_bridge.commands import gaps as command

    if not ids:
        raise typer.BadParameter("give the ids")
    with told_errors():
        url = config.load(config_file).store_url
        count = asyncio.run(command.close(url, ids))
    typer.echo(f"{count} closed.")


@app.command()
def verify(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Walk the ledger: is it what was written, and does it add up? Exit code 1 when not."""
    from rich.console import Console

    from izer_bridge.commands import verify as command

    with told_errors():
        url = config.load(config_file).store_url
        is_right = asyncio.run(command.run(url, Console(), as_json=json_output))
    raise typer.Exit(0 if is_right else 1)


@app.command()
def replay(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Row numbers or message ids.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(help="All messages that were sent then or later (UTC).")
    ] = None,
    analyser: Annotated[AnalyserName, typer.Option(help="Who analyses.")] = AnalyserName.LOCAL,
    model: Annotated[str | None, typer.Option(help="Another model of OpenAI's.")] = None,
    prompt: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Other instructions for the model.")
    ] = None,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show what would be made of stored messages now; nothing is stored or sent to agents."""
    from rich.console import Console

    from izer_bridge.commands import evaluate
    from izer_bridge.commands import replay as command

    if bool(ids) == (since is not None):
        raise typer.BadParameter("give ids, or --since")
    if analyser is AnalyserName.LOCAL and (model or prompt):
        raise typer.BadParameter("--model and --prompt go with --analyser openai")
    moment = since and since.replace(tzinfo=UTC)
    with told_errors():
        settings = config.load(config_file)
        is_local = analyser is AnalyserName.LOCAL
        tried = command.Replay(
            evaluate.Local() if is_local else _openai(config_file, model, prompt),
            [rule.as_rule() for rule in settings.routing.rules],
            settings.analysis.context_messages,
        )
        url = settings.store_url
        asyncio.run(command.run(url, ids or (), moment, tried, Console(), as_json=json_output))


def _openai(
    config_file: Path | None, model: str | None = None, prompt: Path | None = None
) -> "Analyser":
    from izer_bridge.analysis.prompt import INSTRUCTIONS
    from izer_bridge.edges.openai import OpenAIAnalyser

    settings, key = config.load(config_file).openai, config.openai_key()
    if key is None:
        raise ConfigError("no OpenAI key is set; see config.toml")
    return OpenAIAnalyser(
        settings.base_url,
        key.get_secret_value(),
        model or settings.model,
        settings.timeout_seconds,
        INSTRUCTIONS if prompt is None else _text_of(prompt),
    )


def _text_of(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from None


async def _leave_with(running: Coroutine[Any, Any, int]) -> NoReturn:
    """End the process from inside the loop, whose end would join the client's threads for ever."""
    try:
        code = await running
    except ConfigError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        code = EXIT_CONFIG
    except TransientError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        code = EXIT_TRY_AGAIN
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(arguments: list[str] | None = None) -> None:
    app(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
