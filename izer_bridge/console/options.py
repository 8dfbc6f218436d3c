"""What all commands share on the command line: options, and errors in one line."""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from izer_bridge import config
from izer_bridge.config import PATH_VARIABLE, Config, secrets
from izer_bridge.console import streams
from izer_bridge.console.help import plainly, whole_lines
from izer_bridge.domain.errors import (
    ConfigError,
    DamagedStoreError,
    PermanentError,
    TransientError,
    UsageError,
)
from izer_bridge.domain.plain_text import is_shown, line
from izer_bridge.host import privilege, state_directory
from izer_bridge.host.new_file import NewFile

EXIT_USAGE = 2  # as typer ends for an option that there is not
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
# JSON escapes only the controls below the space; these may be controls too, and are checked.
_UNUSUAL = re.compile("[^\n -~¡-¬®-ͷ]")
# What the checker of arguments adds for programmers.
_PYTHONS_WORDS = re.compile(r"Value error, |, unable to parse string as an? \w+")
# No database keeps a larger one, and SQLite's driver fails on it.
_LARGEST_ID = 2**63 - 1
RowId = Annotated[
    int, typer.Argument(metavar="ID", min=1, max=_LARGEST_ID, help="As the list shows it.")
]
_EACH = typer.Argument(metavar="ID…", min=1, max=_LARGEST_ID, help="As the list shows them.")
RowIds = Annotated[list[int], _EACH]
SomeRowIds = Annotated[list[int] | None, _EACH]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help='Sent then or later: "29.11. 19:54", 2026-11-29, 2h.'),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Sent before that.")]
AsJson = Annotated[bool, typer.Option("--json", help="For machines.")]


def json_text(value: Any, *, indent: int | None = None) -> str:
    """`value` for machines: invisible characters are escaped, times are their text."""
    written = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return _UNUSUAL.sub(lambda sign: _escaped(sign.group()), written)


def _escaped(sign: str) -> str:
    return sign if is_shown(sign) else json.dumps(sign)[1:-1]


def say(text: str, *, err: bool = False) -> None:
    """Print one line for a person."""
    typer.echo(line(text), err=err)


def settings_from(config_file: Path | None) -> Config:
    """The settings. From here on root is the state directory's owner.

    Raises ConfigError, also if a restore of the state directory is half done.
    """
    settings = load_as_root(config_file)
    privilege.step_down(settings.state_dir)
    state_directory.refuse_half_restored(settings.state_dir)
    return settings


def load_as_root(config_file: Path | None) -> Config:
    """For commands that open an operator's files first; they drop root's rights themselves."""
    settings = config.load(config_file)
    if privilege.owner_of(settings.state_dir) is not None:
        secrets.hold()
    return settings


@contextmanager
def destination(state_dir: Path, path: Path, *, replaces: bool = False) -> Iterator[NewFile]:
    """The file that an operator wants written. From here on nobody is root.

    Raises ConfigError.
    """
    state_directory.refuse_half_restored(state_dir)
    with ExitStack() as opened:
        try:
            new = opened.enter_context(privilege.new_file(state_dir, path, replaces=replaces))
        except OSError as error:
            expected = "a file" if replaces else "a new file"
            raise UsageError(
                f"{path}: cannot be written: {error.strerror}; expected {expected}"
            ) from None
        yield new


@contextmanager
def told_errors() -> Iterator[None]:
    """An error that the operator must fix, or an outage, ends in one line and an exit code."""
    try:
        yield
    except ConfigError as error:
        say(f"izer-bridge: {error}", err=True)
        raise typer.Exit(EXIT_USAGE if isinstance(error, UsageError) else EXIT_CONFIG) from None
    except (DamagedStoreError, PermanentError) as error:
        say(f"izer-bridge: {error}", err=True)
        raise typer.Exit(1) from None
    except TransientError as error:
        say(f"izer-bridge: {error}", err=True)
        raise typer.Exit(EXIT_TRY_AGAIN) from None


def _tell(message: str, context: Any) -> None:
    """Wrong usage in one line; a group without a command shows which there are."""
    if context is not None and message == context.get_help():
        typer.echo(message, err=True)
    elif said := " ".join(_PYTHONS_WORDS.sub("", message).split()).rstrip("."):
        command = getattr(context, "command_path", "izer-bridge")
        say(f"izer-bridge: {said}; see: {command} --help", err=True)


class Root(TyperGroup):
    """All commands; wrong usage ends in one line too."""

    def get_command(self, context: Any, name: str) -> Any:
        command = super().get_command(context, name)
        return command and plainly(command)

    def format_commands(self, context: Any, formatter: Any) -> None:
        whole_lines(self, context, formatter)

    def main(self, *arguments: Any, **extra: Any) -> NoReturn:
        streams.prepare()
        try:
            code = super().main(*arguments, **(extra | {"standalone_mode": False}))
        except typer.TyperException as error:
            _tell(error.format_message(), getattr(error, "ctx", None))
            sys.exit(error.exit_code)
        except typer.Abort:
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)
