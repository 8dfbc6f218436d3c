"""What all commands share where they are typed: options, and errors told in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from izer_bridge.config import PATH_VARIABLE
from izer_bridge.model.errors import ConfigError, TransientError

EXIT_CONFIG = 78  # sysexits.h: EX_CONFIG; the unit has RestartPreventExitStatus=78
EXIT_TRY_AGAIN = 75  # sysexits.h: EX_TEMPFAIL

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar=PATH_VARIABLE,
        metavar="FILE",
        help="Settings; default: ./config.toml if there.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


@contextmanager
def told_errors() -> Iterator[None]:
    """What the operator must change, or what is away now, ends in one line and an exit code."""
    try:
        yield
    except ConfigError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        raise typer.Exit(EXIT_CONFIG) from None
    except TransientError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        raise typer.Exit(EXIT_TRY_AGAIN) from None
