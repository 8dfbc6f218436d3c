"""The timers after which chats' messages disappear: the latest setting counts."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, update

from izer_bridge.domain.context_info import Timer
from izer_bridge.store.tables import chats


@dataclass
class Timers:
    """The timers that one recording reports, in whatever order they arrive."""

    connection: Connection
    _latest: dict[int, Timer] = field(default_factory=dict)

    def note(self, chat_id: int, timer: Timer | None) -> None:
        known = self._latest.get(chat_id)
        if timer is not None and (known is None or known.set_at <= timer.set_at):
            self._latest[chat_id] = timer

    def keep(self) -> None:
        set_at = chats.c.disappearing_set_at
        for chat_id, timer in self._latest.items():
            self.connection.execute(
                update(chats)
                .where(chats.c.id == chat_id, or_(set_at.is_(None), set_at <= timer.set_at))
                .values(disappearing_seconds=timer.seconds, disappearing_set_at=timer.set_at)
            )
