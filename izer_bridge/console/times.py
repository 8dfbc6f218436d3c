"""Times as the shop reads and types them: by its own clock, `29.11. 19:54`."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from izer_bridge.domain.errors import UsageError

_EXPECTED = 'expected a time such as "29.11. 19:54", 2026-11-29, 19:54 or 2h'
_AGO = re.compile(r"(\d{1,4})\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(?:(\d{4}))?(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
# Nobody mistakes a date without its year for one that is half a year away.
_NEAR = timedelta(days=180)


def shown(moment: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """Empty for None; with the year if another one might be meant."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    is_near = abs(now - moment) < _NEAR
    return f"{local:%d.%m. %H:%M}" if is_near else f"{local:%d.%m.%Y %H:%M}"


def typed(option: str, text: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """In UTC, a time typed by the shop's clock in any of its forms. Raises UsageError."""
    if text is None:
        return None
    try:
        found = _read(text.strip(), zone, now)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{option} {text!r}: {_EXPECTED}") from None


def _read(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    local = now.astimezone(zone)
    if match := _AGO.fullmatch(text.lower()):
        return now - timedelta(**{_UNITS[match[2]]: int(match[1])})
    if match := _CLOCK.fullmatch(text):
        return local.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    if match := _DAY.fullmatch(text):
        return _day(*match.groups(), zone=zone, local=local)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _day(*parts: str | None, zone: ZoneInfo, local: datetime) -> datetime:
    """Without a year, the latest that is not in the future, as lists show the past."""
    day, month, year, hour, minute, second = (int(one) if one else 0 for one in parts)
    found = datetime(year or local.year, month, day, hour, minute, second, tzinfo=zone)
    if not year and found > local + timedelta(days=1):
        return found.replace(year=local.year - 1)
    return found
