"""What a newly recorded message does to the replies of its chat, in the same transaction.

A message that the shop writes by hand cancels them and pauses the bridge there for a while; a
customer's next message replaces the reply to the one before, in a group only their own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import NEEDS_A_PERSON, NOT_SAID, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.outbox_state import OPEN, OutboxKind, OutboxState
from izer_bridge.store.tables import chat_pauses, outbox, webhook_messages

_OUT, _PAUSES, _ROWS = outbox.c, chat_pauses.c, webhook_messages.c
_REPLACED = (
    (OutboxState.DRAFT, OutboxState.LAPSED),
    (OutboxState.APPROVED, OutboxState.CANCELLED),
)


class PauseReason(StrEnum):
    HUMAN = "human"
    OPERATOR = "operator"
    LIMITED = "limited"


def take_over(
    connection: Connection,
    rows: Sequence[Mapping[str, Any]],
    human_pause: timedelta,
    now: datetime,
) -> None:
    """Let these new rows of `webhook_messages` act on their chats."""
    said = [
        row
        for row in rows
        if row["kind"] not in NOT_SAID and row["origin"] not in (Origin.HISTORY, Origin.SENT)
    ]
    persons = [row for row in said if row["from_me"] and not row["is_automatic"]]
    own = _by_hand(connection, persons)
    latest: dict[int, datetime] = {}
    for row in own:
        latest[row["chat_id"]] = max(row["chat_time"], latest.get(row["chat_id"], row["chat_time"]))
    for chat_id, written_at in latest.items():
        cancel_open(connection, chat_id, "a person has answered", now)
        until = min(written_at, now) + human_pause
        if until > now:
            pause(connection, chat_id, until, PauseReason.HUMAN, now)
    # What holds nothing that can be answered replaces no answer.
    asked = {(row["chat_id"], _one_of_many(row)) for row in said if _is_asked(row)}
    waiting = _chats_with_replies(connection, {chat_id for chat_id, _ in asked})
    for chat_id, writer_id in asked:
        if chat_id in waiting:
            _supersede(connection, chat_id, writer_id, now)


def pause(
    connection: Connection,
    chat_id: int,
    until: datetime | None,
    reason: PauseReason,
    now: datetime,
) -> None:
    """Pause a chat until then (None: until told otherwise); a longer pause stays."""
    found = connection.execute(
        select(_PAUSES.paused_until).where(_PAUSES.chat_id == chat_id)
    ).one_or_none()
    if found is None:
        connection.execute(
            insert(chat_pauses).values(
                chat_id=chat_id,
                paused_until=until,
                reason=str(reason),
                created_at=now,
                updated_at=now,
            )
        )
        return
    if reason is not PauseReason.OPERATOR and (found[0] is None or (until and found[0] >= until)):
        return
    connection.execute(
        update(chat_pauses)
        .where(_PAUSES.chat_id == chat_id)
        .values(paused_until=until, reason=str(reason), updated_at=now)
    )


def resume(connection: Connection, chat_ids: Iterable[int]) -> int:
    """End these pauses; how many there were."""
    ended = connection.execute(delete(chat_pauses).where(_PAUSES.chat_id.in_(chat_ids)))
    return int(ended.rowcount)


def move_chat(connection: Connection, old: int, new: int) -> None:
    """Two chats turned out to be one."""
    connection.execute(update(outbox).where(_OUT.chat_id == old).values(chat_id=new))
    if connection.scalar(select(_PAUSES.id).where(_PAUSES.chat_id == new)):
        resume(connection, [old])
    else:
        connection.execute(update(chat_pauses).where(_PAUSES.chat_id == old).values(chat_id=new))


def cancel_open(connection: Connection, chat_id: int, reason: str, now: datetime) -> None:
    """Take back every reply of a chat that is not being sent."""
    _close(connection, chat_id, sorted(map(str, OPEN)), OutboxState.CANCELLED, reason, now)


def withdraw(connection: Connection, message_row_id: int, now: datetime) -> None:
    """The message was edited or deleted: what was to be answered does not stand there any more."""
    for old, new in _REPLACED:
        connection.execute(
            update(outbox)
            .where(_OUT.webhook_message_id == message_row_id, _OUT.state == str(old))
            .where(_OUT.kind == str(OutboxKind.REPLY))
            .values(state=str(new), error="the message was edited or deleted", updated_at=now)
        )


def _is_asked(row: Mapping[str, Any]) -> bool:
    is_answerable = row["skip_reason"] != SkipReason.EMPTY and row["kind"] not in NEEDS_A_PERSON
    return is_answerable and not row["from_me"]


def _one_of_many(row: Mapping[str, Any]) -> int | None:
    """Who has written in a group; None where the chat has one customer alone."""
    return row["sender_id"] if Jid.parse(row["chat_jid"]).is_group else None


def _chats_with_replies(connection: Connection, chat_ids: Collection[int]) -> set[int]:
    """Those of them where a reply has not been sent yet: mostly none."""
    states = [str(old) for old, _ in _REPLACED]
    query = select(_OUT.chat_id).where(
        _OUT.chat_id.in_(chat_ids), _OUT.state.in_(states), _OUT.kind == str(OutboxKind.REPLY)
    )
    return set(connection.scalars(query)) if chat_ids else set()


def _supersede(connection: Connection, chat_id: int, writer_id: int | None, now: datetime) -> None:
    """End the replies to this writer of a group, or, for None, all of the chat; no warning."""
    theirs = select(_ROWS.id).where(_ROWS.chat_id == chat_id, _ROWS.sender_id == writer_id)
    to_them = [] if writer_id is None else [_OUT.webhook_message_id.in_(theirs)]
    # What warns of danger is not made needless by what is written later.
    to_them.append(_OUT.danger.is_(None))
    why = "the customer has written again"
    for old, new in _REPLACED:
        _close(connection, chat_id, [str(old)], new, why, now, *to_them)


def _close(
    connection: Connection,
    chat_id: int,
    states: Sequence[str],
    new: OutboxState,
    why: str,
    now: datetime,
    *conditions: ColumnElement[bool],
) -> None:
    connection.execute(
        update(outbox)
        .where(_OUT.chat_id == chat_id, _OUT.state.in_(states), _OUT.kind == str(OutboxKind.REPLY))
        .where(*conditions)
        .values(state=str(new), error=why, updated_at=now)
    )


def _by_hand(
    connection: Connection, rows: Sequence[Mapping[str, Any]]
) -> Sequence[Mapping[str, Any]]:
    """Without those that the bridge itself has sent, as far as it knows their ids."""
    if not rows:
        return rows
    known = set(
        connection.scalars(
            select(_OUT.whatsapp_id).where(
                _OUT.whatsapp_id.in_([row["message_id"] for row in rows])
            )
        )
    )
    return [row for row in rows if row["message_id"] not in known]
