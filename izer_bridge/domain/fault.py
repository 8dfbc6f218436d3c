"""What kind of error something unexpected was, without a word of what it was about; pure."""

import traceback
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
# A driver's number of an error; what is larger may be somebody's number.
_LARGEST_CODE = 99_999


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is the error's type with a driver's code, `place` the last line of ours on its way.

    What an error says may quote a message; neither does.
    """

    kind: str
    place: str


def fault_of(error: BaseException) -> Fault:
    """Of the error that was first, where one was raised from another."""
    first = error
    while first.__cause__ is not None:
        first = first.__cause__
    return Fault(f"{type(first).__name__} {_code_of(first)}".rstrip(), _place_of(error))


def _code_of(error: BaseException) -> str:
    code = getattr(error, "sqlite_errorname", None) or next(iter(error.args), None)
    if isinstance(code, int) and 0 <= code <= _LARGEST_CODE:
        return str(code)
    return code if isinstance(code, str) and code.startswith("SQLITE_") else ""


def _place_of(error: BaseException) -> str:
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_PACKAGE):
            return f"{file.relative_to(_PACKAGE)}:{line}"
    return ""
