"""A person's decision about a draft, in the caller's transaction: the first one counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.replies.decide import standing_against
from izer_bridge.replies.owner_verdict import (
    Decided,
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
    earlier,
)
from izer_bridge.replies.store.chat_facts import About, of_reply
from izer_bridge.replies.store.outbox_rows import move
from izer_bridge.store.tables import outbox
from izer_bridge.store.text import name as fitting_name

_OUT = outbox.c


def decide(connection: Connection, row_id: int, decision: OwnerDecision, now: datetime) -> Decided:
    """Decide, where it is still open and nothing stands against it.

    Raises LookupError where there is no such draft, ValueError for a text that nobody can be sent.
    """
    row = _draft(connection, row_id)
    text = None if decision.verdict is not OwnerVerdict.CORRECT else sendable(decision.text or "")
    decision = OwnerDecision(decision.verdict, decision.by, text)
    state = OutboxState(row.state)
    if state is not OutboxState.DRAFT:
        return Decided(earlier(decision, state, row.edited_text), state)
    ended = _ended(connection, row, decision, now)
    if ended is not None:
        return Decided(DecisionOutcome.OTHERWISE, ended)
    decided: dict[str, Any] = {"decided_by": fitting_name(decision.by), "decided_at": now}
    if decision.verdict is OwnerVerdict.REFUSE:
        new = OutboxState.REFUSED
    else:
        new = OutboxState.APPROVED
        decided |= {"edited_text": text, "not_before": now}
    move(connection, row_id, OutboxState.DRAFT, now, state=new, **decided)
    return Decided(DecisionOutcome.DONE, new)


def _draft(connection: Connection, row_id: int) -> Row[Any]:
    """Locked, so that of two who decide at once the second one sees what the first has done."""
    found = connection.execute(
        select(outbox)
        .where(_OUT.id == row_id, _OUT.kind == str(OutboxKind.REPLY))
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"there is no draft {row_id}")
    return row


def _ended(
    connection: Connection, row: Row[Any], decision: OwnerDecision, now: datetime
) -> OutboxState | None:
    """End a draft that may not be sent any more, whatever is decided; its state then."""
    if decision.verdict is OwnerVerdict.REFUSE:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        new, why = OutboxState.LAPSED, "it waited too long"
    elif row.webhook_message_id is None:
        new, why = OutboxState.CANCELLED, "its message is gone"
    else:
        about = About(row.webhook_message_id, row.chat_id, row.account)
        found = of_reply(connection, about, now)
        against = standing_against(found, is_pressing=row.danger is not None)
        if against is None:
            return None
        new, why = OutboxState.CANCELLED, against
    move(connection, row.id, OutboxState.DRAFT, now, state=new, error=why)
    return new
