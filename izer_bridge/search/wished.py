"""The form of the page `/search`, as it was typed, and the search that it stands for."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from aiohttp import web

from izer_bridge.domain.analysis import Category
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.search.store.find import Search
from izer_bridge.search.words import UnsearchableError, WhyNot


@dataclass(frozen=True, slots=True)
class Wished:
    q: str = ""
    person: str = ""
    category: str = ""
    since: str = ""
    until: str = ""
    best: str = ""

    @classmethod
    def of(cls, request: web.Request) -> "Wished":
        return cls(**{name: request.query.get(name, "") for name in cls.__slots__})

    def search(self, zone: tzinfo) -> Search:
        """Raises UnsearchableError."""
        if self.category and self.category not in [*Category]:
            raise UnsearchableError(WhyNot.NO_CATEGORY, f"{self.category!r} is no category")
        until = _day(self.until)
        wanted = MessageFilter(
            person=self.person.strip() or None,
            category=self.category or None,
            since=_begin(_day(self.since), zone),
            # The day that is named counts, too.
            until=_begin(until and until + timedelta(days=1), zone),
        )
        return Search(self.q, wanted, bool(self.best))

    def query(self, **more: str) -> dict[str, str]:
        """As parameters of an address."""
        named = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in (named | more).items() if value}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UnsearchableError(WhyNot.NO_DAY, f"{text!r} is no day such as 2026-03-31") from None


def _begin(day: date | None, zone: tzinfo) -> datetime | None:
    return None if day is None else datetime.combine(day, time(0), zone)
