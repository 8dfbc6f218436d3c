"""Reads a chat's whole history, a part at a time: six statements a part, however long it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from izer_bridge.domain.message import NOT_SAID, Kind
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.media.decide import MediaState
from izer_bridge.search.history import (
    ChatGap,
    ChatMessage,
    EditedText,
    FileOf,
    HistoryPart,
    QuotedWords,
    ReactionOf,
    SentHow,
    ShownJudgement,
    ShownPart,
)
from izer_bridge.store.columns import unindexed
from izer_bridge.store.tables import (
    analytics_results,
    chats,
    contacts,
    gaps,
    media,
    outbox,
    webhook_messages,
)

_ROWS, _RESULTS, _MEDIA = webhook_messages.c, analytics_results.c, media.c
_OUT, _GAPS = outbox.c, gaps.c
_UNSEEN = sorted(map(str, NOT_SAID))
_QUERY: Select[Any] = (
    select(
        *(column for column in _ROWS if column.name not in ("raw_data", "importance")),
        _RESULTS.urgency_score,
        _RESULTS.category,
        _RESULTS.sentiment,
        _RESULTS.priority_level,
        _RESULTS.action_required,
        _RESULTS.raised_because,
        _MEDIA.id.label("file_id"),
        _MEDIA.found_type,
        _MEDIA.size.label("file_size"),
        _MEDIA.state.label("file_state"),
        _MEDIA.words,
    )
    .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
    .outerjoin(media, _MEDIA.webhook_message_id == _ROWS.id)
)


def read_history(
    connection: Connection,
    chat_id: int,
    limit: int,
    after: tuple[datetime, int] | None = None,
    *,
    begin: int | None = None,
) -> HistoryPart:
    """The latest `limit` messages, or those that follow the place `after`, back in time.

    With `begin`, the first is the message with that id. Raises LookupError if there is no such
    chat, or no such message in it.
    """
    addresses = _addresses(connection, chat_id)
    of_chat = _QUERY.where(_ROWS.chat_id == chat_id, _ROWS.kind.not_in(_UNSEEN))
    if begin is not None:
        of_chat = of_chat.where(_not_after(*_place_of(connection, chat_id, begin)))
    elif after is not None:
        of_chat = of_chat.where(_not_after(*after), _ROWS.id != after[1])
    order = _ROWS.chat_time.desc(), _ROWS.id.desc()
    found = connection.execute(of_chat.order_by(*order).limit(limit + 1)).all()
    rows = found[:limit]
    following = (rows[-1].chat_time, rows[-1].id) if len(found) > limit else None
    latest = after[0] if after else rows[0].chat_time if begin and rows else None
    earliest = following[0] if following else None
    return HistoryPart(
        _completed(connection, rows),
        _missing(connection, addresses, earliest, latest),
        following,
    )


def read_part(
    connection: Connection,
    chat_id: int,
    limit: int,
    *,
    before: tuple[datetime, int] | None = None,
    at: int | None = None,
    after: int | None = None,
) -> ShownPart:
    """The latest part; that which follows the place `before` back in time; that around the message
    `at`; or that which follows the message `after`. Raises LookupError.
    """
    begin = None
    if after is not None:
        begin = _later(connection, chat_id, after, limit)
    elif at is not None:
        begin = _later(connection, chat_id, at, limit // 4)
    history = read_history(
        connection, chat_id, limit, before if begin is None else None, begin=begin
    )
    latest = history.messages[0].id if history.messages else None
    has_newer = latest is not None and _later(connection, chat_id, latest, 1) != latest
    return ShownPart(chat_id, _chats_name(connection, chat_id), history, has_newer)


def _later(connection: Connection, chat_id: int, row_id: int, count: int) -> int:
    """The message so many after that one, or the chat's last."""
    at, _ = _place_of(connection, chat_id, row_id)
    is_later = or_(_ROWS.chat_time > at, and_(_ROWS.chat_time == at, _ROWS.id > row_id))
    query = (
        select(_ROWS.id)
        .where(
            _ROWS.chat_id == chat_id, _ROWS.chat_time >= at, is_later, _ROWS.kind.not_in(_UNSEEN)
        )
        .order_by(_ROWS.chat_time, _ROWS.id)
        .limit(count)
    )
    found = connection.scalars(query).all()
    return found[-1] if found else row_id


def _chats_name(connection: Connection, chat_id: int) -> str:
    query = (
        select(
            chats.c.name,
            chats.c.jid,
            contacts.c.name.label("own"),
            contacts.c.number,
            contacts.c.lid,
        )
        .outerjoin(contacts, contacts.c.id == chats.c.contact_id)
        .where(chats.c.id == chat_id)
    )
    row = connection.execute(query).one()
    return str(row.name or row.own or row.number or row.lid or row.jid or chat_id)


def _not_after(at: datetime, row_id: int) -> ColumnElement[bool]:
    return and_(
        # Implied by the next condition; it bounds what is read of the index.
        _ROWS.chat_time <= at,
        or_(_ROWS.chat_time < at, and_(_ROWS.chat_time == at, _ROWS.id <= row_id)),
    )


def _place_of(connection: Connection, chat_id: int, row_id: int) -> tuple[datetime, int]:
    query = select(_ROWS.chat_time).where(_ROWS.id == row_id, _ROWS.chat_id == chat_id)
    at = connection.scalar(query)
    if at is None:
        raise LookupError(f"chat {chat_id} has no message {row_id}")
    return at, row_id


def _addresses(connection: Connection, chat_id: int) -> Sequence[str]:
    query = (
        select(chats.c.jid, contacts.c.number, contacts.c.lid)
        .outerjoin(contacts, contacts.c.id == chats.c.contact_id)
        .where(chats.c.id == chat_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise LookupError(f"there is no chat {chat_id}")
    number = row.number and f"{row.number.removeprefix('+')}@s.whatsapp.net"
    return [one for one in (row.jid, number, row.lid and f"{row.lid}@lid") if one]


def _missing(
    connection: Connection,
    addresses: Sequence[str],
    earliest: datetime | None,
    latest: datetime | None,
) -> Sequence[ChatGap]:
    query = select(_GAPS.noticed_at, _GAPS.reason).where(
        _GAPS.closed_at.is_(None), _GAPS.chat_jid.in_(addresses)
    )
    if earliest is not None:
        query = query.where(_GAPS.noticed_at >= earliest)
    if latest is not None:
        query = query.where(_GAPS.noticed_at < latest)
    rows = connection.execute(query.order_by(_GAPS.noticed_at.desc(), _GAPS.id.desc()))
    return [ChatGap(row.noticed_at, row.reason) for row in rows]


def _completed(connection: Connection, rows: Sequence[Row[Any]]) -> Sequence[ChatMessage]:
    if not rows:
        return ()
    said_later = _said_later(connection, rows)
    sent = _sent(connection, [row.message_id for row in rows if row.from_me])
    answered = _answered(connection, [row.id for row in rows if not row.from_me])
    return [
        _message(row, said_later[row.message_id], sent.get(row.message_id), answered.get(row.id))
        for row in rows
    ]


def _said_later(connection: Connection, rows: Sequence[Row[Any]]) -> Mapping[str, Sequence[Any]]:
    """Edits and reactions that count, oldest first, by the id of the message that they are of."""
    query = (
        select(
            _ROWS.target_id, _ROWS.kind, _ROWS.chat_time, _ROWS.current_message, _ROWS.sender_name,
            _ROWS.phone_number, _ROWS.from_me,
        )
        .where(
            _ROWS.target_id.in_({row.message_id for row in rows}),
            unindexed(_ROWS.chat_id) == rows[0].chat_id,
            _ROWS.kind.in_((str(Kind.EDIT), str(Kind.REACTION))),
            or_(_ROWS.skip_reason.is_(None), _ROWS.skip_reason != str(SkipReason.REFUSED)),
        )
        .order_by(_ROWS.chat_time, _ROWS.id)
    )  # fmt: skip
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.target_id].append(row)
    return found


def _sent(connection: Connection, message_ids: Sequence[str]) -> Mapping[str, SentHow]:
    query = select(outbox).where(_OUT.whatsapp_id.in_(message_ids))
    rows = connection.execute(query) if message_ids else ()
    return {
        row.whatsapp_id: SentHow(
            row.agent, row.decided_by, row.webhook_message_id, row.delivered_at, row.read_at
        )
        for row in rows
    }


def _answered(connection: Connection, row_ids: Sequence[int]) -> Mapping[int, int]:
    """The replies as messages, by the messages that they answer."""
    query = (
        select(_OUT.webhook_message_id, _ROWS.id)
        .join(webhook_messages, _ROWS.message_id == _OUT.whatsapp_id)
        .where(
            _OUT.webhook_message_id.in_(row_ids),
            _OUT.state == str(OutboxState.SENT),
            _ROWS.from_me.is_(True),
        )
        .order_by(_ROWS.id)
    )
    rows = connection.execute(query) if row_ids else ()
    return {row.webhook_message_id: row.id for row in rows}


def _message(
    row: Row[Any], said_later: Sequence[Row[Any]], sending: SentHow | None, answered_by: int | None
) -> ChatMessage:
    edits = [one for one in said_later if one.kind == Kind.EDIT]
    is_edited = row.edited_text is not None
    return ChatMessage(
        id=row.id,
        message_id=row.message_id,
        sent_at=row.chat_time,
        from_me=row.from_me,
        is_automatic=row.is_automatic,
        sender=_name(row),
        kind=row.kind,
        text=row.edited_text if is_edited else row.current_message,
        first_text=row.current_message if is_edited else None,
        edits=[EditedText(one.chat_time, one.current_message) for one in edits],
        revoked_at=row.revoked_at,
        quoted=_quoted(row),
        file=_file(row),
        reactions=_reactions(one for one in said_later if one.kind == Kind.REACTION),
        sending=sending,
        answered_by=answered_by,
        judgement=_judgement(row),
        state=row.state,
        skip_reason=row.skip_reason,
    )


def _name(row: Row[Any]) -> str:
    return str(row.sender_name or row.phone_number or "")


def _reactions(rows: Any) -> Sequence[ReactionOf]:
    """An empty one takes back the one before."""
    last = {(_name(row), row.from_me): row for row in rows}
    return [
        ReactionOf(_name(row), row.chat_time, row.current_message)
        for row in last.values()
        if row.current_message
    ]


def _quoted(row: Row[Any]) -> QuotedWords | None:
    quoted = (row.context_info or {}).get("quoted")
    if not quoted:
        return None
    return QuotedWords(quoted.get("sender") or "", quoted.get("text") or "")


def _file(row: Row[Any]) -> FileOf | None:
    if row.media_mimetype is None and row.file_id is None:
        return None
    return FileOf(
        id=row.file_id,
        type=row.found_type or row.media_mimetype or "",
        size=row.file_size or row.media_size or 0,
        file_name=row.media_file_name,
        state=row.file_state or str(MediaState.OFF),
        words=row.words,
    )


def _judgement(row: Row[Any]) -> ShownJudgement | None:
    if row.urgency_score is None:
        return None
    return ShownJudgement(
        row.urgency_score,
        row.category,
        row.sentiment,
        row.priority_level,
        row.action_required,
        row.raised_because,
    )
