"""The commands `izer-bridge run` and `worker`, and the exit code for the service manager."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer

from izer_bridge import config
from izer_bridge.config.replaced import not_read
from izer_bridge.console.options import (
    EXIT_CONFIG,
    EXIT_TRY_AGAIN,
    ConfigFile,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.host import logs

log = structlog.get_logger(__name__)


def run(
    log_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Log into this file, too: 10 MB, and four older ones."),
    ] = None,
    config_file: ConfigFile = None,
) -> None:
    """Link to WhatsApp and work until SIGINT or SIGTERM."""
    with told_errors():
        settings = settings_from(config_file)
        key = config.openai_key()
        logs.configure(settings.log.level)
        if log_file is not None:
            logs.also_into(log_file)
        _name_what_is_not_read()
        _load_the_analyser()
        # Importing the client takes half a second and needs libmagic; only this command pays.
        from izer_bridge import daemon
        from izer_bridge.whatsapp.client import output

        output.capture()

        asyncio.run(_leave_with(daemon.run(settings, key)))


def _name_what_is_not_read() -> None:
    for hint in not_read(os.environ, Path.cwd()):
        log.warning("old_setting_ignored", hint=hint)


def _load_the_analyser() -> None:
    """Before anything else: what reading its lists leaves free is used by what is loaded after it.

    In the other order it stays free and resident, some 14 MB.
    """
    from izer_bridge.analysis.local import analyser

    analyser.prepare()


def worker(config_file: ConfigFile = None) -> None:
    """Work messages that a bridge records into a MySQL store, beside it; links to nothing."""
    with told_errors():
        settings = config.load(config_file)
        key = config.openai_key()
        logs.configure(settings.log.level)
        _load_the_analyser()
        from izer_bridge import worker_process as command

        asyncio.run(_leave_with(command.run(settings, key)))


def agents(
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    # The ports of the replaced system's agents.
    first_port: Annotated[
        int, typer.Option(help="The other three follow; 0: free ones.", min=0, max=65532)
    ] = 8092,
    only: Annotated[str | None, typer.Option(metavar="NAME", help="Only this one.")] = None,
    config_file: ConfigFile = None,
) -> None:
    """Serve the built-in agents over HTTP, each on its port, until SIGINT or SIGTERM."""
    from izer_bridge import agents_process as command

    with told_errors():
        settings, place = config.load(config_file), command.checked_place(host, first_port)
        names, key = command.names_of(only), config.openai_key()
        logs.configure(settings.log.level)
        asyncio.run(command.run(settings, key, names, place))


async def _leave_with(running: Coroutine[Any, Any, int]) -> NoReturn:
    """End the process from inside the loop, whose end would join the client's threads for ever."""
    try:
        code = await running
    except ConfigError as error:
        say(f"izer-bridge: {error}", err=True)
        code = EXIT_CONFIG
    except TransientError as error:
        say(f"izer-bridge: {error}", err=True)
        code = EXIT_TRY_AGAIN
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()
    os._exit(code)
