"""How long something takes, in words; pure. Units are given from the smallest to the largest."""

from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_SECONDS = (1, 60, 3_600, 86_400)


def in_one_unit(duration: timedelta, units: tuple[str, str, str]) -> str:
    """For example `95 dk`, `3 sa`, `2 gün`; never under a minute. The board's script says the same.

    `units` are of minutes, hours and days.
    """
    minute, hour, day = units
    if duration >= 2 * _DAY:
        return f"{duration // _DAY} {day}"
    if duration >= 2 * _HOUR:
        return f"{duration // _HOUR} {hour}"
    return f"{max(duration // _MINUTE, 1)} {minute}"


def in_two_units(seconds: float, units: tuple[str, ...]) -> str:
    """For example `3 h 12 min`: the two largest. `units` are of minutes, hours and days, or of
    seconds, too."""
    rest, parts = int(seconds), list[str]()
    for size, unit in zip(reversed(_SECONDS[-len(units) :]), reversed(units), strict=True):
        count, rest = divmod(rest, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or f"0 {units[0]}"
