"""The header `Retry-After` (RFC 9110) as a number of seconds."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 86_400.0


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """What the header asks for, given in seconds or as a date: 0 to one day.

    None if the header is missing or invalid.
    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - now).total_seconds(), 0.0), LONGEST_SECONDS)
