"""Removes messages and everything that refers to them, so that the others' chain still holds.

Their entries keep position and link, from which later entries follow, and lose what says whose
message it was; the time of removal takes its place.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Connection,
    and_,
    delete,
    exists,
    insert,
    select,
    update,
)

from izer_bridge.conversations.store.upkeep import let_go
from izer_bridge.store import full_text
from izer_bridge.store.tables import (
    message_chain,
    outbox,
    removals,
    webhook_messages,
)

# Why something was removed, as `removals` records it.
RETENTION, FORGET = "retention", "forget"

_ROWS, _CHAIN, _OUT = webhook_messages.c, message_chain.c, outbox.c


def begin(
    connection: Connection, reason: str, at: datetime, analyses_before: datetime | None = None
) -> None:
    """Record that messages are about to be removed; the chain's verification relies on it."""
    known = connection.scalar(select(removals.c.id).where(removals.c.started_at == at))
    if known is None:
        connection.execute(
            insert(removals).values(started_at=at, reason=reason, analyses_before=analyses_before)
        )


def remove_messages(connection: Connection, row_ids: Sequence[int], began_at: datetime) -> None:
    """Remove these rows of `webhook_messages`; `began_at` is the value given to `begin`."""
    full_text.take_out(connection, row_ids)
    found = connection.execute(
        select(_ROWS.account, _ROWS.message_id, _ROWS.chat_id).where(_ROWS.id.in_(row_ids))
    )
    named = found.all()
    about = connection.scalars(select(_OUT.id).where(_OUT.webhook_message_id.in_(row_ids)))
    remove_sent(connection, about.all())
    connection.execute(delete(webhook_messages).where(_ROWS.id.in_(row_ids)))
    let_go(connection, {row.chat_id for row in named}, row_ids, began_at)
    is_still_there = exists().where(
        and_(
            _ROWS.account == _CHAIN.account,
            _ROWS.message_id == _CHAIN.message_id,
            _ROWS.chat_jid == _CHAIN.chat_jid,
        )
    )
    for account in sorted({row.account for row in named}):
        ids = [row.message_id for row in named if row.account == account]
        connection.execute(
            update(message_chain)
            .where(_CHAIN.message_id.in_(ids), _CHAIN.account == account, ~is_still_there)
            .values(message_id="", chat_jid="", content_hash="", removed_at=began_at)
        )


def remove_sent(connection: Connection, outbox_ids: Sequence[int]) -> None:
    """Remove these rows of the outbox; a notice about one of them stays, without the reference."""
    connection.execute(update(outbox).where(_OUT.about_id.in_(outbox_ids)).values(about_id=None))
    connection.execute(delete(outbox).where(_OUT.id.in_(outbox_ids)))


def removed_since(connection: Connection, moment: datetime) -> dict[str, int]:
    """How many rows, by table, and files were removed in removals that began since then."""
    found = connection.scalars(select(removals.c.removed).where(removals.c.started_at >= moment))
    total: dict[str, int] = {}
    for removed in found:
        for name, number in (removed or {}).items():
            total[name] = total.get(name, 0) + number
    return total
