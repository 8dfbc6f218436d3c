"""What all commands share where they are typed: options, and errors told in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn
from zoneinfo import ZoneInfo

import typer
from typer.core import TyperGroup

from izer_bridge.config import PATH_VARIABLE
from izer_bridge.model.errors import ConfigError, PermanentError, TransientError

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
# No database keeps a larger one, and SQLite's driver fails on it.
_LARGEST_ID = 2**63 - 1
RowId = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=_LARGEST_ID, help="As the list shows it.")
]
_EACH = typer.Argument(metavar="ID…", min=1, max=_LARGEST_ID, help="As the list shows them.")
RowIds = Annotated[list[int], _EACH]
SomeRowIds = Annotated[list[int] | None, _EACH]
Since = Annotated[
    datetime | None, typer.Option(help="Sent then or later, by the clock of shop.time_zone.")
]
Until = Annotated[datetime | None, typer.Option(help="Sent before that, by the same clock.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def moment(option: str, given: datetime, zone: ZoneInfo) -> datetime:
    """What was typed, which is the shop's time, in UTC. Raises ConfigError."""
    try:
        return given.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ConfigError(f"{option} {given}: expected a time such as 2026-03-01") from None


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
    except PermanentError as error:
        typer.echo(f"izer-bridge: {error}", err=True)
        raise typer.Exit(1) from None


class Root(TyperGroup):
    """All commands; what is typed wrong ends in one line, too."""

    def main(self, *arguments: Any, **extra: Any) -> NoReturn:
        try:
            code = super().main(*arguments, **(extra | {"standalone_mode": False}))
        except typer.TyperException as error:
            command = getattr(getattr(error, "ctx", None), "command_path", "izer-bridge")
            said = " ".join(error.format_message().split()).rstrip(".")
            if said:  # else the help was asked for, and stands there
                typer.echo(f"izer-bridge: {said}; see: {command} --help", err=True)
            sys.exit(error.exit_code)
        except typer.Abort:
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)
