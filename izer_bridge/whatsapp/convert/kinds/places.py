"""Places, and events with their time and place."""

from datetime import tzinfo
from typing import Any

from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.kinds.content import Content, worded
from izer_bridge.whatsapp.library import bounds


def location(part: Any) -> Content:
    return Content(Kind.LOCATION, place(part) or "[konum]")


def place(part: Any) -> str:
    """Degrees, name and address, as far as given."""
    names = (getattr(part, one, "") for one in ("name", "address", "caption", "comment"))
    degrees = bounds.degrees(part.degreesLatitude, part.degreesLongitude)
    return " ".join(word for word in (degrees, *map(bounds.line, names)) if word)


def event(part: Any, zone: tzinfo) -> Content:
    words = [
        bounds.name(part.name),
        bounds.line(part.description),
        _period(part, zone),
        place(part.location) if part.HasField("location") else "",
        bounds.line(part.joinLink),
    ]
    label = "iptal edilen etkinlik" if part.isCanceled else "etkinlik"
    return Content(Kind.TEXT, worded(label, *words))


def event_invitation(part: Any, zone: tzinfo) -> Content:
    words = (
        *(bounds.name(part.eventTitle), bounds.line(part.caption)),
        *(_period(part, zone), bounds.line(part.callLink)),
    )
    label = "iptal edilen etkinlik" if part.isCanceled else "etkinlik daveti"
    return Content(Kind.TEXT, worded(label, *words))


def planned_call(part: Any, zone: tzinfo) -> Content:
    words = (bounds.name(part.title), when(part.scheduledTimestampMS, zone))
    return Content(Kind.TEXT, worded("planlanan arama", *words))


def when(value: int, zone: tzinfo) -> str:
    """A time as people in the shop read it; empty if there is none."""
    moment = bounds.moment_in_any_unit(value)
    return "" if moment is None else f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"


def _period(part: Any, zone: tzinfo) -> str:
    return " / ".join(filter(None, (when(part.startTime, zone), when(part.endTime, zone))))
