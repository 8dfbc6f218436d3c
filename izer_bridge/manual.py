"""Writes the manual page of the existing commands. Run as a program it prints the page."""

import sys
from collections.abc import Iterator
from typing import Any

import typer

from izer_bridge import __version__
from izer_bridge.cli import app_of

_END = r"""
.SH EXIT STATUS
0: done. 1: what was asked about is not well. 2: typed wrong. 75: something is away, try again.
78: a setting, a file or an argument must be changed.
.SH ENVIRONMENT
\fBIZER_\fR + section + \fB__\fR + key stands above the file of settings;
\fBOPENAI_API_KEY\fR, or the file that \fBOPENAI_API_KEY_FILE\fR names.
.SH FILES
.TP
\fIconfig.toml\fR
The settings, in the working directory unless \-\-config names a file; as a service
\fI/etc/izer-bridge/config.toml\fR.
"""


def page() -> str:
    """The page in troff's man macros."""
    root = typer.main.get_command(app_of())
    commands = "\n".join(line for path, one in _leaves(root) for line in _command(path, one))
    return (
        f'.TH IZER-BRIDGE 1 "" "izer-bridge {__version__}" "User Commands"\n'
        f".SH NAME\nizer-bridge \\- {_plain(root.help or '')}\n"
        ".SH SYNOPSIS\n\\fBizer-bridge\\fR COMMAND [OPTIONS] [ARGUMENTS]\n"
        f".SH COMMANDS\n{commands}{_END}"
    )


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """All commands that can be typed, with the words to type them."""
    inner = getattr(command, "commands", {})
    if path and (not inner or command.invoke_without_command):
        yield " ".join(path), command
    for name, one in inner.items():
        yield from _leaves(one, (*path, name))


def _command(path: str, command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = [_names(one) if one.required else f"[{_names(one)}]" for one in arguments]
    yield f".SS {_plain(' '.join([path, *words]))}"
    yield _plain(" ".join((command.help or "").split()))
    for one in command.params:
        if one.help and one.name != "help":
            yield f".TP\n\\fB{_plain(_names(one))}\\fR\n{_plain(one.help)}"


def _names(one: Any) -> str:
    names = ", ".join([*one.opts, *one.secondary_opts])
    if one.param_type_name == "argument":
        return str(one.metavar or one.name)
    return names if getattr(one, "is_flag", False) else f"{names} {one.metavar or ''}".rstrip()


def _plain(text: str) -> str:
    """Escaped so that nothing in it is a macro."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


if __name__ == "__main__":
    sys.stdout.write(page())
