"""JSON from outside as values that every store can keep; what cannot be repaired is refused."""

import json
import math
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, NoReturn

from pydantic import ValidationError

from izer_bridge.web.problems import FieldError, ProblemError

# MariaDB's JSON functions refuse more than 32 levels, and stored values may be wrapped.
MOST_LEVELS = 24
LONGEST_KEY = 200
MOST_ERRORS = 20
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def decode(body: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises ProblemError: 400 if it is not a JSON object in UTF-8 (a byte order mark is allowed), 422
    naming the field that contains an infinite number or too many levels. Text that no store can
    hold is repaired: a customer's words are worth more.
    """
    try:
        document = json.loads(body.decode("utf-8-sig"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise _broken(f"the body is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise _broken(
            f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    except RecursionError:
        raise _broken("the body is nested too deeply") from None
    except ValueError:
        raise _broken("the body is not JSON: a number in it is out of range") from None
    if not isinstance(document, dict):
        raise _broken("the body is not a JSON object")
    _refuse_unstorable(document)
    storable: dict[str, Any] = _storable(document)
    return storable


def path_of(location: tuple[str | int, ...]) -> str:
    """A place in a document, for example `history[3].content`."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def refusal(error: ValidationError) -> ProblemError:
    """422 that names each wrong field, and repeats no value."""
    details = error.errors(include_input=False, include_url=False, include_context=False)
    errors = [FieldError(path_of(one["loc"]), one["msg"]) for one in details[:MOST_ERRORS]]
    detail = "; ".join(f"{one.field}: {one.message}" for one in errors)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)


def _broken(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.BAD_REQUEST, detail)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _refuse_unstorable(document: dict[str, Any]) -> None:
    error = next(_faults(document, ()), None)
    if error is not None:
        detail = f"{error.field}: {error.message}"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[error])


def _faults(value: object, location: tuple[str | int, ...]) -> Iterator[FieldError]:
    if len(location) > MOST_LEVELS:
        yield FieldError(path_of(location[:3]) + "…", f"is nested over {MOST_LEVELS} levels")
    elif isinstance(value, float) and not math.isfinite(value):
        yield FieldError(path_of(location), "is a number out of range")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _faults(item, (*location, index))
    elif isinstance(value, dict):
        yield from _object_faults(value, location)


def _object_faults(
    value: dict[str, object], location: tuple[str | int, ...]
) -> Iterator[FieldError]:
    for key, item in value.items():
        if len(key) > LONGEST_KEY:
            fault = f"a key in it is longer than {LONGEST_KEY} characters"
            yield FieldError(path_of(location) or "body", fault)
        else:
            yield from _faults(item, (*location, key))


def _storable(value: Any) -> Any:
    """With U+FFFD for half an emoji, which JavaScript's `substring` leaves, and without NUL."""
    if isinstance(value, str):
        return _UNSTORABLE.sub(lambda found: "" if found[0] == "\0" else "\ufffd", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
