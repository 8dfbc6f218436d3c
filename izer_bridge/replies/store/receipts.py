"""Receipts for the bridge's own messages (sent, delivered, read), and their entry in the chat."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from izer_bridge.domain.event import EventType
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState, ReceiptKind
from izer_bridge.domain.outgoing import ReachedReply, Receipt
from izer_bridge.events.store.emit import emit
from izer_bridge.media import store as media_store
from izer_bridge.replies.store.outbox_files import FILE_COLUMNS, sent_file
from izer_bridge.replies.store.outbox_rows import IS_AT_WORK
from izer_bridge.store import fitting
from izer_bridge.store.columns import UtcDateTime
from izer_bridge.store.tables import early_receipts, outbox, outbox_files, webhook_messages
from izer_bridge.store.text import identifier

_OUT, _EARLY, _ROWS = outbox.c, early_receipts.c, webhook_messages.c
_COLUMN = {ReceiptKind.DELIVERED: _OUT.delivered_at, ReceiptKind.READ: _OUT.read_at}
_EARLY_LASTS = timedelta(days=1)
# Records a sent message in its chat, in the same transaction.
Write = Callable[[Connection, Message, datetime], None]


def receive(
    connection: Connection, found: Sequence[Receipt], write: Write, now: datetime
) -> list[ReachedReply]:
    """Record receipts, and return how far our own messages have come; others are ignored."""
    found = [fitting.receipt(one) for one in found]
    ids = {one for receipt in found for one in receipt.message_ids}
    ours = select(_OUT.whatsapp_id, _OUT.id, _OUT.webhook_message_id)
    rows = connection.execute(ours.where(_OUT.whatsapp_id.in_(ids)))
    known = {row.whatsapp_id: (row.id, row.webhook_message_id) for row in rows}
    reached = []
    may_be_early = _is_something_nameless(connection)
    for receipt in found:
        for whatsapp_id in receipt.message_ids:
            if whatsapp_id in known:
                _note(connection, whatsapp_id, receipt.kind, receipt.at, now)
                resolve(connection, whatsapp_id, write, now)
                reached.append(ReachedReply(*known[whatsapp_id], receipt.kind))
            elif may_be_early:
                _keep(connection, receipt, whatsapp_id, now)
    return reached


def became_sent(
    connection: Connection, row_id: int, whatsapp_id: str, server_at: datetime, now: datetime
) -> bool:
    """WhatsApp's server has accepted it; False if the row is no longer on its way."""
    on_its_way = (str(OutboxState.SENDING), str(OutboxState.UNCERTAIN))
    moved = connection.execute(
        update(outbox)
        .where(_OUT.id == row_id, _OUT.state.in_(on_its_way))
        .values(
            state=str(OutboxState.SENT),
            whatsapp_id=identifier(whatsapp_id),
            server_at=server_at,
            error=None,
            updated_at=now,
        )
    )
    _apply_early(connection, whatsapp_id, now)
    return moved.rowcount == 1


def resolve(connection: Connection, whatsapp_id: str, write: Write, now: datetime) -> None:
    """An uncertain message that somebody has received was sent."""
    _apply_early(connection, whatsapp_id, now)
    reached = func.coalesce(_OUT.delivered_at, _OUT.read_at)
    row = connection.execute(
        select(_OUT.id, reached.label("reached_at")).where(
            _OUT.whatsapp_id == whatsapp_id,
            _OUT.state == str(OutboxState.UNCERTAIN),
            reached.is_not(None),
        )
    ).one_or_none()
    if row is not None:
        reached_at = now if row.reached_at is None else row.reached_at
        became_sent(connection, row.id, whatsapp_id, reached_at, now)
        enter(connection, row.id, write, now)


def enter(connection: Connection, row_id: int, write: Write, now: datetime) -> None:
    """Record a sent message in its chat, so that readers of the chat see it."""
    row = connection.execute(
        select(outbox, *FILE_COLUMNS)
        .outerjoin(outbox_files, outbox_files.c.outbox_id == _OUT.id)
        .where(_OUT.id == row_id)
    ).one()
    own = Jid.parse(f"{row.account.removeprefix('+')}@s.whatsapp.net")
    file = sent_file(row)
    said = Message(
        account=row.account,
        message_id=row.whatsapp_id,
        chat=Jid.parse(row.chat_jid),
        sender=own,
        sent_at=row.server_at,
        kind=Kind.TEXT if file is None else file.kind,
        text=row.edited_text or row.proposed_text or "",
        origin=Origin.HAND if row.kind == OutboxKind.HAND else Origin.SENT,
        from_me=True,
        is_notice=row.kind == OutboxKind.NOTICE,
        media=None if file is None else file.media,
    )
    write(connection, said, now)
    if file is not None:
        media_store.enclose_sent(connection, _recorded(said, _ROWS.id), file.kind, file.kept, now)
    if row.kind == OutboxKind.REPLY:
        told = {
            "account": row.account,
            "outbox_id": row.id,
            "row_id": row.webhook_message_id,
            "message_id": row.whatsapp_id,
            "chat": row.chat_jid,
        }
        texts = {"text": said.text}
        emit(connection, EventType.REPLY_SENT, told, at=now, texts=texts)
    if row.chat_id is None:
        chat_id = connection.scalar(_recorded(said, _ROWS.chat_id))
        connection.execute(update(outbox).where(_OUT.id == row_id).values(chat_id=chat_id))


def _recorded(said: Message, column: ColumnElement[int]) -> Select[Any]:
    """The row of what was just recorded."""
    message_id = identifier(said.message_id)
    is_it = _ROWS.message_id == message_id, _ROWS.account == said.account, _ROWS.from_me
    return select(column).where(*is_it)


def _note(
    connection: Connection, whatsapp_id: str, kind: ReceiptKind, at: datetime, now: datetime
) -> None:
    """The first of each kind counts; a read message was delivered."""
    came = literal(at, UtcDateTime())
    values: dict[Any, Any] = {_COLUMN[kind]: func.coalesce(_COLUMN[kind], came)}
    if kind is ReceiptKind.READ:
        values[_OUT.delivered_at] = func.coalesce(_OUT.delivered_at, came)
    connection.execute(
        update(outbox)
        .where(_OUT.whatsapp_id == whatsapp_id)
        .values({**values, _OUT.updated_at: now})
    )


def _is_something_nameless(connection: Connection) -> bool:
    """Whether a message is on its way whose id is not known yet."""
    nameless = exists().where(IS_AT_WORK, _OUT.state == str(OutboxState.SENDING))
    return bool(connection.scalar(select(nameless)))


def _keep(connection: Connection, receipt: Receipt, whatsapp_id: str, now: datetime) -> None:
    known = connection.scalar(
        select(_EARLY.id).where(
            _EARLY.whatsapp_id == whatsapp_id,
            _EARLY.kind == str(receipt.kind),
            _EARLY.account == receipt.account,
        )
    )
    if known is None:
        connection.execute(
            insert(early_receipts).values(
                account=receipt.account,
                whatsapp_id=whatsapp_id,
                kind=str(receipt.kind),
                came_at=receipt.at,
                created_at=now,
            )
        )


def _apply_early(connection: Connection, whatsapp_id: str, now: datetime) -> None:
    found = connection.execute(select(early_receipts).where(_EARLY.whatsapp_id == whatsapp_id))
    for row in found.all():
        _note(connection, whatsapp_id, ReceiptKind(row.kind), row.came_at, now)
    connection.execute(
        delete(early_receipts).where(
            or_(_EARLY.whatsapp_id == whatsapp_id, _EARLY.created_at < now - _EARLY_LASTS)
        )
    )
