"""Ids, times, addresses and files as connectors write them; invalid ones are reported, not guessed.

whatsapp-web.js sends objects with `_serialized`, epoch seconds and `…@c.us`; Baileys 64-bit numbers
in two halves; n8n numbers for everything that looks like one.
"""

import base64
import binascii
import re
from datetime import UTC, datetime

from pydantic_core import PydanticCustomError

from izer_bridge.domain.identity import GROUP_SERVER, NUMBER_SERVER, Jid, normalise_number

_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII
)
_EPOCH = re.compile(r"\d{9,18}(\.\d{1,9})?", re.ASCII)
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
# From 1973 on; a number larger than a second of the year 5138 counts thousandths, and so on.
_FIRST_SECOND, _LAST_SECOND, _LAST_EPOCH = 10**8, 10**11, 10**18
_LID = re.compile(r"[0-9]{5,20}")
_GROUP = re.compile(r"[0-9]{5,20}(-[0-9]{5,20})?")
_DATA_URL = re.compile(r"data:[^,]{0,200},")
_NO_ADDRESS = (
    "expected a phone number such as +905551112233, "
    "or a JID such as 905551112233@c.us, 1234@lid or 1203@g.us"
)


def text_of(value: object) -> object:
    """An integer as text, and the string inside whatsapp-web.js' ids; anything else unchanged."""
    if isinstance(value, dict):
        return value.get("_serialized", value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def any_text(value: object) -> str:
    """The text of a value of any type, or nothing."""
    found = text_of(value)
    return found if isinstance(found, str) else ""


def flag(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def moment(value: object) -> datetime:
    """Aware UTC; a time without zone is taken as UTC. Raises PydanticCustomError."""
    try:
        return _moment(value)
    except (ValueError, OverflowError, OSError):
        raise PydanticCustomError(
            "time",
            "expected an ISO 8601 date and time such as 2025-03-01T09:30:00Z, "
            "with a zone (none means UTC), from 1970 on, or seconds or milliseconds since 1970",
        ) from None


def _moment(value: object) -> datetime:
    if isinstance(value, dict):
        low, high = value.get("low"), value.get("high", 0)
        value = (high << 32) + low % 2**32 if type(low) is type(high) is int else None
    if isinstance(value, str):
        text = value.strip()
        if not _EPOCH.fullmatch(text):
            return _iso(text.upper())
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError
    return _since_1970(value)


def _since_1970(value: float) -> datetime:
    if not _FIRST_SECOND <= value < _LAST_EPOCH:
        raise ValueError
    while value >= _LAST_SECOND:
        value /= 1000
    return datetime.fromtimestamp(value, UTC)


def _iso(text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise ValueError
    time = datetime.fromisoformat(text)
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    if not _EARLIEST <= time < _LATEST:
        raise ValueError
    return time


def moment_or_none(value: object) -> datetime | None:
    try:
        return moment(value)
    except PydanticCustomError:
        return None


def address(value: object) -> Jid:
    """A person, a group, or anything else with a chat. Raises PydanticCustomError."""
    text = text_of(value)
    try:
        if isinstance(text, str):
            return _at(text.strip().removeprefix("+")) if "@" in text else _numbered(text)
    except ValueError:
        pass
    raise PydanticCustomError("phone_number", _NO_ADDRESS)


def _numbered(text: str) -> Jid:
    return Jid(normalise_number(text).removeprefix("+"), NUMBER_SERVER)


def _at(text: str) -> Jid:
    jid = Jid.parse(text)
    is_right = jid.is_status or jid.is_newsletter
    if jid.is_number:
        return _numbered(text)
    if jid.is_lid:
        is_right = bool(_LID.fullmatch(jid.user))
    if jid.server == GROUP_SERVER:
        is_right = bool(_GROUP.fullmatch(jid.user))
    if not is_right or len(text) > 64:
        raise ValueError
    return jid


def address_or_none(value: object) -> Jid | None:
    try:
        return address(value)
    except PydanticCustomError:
        return None


def decoded(data: str) -> bytes | None:
    """The bytes of a base64 text or a data URL; None if it is neither."""
    text = re.sub(r"\s+", "", _DATA_URL.sub("", data, count=1) if data[:5] == "data:" else data)
    text = text.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except (binascii.Error, ValueError):
        return None
