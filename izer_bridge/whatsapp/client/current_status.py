"""The link's current status, including the phone's silence; reports each change once."""

from collections.abc import Callable
from datetime import UTC, datetime

from izer_bridge.domain.link_state import LinkState, LinkStatus, phone_status


class CurrentStatus:
    """`changed` is called on each change, `phone_seen` with the time of the phone's latest sign."""

    def __init__(
        self,
        changed: Callable[[LinkStatus], None],
        phone_seen: Callable[[datetime], None],
        phone_seen_at: datetime | None,
    ) -> None:
        self.now = LinkStatus(LinkState.STARTING)
        self._changed = changed
        self._phone_seen = phone_seen
        self._phone_seen_at = phone_seen_at or _now()

    @property
    def state(self) -> LinkState:
        return self.now.state

    def become(self, state: LinkState, detail: str = "", error: str = "") -> None:
        status = LinkStatus(state, detail, error)
        if status != self.now:
            self.now = status
            self._changed(status)

    def phone_seen(self, at: datetime) -> None:
        """The phone itself has done something."""
        if at > self._phone_seen_at:
            self._phone_seen_at = at
            self._phone_seen(at)
            self.look_for_phone()

    def look_for_phone(self) -> None:
        """While the link is up, report whether the phone has been silent for long."""
        if self.now.is_linked:
            status = phone_status(self._phone_seen_at, _now())
            self.become(status.state, status.detail)


def _now() -> datetime:
    return datetime.now(UTC)
