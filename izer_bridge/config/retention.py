"""`[retention]`: for how many days each kind of data is kept."""

from typing import Annotated

from pydantic import AfterValidator

from izer_bridge.config.values import Section
from izer_bridge.domain.retention import FEWEST_DAYS


def _days(days: int) -> int:
    if days and not FEWEST_DAYS <= days <= 36_500:
        raise ValueError(f"expected 0 (for ever) or {FEWEST_DAYS} to 36500 days")
    return days


Days = Annotated[int, AfterValidator(_days)]


class Retention(Section):
    """0 days: for ever."""

    messages_days: Days = 0
    history_days: Days = 0
    analyses_days: Days = 0
    media_days: Days = 0
    outbox_days: Days = 0
    events_days: Days = 0

    @property
    def days(self) -> dict[str, int]:
        """By kind of data; only kinds that are not kept for ever."""
        kept = {
            "messages": self.messages_days,
            "history": self.history_days,
            "analyses": self.analyses_days,
            "media": self.media_days,
            "outbox": self.outbox_days,
            "events": self.events_days,
        }
        return {name: days for name, days in kept.items() if days}
