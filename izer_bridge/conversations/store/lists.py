"""Conversations as lists show them: a few statements a page, whatever the number of chats."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    case,
    func,
    or_,
    select,
)

from izer_bridge.analysis.store.analyses import dangers_in
from izer_bridge.conversations.clock import ClockPhase
from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationPage,
    ConversationStatus,
    LastWords,
    ListedConversation,
    ListKey,
    StatusCounts,
    Urgency,
)
from izer_bridge.conversations.store.rows import clock_of
from izer_bridge.domain.identity import GROUP_SERVER
from izer_bridge.domain.message import NOT_SAID, Kind, Media, in_words
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.quoted_text import excerpt
from izer_bridge.store.tables import (
    analytics_results,
    chat_pauses,
    chats,
    contacts,
    conversations,
    media,
    outbox,
    webhook_messages,
)

_C, _ROWS, _RESULTS, _OUT = conversations.c, webhook_messages.c, analytics_results.c, outbox.c
_CHATS, _CONTACTS, _PAUSES = chats.c, contacts.c, chat_pauses.c
_S = ConversationStatus
_ON_ITS_WAY = (OutboxState.APPROVED, OutboxState.SENDING)
_LATEST = (
    select(_ROWS.id)
    .where(_ROWS.chat_id == _C.id, _ROWS.kind.not_in(NOT_SAID))
    .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
    .limit(1)
    .correlate(conversations)
    .scalar_subquery()
)
_LISTED = (
    select(
        conversations,
        *(_CHATS.account, _CHATS.jid, _CHATS.name, _CONTACTS.number, _CONTACTS.lid),
        _CONTACTS.name.label("contact_name"),
        *(_RESULTS.urgency_score, _RESULTS.priority_level, _RESULTS.category),
        *(_RESULTS.sentiment, _RESULTS.keywords, _RESULTS.danger, _RESULTS.raised_because),
        *(_PAUSES.id.label("pause_id"), _PAUSES.paused_until, _PAUSES.paused_by),
        _LATEST.label("latest_id"),
    )
    .join(chats, _CHATS.id == _C.id)
    .outerjoin(contacts, _CONTACTS.id == _CHATS.contact_id)
    .outerjoin(analytics_results, _RESULTS.webhook_message_id == _C.urgent_id)
    .outerjoin(chat_pauses, _PAUSES.chat_id == _C.id)
)
_WORDS = (
    select(
        *(_ROWS.id, _ROWS.kind, _ROWS.chat_time, _ROWS.from_me, _ROWS.is_automatic),
        *(_ROWS.sender_name, _ROWS.current_message, _ROWS.edited_text, _ROWS.revoked_at),
        *(_ROWS.media_mimetype, _ROWS.media_file_name, media.c.words),
    )
    .select_from(webhook_messages)
    .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
)


def page(
    connection: Connection,
    statuses: Collection[ConversationStatus],
    after: ListKey | None,
    limit: int,
    now: datetime,
) -> ConversationPage:
    """See `ports.ConversationDesk.page`."""
    which, order, is_latest_first = _order_of(frozenset(statuses), now)
    if after is not None:
        which = and_(which, _follows(order, after, is_latest_first))
    by = (order.desc(), _C.id.desc()) if is_latest_first else (order, _C.id)
    rows = connection.execute(_LISTED.where(which).order_by(*by).limit(limit + 1)).all()
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    following = None if last is None else ListKey(getattr(last, order.key), last.id)
    return ConversationPage(_listed(connection, shown, now), following)


def some(
    connection: Connection, chat_ids: Collection[int], now: datetime
) -> Sequence[ListedConversation]:
    if not chat_ids:
        return ()
    return _listed(connection, connection.execute(_LISTED.where(_C.id.in_(chat_ids))).all(), now)


def counts(connection: Connection, now: datetime) -> StatusCounts:
    is_awake, is_late = _is_awake(now), _C.due_at <= now
    is_soon = and_(_C.soon_at <= now, ~is_late)

    def number(which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((which, 1), else_=0)), 0)

    found = connection.execute(
        select(
            number(and_(is_awake, ~_C.was_answered)).label(_S.NEEDS_FIRST_ANSWER),
            number(and_(is_awake, _C.was_answered)).label(_S.NEEDS_ANSWER),
            number(~is_awake).label(_S.SNOOZED),
            number(and_(is_awake, is_soon)).label("soon"),
            number(and_(is_awake, is_late)).label("breached"),
        ).where(_C.phase == str(ClockPhase.WAITING))
    ).one()
    quiet = select(func.count()).where(_C.phase == str(ClockPhase.CUSTOMER))
    waiting = (_S.NEEDS_FIRST_ANSWER, _S.NEEDS_ANSWER, _S.SNOOZED)
    by_status = {one: int(getattr(found, one)) for one in waiting}
    by_status[_S.WAITING_FOR_CUSTOMER] = int(connection.scalar(quiet) or 0)
    held = {status: count for status, count in by_status.items() if count}
    return StatusCounts(held, int(found.soon), int(found.breached))


def changed_since(
    connection: Connection, moment: datetime, now: datetime, most: int
) -> list[tuple[int, datetime]]:
    """Chats that have changed since then, and when, the latest `most`; and whose snooze is over."""
    changed = (
        select(_C.id, _C.changed_at)
        .where(_C.changed_at >= moment)
        .order_by(_C.changed_at.desc())
        .limit(most)
    )
    woken = select(_C.id, _C.snoozed_until.label("changed_at")).where(
        _C.snoozed_until.is_not(None), _C.snoozed_until.between(moment, now)
    )
    found = [connection.execute(query).all() for query in (changed, woken.limit(most))]
    return [(row.id, row.changed_at) for rows in found for row in rows]


def _follows(order: Any, after: ListKey, is_latest_first: bool) -> ColumnElement[bool]:
    """In words that MySQL, too, reads from an index: it compares pairs row by row."""
    if is_latest_first:
        return and_(order <= after.at, or_(order < after.at, _C.id < after.chat_id))
    return and_(order >= after.at, or_(order > after.at, _C.id > after.chat_id))


def _is_awake(now: datetime) -> ColumnElement[bool]:
    return or_(_C.snoozed_until.is_(None), _C.snoozed_until <= now)


def _order_of(
    statuses: frozenset[ConversationStatus], now: datetime
) -> tuple[ColumnElement[bool], Any, bool]:
    """Which rows, by which column, and whether the latest come first. Raises ValueError."""
    if statuses and statuses <= UNANSWERED:
        which = and_(_C.phase == str(ClockPhase.WAITING), _is_awake(now))
        if len(statuses) == 1:
            which = and_(which, _C.was_answered.is_(_S.NEEDS_ANSWER in statuses))
        return which, _C.sort_at, False
    if statuses == {_S.SNOOZED}:
        return _C.snoozed_until > now, _C.snoozed_until, False
    phases = {_S.WAITING_FOR_CUSTOMER: ClockPhase.CUSTOMER, _S.DONE: ClockPhase.DONE}
    if len(statuses) == 1 and statuses <= phases.keys():
        [status] = statuses
        return _C.phase == str(phases[status]), _C.sort_at, True
    raise ValueError(
        "status: expected one, or those that need an answer together: "
        + ", ".join(ConversationStatus)
    )


def _listed(
    connection: Connection, rows: Sequence[Row[Any]], now: datetime
) -> list[ListedConversation]:
    words = _words(connection, [row.latest_id for row in rows if row.latest_id is not None])
    replies = _replies(connection, [row.id for row in rows])
    return [_one(row, words, replies.get(row.id, {}), now) for row in rows]


def _one(
    row: Row[Any],
    words: Mapping[int, LastWords],
    replies: Mapping[str, int],
    now: datetime,
) -> ListedConversation:
    clock, status = clock_of(row), clock_of(row).status(now)
    lid = row.lid and f"{row.lid}@lid"
    is_paused = row.pause_id is not None and (row.paused_until is None or row.paused_until > now)
    return ListedConversation(
        chat_id=row.id,
        account=row.account,
        name=row.name or row.contact_name or row.number or lid or row.jid or str(row.id),
        number=row.number or "",
        is_group=(row.jid or "").endswith(f"@{GROUP_SERVER}"),
        is_vip=clock.is_vip,
        is_critical_group=clock.is_critical_group,
        status=status,
        changed_at=row.changed_at,
        version=clock.version,
        waiting_since=clock.waiting_since,
        soon_at=clock.soon_at,
        due_at=clock.due_at,
        unanswered=clock.unanswered,
        urgency=_urgency(row),
        last=words.get(row.latest_id),
        snoozed_until=clock.snoozed_until if status is _S.SNOOZED else None,
        is_paused=is_paused,
        paused_until=row.paused_until if is_paused else None,
        paused_by=(row.paused_by or "") if is_paused else "",
        draft_id=replies.get(OutboxState.DRAFT),
        is_answer_on_its_way=any(state in replies for state in _ON_ITS_WAY),
        decided=clock.decided,
    )


def _urgency(row: Row[Any]) -> Urgency | None:
    if row.urgent_id is None or row.urgency_score is None:
        return None
    return Urgency(
        row_id=row.urgent_id,
        score=row.urgency_score,
        priority=row.priority_level,
        category=row.category,
        sentiment=row.sentiment,
        words=tuple(map(str, row.keywords or ())),
        dangers=dangers_in(row.danger),
        raised_because=row.raised_because,
    )


def _words(connection: Connection, row_ids: Collection[int]) -> dict[int, LastWords]:
    found = connection.execute(_WORDS.where(_ROWS.id.in_(row_ids))) if row_ids else ()
    return {row.id: _last(row) for row in found}


def _last(row: Any) -> LastWords:
    text = row.edited_text if row.edited_text is not None else row.current_message
    kind = Kind(row.kind)
    medium = None
    if row.media_mimetype:
        medium = Media(row.media_mimetype, 0, row.media_file_name, words=row.words or "")
    shown = "" if row.revoked_at is not None else excerpt(in_words(kind, text, medium))
    return LastWords(
        row_id=row.id,
        kind=str(Kind.REVOKE if row.revoked_at is not None else kind),
        sent_at=row.chat_time,
        from_me=row.from_me,
        is_automatic=row.is_automatic,
        sender=row.sender_name,
        text=shown,
    )


def _replies(connection: Connection, chat_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """By chat and state the latest reply that is open or on its way."""
    if not chat_ids:
        return {}
    states = sorted(map(str, (OutboxState.DRAFT, *_ON_ITS_WAY)))
    found = connection.execute(
        select(_OUT.id, _OUT.chat_id, _OUT.state)
        .where(_OUT.chat_id.in_(chat_ids), _OUT.state.in_(states))
        .where(_OUT.kind != str(OutboxKind.NOTICE))
        .order_by(_OUT.id)
    )
    replies: dict[int, dict[str, int]] = {}
    for row in found:
        replies.setdefault(row.chat_id, {})[row.state] = row.id
    return replies
