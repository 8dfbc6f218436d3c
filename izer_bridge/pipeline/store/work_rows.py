"""Converts rows back into work with its context, and into outcomes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from izer_bridge.agents.store import whole
from izer_bridge.analysis.store.analyses import analysis_of
from izer_bridge.conversations.store.rows import read_clock
from izer_bridge.domain.context_info import Quotation
from izer_bridge.domain.fault import fault_of
from izer_bridge.domain.message import NOT_SAID, UNREADABLE_EDIT, Kind, Message
from izer_bridge.domain.message_state import SkipReason, State
from izer_bridge.domain.work import Attempt, MessageProgress, Work
from izer_bridge.people.store.important import as_recorded
from izer_bridge.pipeline.store.chat_context import context, histories
from izer_bridge.pipeline.store.message_rows import WORDS, message_of, spoken_of
from izer_bridge.store.tables import (
    agent_calls,
    analytics_results,
    conversations,
    media,
    webhook_messages,
)

_ROWS = webhook_messages.c

_WORK = (
    select(webhook_messages, analytics_results, media.c.words, conversations)
    .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
    .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
    .outerjoin(conversations, conversations.c.id == _ROWS.chat_id)
)

_LEASED = _WORK.where(
    _ROWS.id.in_(bindparam("row_ids", expanding=True)), _ROWS.lease_token == bindparam("lease")
).order_by(_ROWS.id)

# A server names each column that it sends: those that nobody asks for cost as much as the others.
_PROGRESS = (
    select(_ROWS.state, _ROWS.updated_at, _ROWS.skip_reason, _ROWS.last_error, analytics_results)
    .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
    .where(_ROWS.id == bindparam("row_id"))
)
_LATEST_CALL = (
    select(agent_calls)
    .where(agent_calls.c.webhook_message_id == bindparam("row_id"))
    .order_by(agent_calls.c.id.desc())
    .limit(1)
)


def leased_work(
    connection: Connection, lease: str, row_ids: Sequence[int], limit: int
) -> tuple[Sequence[Work], Mapping[int, str]]:
    """Those of these rows that are under `lease`, oldest first, with what was said before them.

    Malformed rows are returned apart, with the kind of error: one must not keep the others from
    being worked.
    """
    works, senseless = [], {}
    found_rows = connection.execute(_LEASED, {"row_ids": row_ids, "lease": lease})
    for row in found_rows.all():
        try:
            found = _work(row)
        except Exception as error:  # noqa: BLE001 - the border: the row is named and buried
            senseless[row._mapping[_ROWS.id]] = fault_of(error).kind
            continue
        works.append(_with_quoted(connection, found))
    before = histories(connection, works, limit) if limit else {}
    return [replace(one, history=before.get(one.row_id, ())) for one in works], senseless


def work(connection: Connection, row_id: int, limit: int) -> Work:
    """One row as work that nobody has leased, with its `context`.

    Raises LookupError if the row does not exist.
    """
    found = connection.execute(_WORK.where(_ROWS.id == row_id))
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"there is no row {row_id}")
    one = _with_quoted(connection, _work(row))
    return replace(one, history=tuple(context(connection, row_id, limit)))


def outcome(connection: Connection, row_id: int) -> MessageProgress:
    """How far a row has come. Raises LookupError if it does not exist."""
    row = connection.execute(_PROGRESS, {"row_id": row_id}).one_or_none()
    if row is None:
        raise LookupError(f"there is no row {row_id}")
    latest = connection.execute(_LATEST_CALL, {"row_id": row_id}).one_or_none()
    fields = row._mapping
    reason = fields[_ROWS.skip_reason]
    return MessageProgress(
        row_id=row_id,
        state=State(fields[_ROWS.state]),
        updated_at=fields[_ROWS.updated_at],
        analysis=analysis_of(row),
        attempt=_attempt(connection, latest) if latest else None,
        skip_reason=SkipReason(reason) if reason else None,
        error=fields[_ROWS.last_error],
    )


def _work(row: Row[Any]) -> Work:
    fields = row._mapping
    return Work(
        row_id=fields[_ROWS.id],
        lease=fields[_ROWS.lease_token] or "",
        state=State(fields[_ROWS.state]),
        attempts=fields[_ROWS.attempts],
        message=_as_edited(message_of(row), fields[_ROWS.edited_text]),
        phone_number=fields[_ROWS.phone_number],
        importance=as_recorded(
            fields[_ROWS.importance],
            is_vip=fields[_ROWS.is_vip_customer],
            is_critical_group=fields[_ROWS.is_critical_group],
        ),
        analysis=analysis_of(row),
        chat_id=fields[_ROWS.chat_id],
        recorded_at=fields[_ROWS.created_at],
        conversation=read_clock(row),
    )


def _as_edited(message: Message, text: str | None) -> Message:
    """With the words that count; if only the phone shows those, a person must look."""
    if text is None:
        return message
    kind = Kind.PHONE_ONLY if text == UNREADABLE_EDIT else message.kind
    return replace(message, kind=kind, text=text)


def _with_quoted(connection: Connection, work: Work) -> Work:
    """With the quoted words as they are now, if the store has them.

    Only from the same chat: a phone may name any message, and a customer must not be told
    another's. If the quoted message was revoked, the copy in the quotation is used.
    """
    message = work.message
    if not message.target_id or message.kind in NOT_SAID:
        return work
    same_chat = select(_ROWS.chat_id).where(_ROWS.id == work.row_id).scalar_subquery()
    found = connection.execute(
        WORDS.where(
            _ROWS.message_id == message.target_id,
            _ROWS.chat_id == same_chat,
            _ROWS.kind.not_in(NOT_SAID),
            _ROWS.revoked_at.is_(None),
        )
    )
    original = _meant(found.all(), message.context.quoted)
    if original is None:
        return work
    # A malformed one must not keep this one from being worked.
    with suppress(ValueError):
        writer = message_of(original).writer(original.phone_number)
        quoted = Quotation(spoken_of(original), writer, original.from_me, is_stored=True)
        around = replace(message.context, quoted=quoted)
        return replace(work, message=replace(message, context=around))
    return work


def _meant(found: Sequence[Row[Any]], quoted: Quotation | None) -> Row[Any] | None:
    """The row that the quotation means: two writers may have chosen the same id."""
    of_side = [one for one in found if quoted is None or one.from_me == quoted.from_me]
    return next(iter(of_side or found), None)


def _attempt(connection: Connection, row: Row[Any]) -> Attempt:
    return Attempt(
        agent=row.agent_type,
        url=row.agent_url,
        reason=row.reason or "",
        succeeded=row.routing_success,
        response=whole(connection, row),
        response_time_ms=row.response_time_ms or 0,
        error=row.error_message,
    )
