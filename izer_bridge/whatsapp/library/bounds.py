"""Bounds the numbers, times, addresses and texts that senders supply; pure.

A protobuf field contains whatever its sender put there: 2^64-1 bytes, a time in the year 300,000,
NaN degrees, a name of a megabyte. Every result of this module fits its column and its calendar.
"""

import math
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal

# BIGINT and SQLite's INTEGER are signed; a file on WhatsApp has 2 GB at most.
MOST_BYTES = 1 << 40
LONGEST_TEXT = 65_536
LONGEST_NAME = 255
LONGEST_LINE = 1_024
# As long as their columns allow; E.164 has 15 digits at most, and a group's JID 30.
_LONGEST_USERS = {"s.whatsapp.net": 30, "c.us": 30, "lid": 60}
_LONGEST_USER, _LONGEST_SERVER = 90, 30
_MOST_COUNT = 100_000
_MOST_AMOUNT = 10**15
_LATEST = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
# Seconds up to the year 5138, milliseconds from 1973 on.
_MILLISECONDS_FROM = 10**11
_TURKISH = str.maketrans(",.", ".,")
_CURRENCIES = {"TRY": "TL"}


def size(value: int) -> int:
    """Bytes; an impossible size becomes 0, which means unknown."""
    return value if 0 <= value <= MOST_BYTES else 0


def count(value: int) -> int:
    """A count; negative becomes zero, and the maximum is the limit."""
    return min(max(value, 0), _MOST_COUNT)


def moment(seconds: float) -> datetime:
    """Aware UTC; a time outside the calendar becomes the nearest one that WhatsApp can mean."""
    if math.isnan(seconds):
        seconds = 0
    return datetime.fromtimestamp(min(max(seconds, 0), _LATEST), UTC)


def moment_in_any_unit(value: int) -> datetime | None:
    """From epoch seconds or milliseconds; None for no time, and for one outside the calendar."""
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    return moment(seconds) if 0 < seconds < _LATEST else None


def degrees(latitude: float, longitude: float) -> str:
    """A place as `latitude,longitude`; empty for coordinates that are not on Earth."""
    # NaN is not within any bounds.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return ""
    return f"{latitude:.6f},{longitude:.6f}"


def money(amount: int, divisor: int, currency: str) -> str:
    """As a Turkish shop writes it, `4.299,50 TL`; empty if it is not a price."""
    if not (0 < amount <= _MOST_AMOUNT and 0 < divisor <= _MOST_AMOUNT):
        return ""
    plain = f"{Decimal(amount) / Decimal(divisor):,.2f}"
    turkish = plain.translate(_TURKISH).removesuffix(",00")
    code = name(currency)[:8].upper()
    return f"{turkish} {_CURRENCIES.get(code, code)}".rstrip()


def text(value: str) -> str:
    """Text written by a person; WhatsApp itself allows 65,536 characters."""
    return value[:LONGEST_TEXT]


def name(value: str) -> str:
    """A name or title, on one line."""
    return _on_one_line(value, LONGEST_NAME)


def line(value: str) -> str:
    """A description or a remark: longer than a name, still on one line."""
    return _on_one_line(value, LONGEST_LINE)


def _on_one_line(value: str, longest: int) -> str:
    """In NFC: Apple's keyboards compose the same letters differently."""
    composed = unicodedata.normalize("NFC", value[: 4 * longest])
    return " ".join(composed.split())[:longest]


def is_address(user: str, server: str) -> bool:
    """Whether this can be somebody's address, and fits the address columns."""
    longest = _LONGEST_USERS.get(server, _LONGEST_USER)
    return 0 < len(user) <= longest and 0 < len(server) <= _LONGEST_SERVER
