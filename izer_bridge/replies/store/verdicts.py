"""A person's decision about a draft, in the caller's transaction: the first one counts."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.replies.owner_verdict import (
    Decided,
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
)
from izer_bridge.replies.store.chat_facts import About, of_reply
from izer_bridge.replies.store.outbox_rows import move
from izer_bridge.replies.verdict_plan import DraftFacts, VerdictPlan, plan_verdict
from izer_bridge.store.tables import outbox
from izer_bridge.store.text import name as fitting_name

_OUT = outbox.c


def decide(connection: Connection, row_id: int, decision: OwnerDecision, now: datetime) -> Decided:
    """Decide, if it is still open and nothing stands against it.

    Raises LookupError if there is no such draft, ValueError for a text that must not be sent.
    """
    row = _draft(connection, row_id)
    text = None if decision.verdict is not OwnerVerdict.CORRECT else sendable(decision.text or "")
    decision = OwnerDecision(decision.verdict, decision.by, text)
    plan = plan_verdict(_facts(connection, row, now), decision, now)
    decided, values = plan.decided, _written(plan, decision, now)
    if decided.state != row.state:
        move(connection, row_id, OutboxState(row.state), now, state=decided.state, **values)
    decided = replace(decided, is_pressing=row.danger is not None)
    if decided.outcome is DecisionOutcome.OTHERWISE:
        renewed_as = _renewed_as(connection, row)
        return replace(decided, why=plan.error or row.error, renewed_as=renewed_as)
    return decided


def _renewed_as(connection: Connection, row: Row[Any]) -> int | None:
    """The last in its chain of replacements."""
    renewed_as: int | None = None
    while row.state == OutboxState.RENEWED and row.about_id is not None:
        renewed_as = row.about_id
        row = connection.execute(select(outbox).where(_OUT.id == renewed_as)).one()
    return renewed_as


def _written(plan: VerdictPlan, decision: OwnerDecision, now: datetime) -> dict[str, Any]:
    """The columns to be written besides the new state."""
    if plan.error is not None:
        return {"error": plan.error}
    decided = {"decided_by": fitting_name(decision.by), "decided_at": now}
    if plan.decided.state is OutboxState.APPROVED:
        return decided | {"edited_text": decision.text, "not_before": now}
    return decided


def _draft(connection: Connection, row_id: int) -> Row[Any]:
    """Locked, so that of two concurrent decisions the second sees the result of the first."""
    found = connection.execute(
        select(outbox)
        .where(_OUT.id == row_id, _OUT.kind == str(OutboxKind.REPLY))
        .with_for_update()
    )
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"there is no draft {row_id}")
    return row


def _facts(connection: Connection, row: Row[Any], now: datetime) -> DraftFacts:
    chat = None
    if row.webhook_message_id is not None:
        about = About(row.webhook_message_id, row.chat_id, row.account)
        chat = of_reply(connection, about, now)
    return DraftFacts(
        OutboxState(row.state), row.edited_text, row.expires_at, row.danger is not None, chat
    )
