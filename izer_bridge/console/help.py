"""What `--help` shows: plain words for types and bounds, and each command in one whole line.

Typer spells types as Python does (`<list[int]>`), and a flag's, too.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

_TYPES = {"<bool>": "", "<str>": "TEXT", "<path>": "FILE"}
_TYPE = re.compile(r"<[^>]*>")
_BOUNDS = re.compile(r"(-?[\d.]+)<=x<=(-?[\d.]+)")
_LEAST = re.compile(r"x>=(-?[\d.]+)")
# An id beyond what a database keeps is refused, and nobody would type one.
_NO_BOUND = re.compile(r"1<=x<=9223372036854775807(; )?")
_LONGEST = 60
_PARTS = re.compile(r"[.;:,] ")

Record = tuple[str, str] | None


def plainly(command: Any) -> Any:
    """The same command, with its help in plain words."""
    for one in _all(command):
        if hasattr(one, "format_commands"):
            one.format_commands = partial(whole_lines, one)
        for param in one.params:
            if not hasattr(param.get_help_record, "__wrapped__"):
                is_argument = param.param_type_name == "argument"
                param.get_help_record = _plain(param.get_help_record, is_argument=is_argument)
    return command


def one_line(help_text: str) -> str:
    """As much of a command's help as fits into one line, cut at the end of a part."""
    text = " ".join(help_text.split("\n\n")[0].split()).rstrip(".")
    while len(text) > _LONGEST and (ends := list(_PARTS.finditer(text))):
        text = text[: ends[-1].start()]
    return text


def whole_lines(group: Any, context: Any, formatter: Any) -> None:
    """The commands of a group, each with as much of its help as one line holds."""
    names = group.list_commands(context)
    with formatter.section("Commands"):
        formatter.write_dl([(name, one_line(group.commands[name].help or "")) for name in names])


def _all(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _all(one)


def _plain(record_of: Callable[..., Record], *, is_argument: bool) -> Callable[..., Record]:
    @wraps(record_of)
    def plain(*arguments: Any, **named: Any) -> Record:
        record = record_of(*arguments, **named)
        if record is None:
            return None
        name, text = record
        if is_argument:
            # Its name says what it is.
            name = f"{name.split()[0].strip('…')}{' ...' * ('list[' in name)}"
        name = _TYPE.sub(lambda kind: _word(kind.group()), name)
        text = _NO_BOUND.sub("", text).replace("  []", "")
        text = _LEAST.sub(r"\1 or more", _BOUNDS.sub(r"\1 to \2", text))
        return " ".join(name.split()), text

    return plain


def _word(kind: str) -> str:
    if "|" in kind:
        return kind[1:-1]
    return _TYPES.get(kind, "N" if "int" in kind or "float" in kind else "")
