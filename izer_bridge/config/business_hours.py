"""`[business_hours]`: when the shop is open."""

import itertools
import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from izer_bridge.config.values import Section
from izer_bridge.domain.business_hours import BusinessHours, Span

_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_YEARLY = re.compile(r"\d\d-\d\d", re.ASCII)
_LEAP_YEAR = "2028"
_MIDNIGHT = 24 * 60
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text)
    hour, minute, last_hour, last_minute = map(int, found.groups()) if found else (0,) * 4
    span = hour * 60 + minute, last_hour * 60 + last_minute
    if max(minute, last_minute) > 59 or not span[0] < span[1] <= _MIDNIGHT:
        raise ValueError('expected opening and closing such as "09:00-19:00", at most "24:00"')
    return span


def _spans(texts: tuple[str, ...]) -> tuple[str, ...]:
    spans = [_span(text) for text in texts]
    if any(later[0] < earlier[1] for earlier, later in itertools.pairwise(spans)):
        raise ValueError("expected spans in their order, none within another")
    return texts


def _holiday(text: str) -> str:
    try:
        date.fromisoformat(f"{_LEAP_YEAR}-{text}" if _YEARLY.fullmatch(text) else text)
    except ValueError:
        raise ValueError('expected a day such as "2026-03-20", or "04-23" for every year') from None
    return text


Day = Annotated[tuple[str, ...], AfterValidator(_spans)]
_WORKDAY: tuple[str, ...] = ("09:00-19:00",)


class OpeningTimes(Section):
    """Local wall times in the shop's zone."""

    monday: Day = _WORKDAY
    tuesday: Day = _WORKDAY
    wednesday: Day = _WORKDAY
    thursday: Day = _WORKDAY
    friday: Day = _WORKDAY
    saturday: Day = _WORKDAY
    sunday: Day = ()
    holidays: tuple[Annotated[str, AfterValidator(_holiday), Field(max_length=10)], ...] = ()

    @model_validator(mode="after")
    def _is_open_sometimes(self) -> "OpeningTimes":
        if not any(getattr(self, day) for day in _WEEKDAYS):
            raise ValueError("expected the shop to be open on one weekday at least")
        return self

    def clock(self, zone: ZoneInfo) -> BusinessHours:
        yearly = {text for text in self.holidays if _YEARLY.fullmatch(text)}
        return BusinessHours(
            zone=zone,
            week={
                number: [_span(text) for text in getattr(self, day)]
                for number, day in enumerate(_WEEKDAYS)
            },
            holidays=frozenset(date.fromisoformat(text) for text in {*self.holidays} - yearly),
            yearly_holidays=frozenset((int(text[:2]), int(text[3:])) for text in yearly),
        )
