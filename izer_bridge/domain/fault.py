"""Describes an unexpected error without any of the data that it was about; pure."""

import traceback
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
# A driver's error number; a larger number may be a phone number.
_LARGEST_CODE = 99_999


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is the error's type with a driver's code, `place` our innermost line in the traceback.

    An error's text may quote a message; these do not.
    """

    kind: str
    place: str


def fault_of(error: BaseException) -> Fault:
    """Of the first error, if one was raised from another."""
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
