"""How long something still takes, or is late, in one unit; pure. The script says the same."""

from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def in_one_unit(duration: timedelta, units: tuple[str, str, str]) -> str:
    """For example `95 dk`, `3 sa`, `2 gün`; never under a minute. `units` of minutes to days."""
    minute, hour, day = units
    if duration >= 2 * _DAY:
        return f"{duration // _DAY} {day}"
    if duration >= 2 * _HOUR:
        return f"{duration // _HOUR} {hour}"
    return f"{max(duration // _MINUTE, 1)} {minute}"
