"""The command line: what the operator types, and the exit code that the service manager reads."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from izer_bridge import __version__, config, logs
from izer_bridge.model.errors import ConfigError

EXIT_CONFIG = 78  # sysexits.h: EX_CONFIG; the unit has RestartPreventExitStatus=78

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
def run(
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Settings; default: ./config.toml if there."),
    ] = None,
) -> None:
    """Link to WhatsApp and work until SIGINT or SIGTERM."""
    try:
        settings = config.load(config_file)
        key = config.openai_key()
        logs.configure(settings.log.level)
        # Importing the client takes half a second and needs libmagic; only this command pays.
        from izer_bridge import daemon

        asyncio.run(_leave_with(daemon.run(settings, key)))
    except ConfigError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        raise typer.Exit(EXIT_CONFIG) from None


async def _leave_with(running: Coroutine[Any, Any, int]) -> NoReturn:
    """End the process from inside the loop, whose end would join the client's threads for ever."""
    try:
        code = await running
    except ConfigError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        code = EXIT_CONFIG
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main(arguments: list[str] | None = None) -> None:
    app(args=arguments, prog_name="izer-bridge")


if __name__ == "__main__":
    main()
