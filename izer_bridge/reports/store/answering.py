"""How answering stands, for whoever looks after the bridge."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.store.admin import in_danger
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.store.tables import chat_pauses, outbox, send_breakers

_OUT, _PAUSES, _BREAKERS = outbox.c, chat_pauses.c, send_breakers.c


@dataclass(frozen=True, slots=True)
class SendingState:
    """How answering stands: until when nothing may be sent, how many chats are paused.

    `in_danger` counts those that have reported danger and that no person has answered.
    """

    stopped_until: datetime | None
    paused_chats: int
    uncertain: int
    in_danger: int = 0


def sending_state(connection: Connection, now: datetime) -> SendingState:
    stopped_until = connection.scalar(
        select(func.max(_BREAKERS.open_until)).where(
            _BREAKERS.closed_at.is_(None), _BREAKERS.open_until > now
        )
    )
    paused = connection.scalar(
        select(func.count())
        .select_from(chat_pauses)
        .where(or_(_PAUSES.paused_until.is_(None), _PAUSES.paused_until > now))
    )
    uncertain = connection.scalar(
        select(func.count())
        .select_from(outbox)
        .where(IS_AT_WORK, _OUT.state == str(OutboxState.UNCERTAIN))
    )
    endangered = in_danger(connection)
    return SendingState(stopped_until, paused or 0, uncertain or 0, len(endangered))
