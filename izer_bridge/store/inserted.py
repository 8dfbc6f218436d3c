"""Reads what the store assigned to inserted rows."""

from typing import Any

from sqlalchemy import CursorResult


def new_id(inserted: CursorResult[Any]) -> int:
    """The id that the store assigned to an inserted row."""
    key = inserted.inserted_primary_key
    if key is None:
        raise LookupError("the store gave no id")
    return int(key[0])
