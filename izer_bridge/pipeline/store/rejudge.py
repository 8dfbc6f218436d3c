"""Has a message worked again when its words change: the new ones may report danger.

An answer that was sent to the old words stays.
"""

from datetime import datetime

from sqlalchemy import Connection, case, select, update

from izer_bridge.domain.message_state import State
from izer_bridge.pipeline.store.leases import NO_LEASE
from izer_bridge.replies.store.propose import reply_to
from izer_bridge.store import changed_hours
from izer_bridge.store.message_key import Key
from izer_bridge.store.tables import outbox, webhook_messages

_ROWS = webhook_messages.c


def judge_again(connection: Connection, key: Key | None, now: datetime) -> None:
    """Have the message worked with its new words, unless it was never to be worked.

    The worker of the old words loses the lease. If a file was awaited, it still is.
    """
    row_id = key and connection.scalar(
        select(_ROWS.id).where(key.is_row, _ROWS.state != str(State.SKIPPED))
    )
    if row_id is None:
        return
    changed_hours.mark_rows(connection, _ROWS.id == row_id, now)
    is_new = _ROWS.state == str(State.RECORDED)
    connection.execute(
        update(webhook_messages)
        .where(_ROWS.id == row_id)
        .values(
            next_attempt_at=case((is_new, _ROWS.next_attempt_at), else_=None),
            state=str(State.RECORDED),
            updated_at=now,
            **NO_LEASE,
        )
    )
    _free_the_reply(connection, row_id)


def _free_the_reply(connection: Connection, row_id: int) -> None:
    """A message has one reply; the reply to the old words makes room for the next."""
    purpose = reply_to(row_id)
    old = connection.scalar(select(outbox.c.id).where(outbox.c.purpose == purpose))
    if old is not None:
        connection.execute(
            update(outbox).where(outbox.c.id == old).values(purpose=f"{purpose}:{old}")
        )
