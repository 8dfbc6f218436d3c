"""`[shop]`: where and when the shop is."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

from izer_bridge.config.values import Section


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Istanbul") from None
    return name


class Shop(Section):
    time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Istanbul"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
