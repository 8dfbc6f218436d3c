"""Lists in pages: an opaque cursor says where the next one begins."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from pydantic import Field

from izer_bridge.store.text import clean
from izer_bridge.web.operation import AskedFields
from izer_bridge.web.problems import FieldError, ProblemError

MOST_ITEMS = 200
LONGEST_CURSOR = 500
_LARGEST = 2**63 - 1


class Page(AskedFields):
    """The query of a list: how many items at most, and where to go on."""

    limit: int = Field(50, ge=1, le=MOST_ITEMS, description="How many at most.")
    cursor: str | None = Field(
        None, max_length=LONGEST_CURSOR, description="`next_cursor` of the page before."
    )


def cursor_of(*place: int | str | datetime) -> str:
    """A cursor for the values by which a list is sorted, of the last item of a page."""
    plain = [one.isoformat() if isinstance(one, datetime) else one for one in place]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The values in a cursor, each of its kind: int, str or datetime.

    Raises ProblemError 422 for a cursor that this list has not given.
    """
    if cursor is None:
        return None
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        plain = json.loads(urlsafe_b64decode(padded))
        if not isinstance(plain, list):
            raise TypeError
        return [_READ[kind](one) for kind, one in zip(kinds, plain, strict=True)]
    except (ValueError, TypeError, RecursionError):
        fault = FieldError("cursor", "expected next_cursor of a page of this list")
        detail = f"{fault.field}: {fault.message}"
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[fault]) from None


def _number(value: Any) -> int:
    if type(value) is not int or abs(value) > _LARGEST:
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return clean(value)


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment


_READ: dict[type, Callable[[Any], Any]] = {int: _number, str: _text, datetime: _moment}
