"""Rows back into the domain's values: work with its message, context, outcomes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)

from izer_bridge.model.context_info import Quotation
from izer_bridge.model.excerpt import excerpt
from izer_bridge.model.fault import fault_of
from izer_bridge.model.identity import Jid
from izer_bridge.model.ledger import SkipReason, State
from izer_bridge.model.message import (
    NOT_SAID,
    UNREADABLE_EDIT,
    HistoryEntry,
    Kind,
    Media,
    Message,
    Origin,
    in_words,
)
from izer_bridge.model.plain import is_blank
from izer_bridge.pipeline.ports import Attempt, Outcome, Work
from izer_bridge.store import context_info
from izer_bridge.store.analyses import analysis_of
from izer_bridge.store.important import as_recorded
from izer_bridge.store.tables import (
    agent_routing,
    analytics_results,
    media,
    message_history,
    webhook_messages,
)

_ROWS = webhook_messages.c
# How much of a message stands beside a reaction to it.
_LONGEST_TARGET = 80
_WORDS = select(webhook_messages, media.c.words).outerjoin(
    media, media.c.webhook_message_id == _ROWS.id
)
_WORK = (
    select(webhook_messages, analytics_results, media.c.words)
    .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
    .outerjoin(media, media.c.webhook_message_id == _ROWS.id)
)


def _answers_by_reaction(at: ColumnElement[Any]) -> ColumnElement[bool]:
    """To what the other side wrote, and still there: the last of a person counts, if not empty."""
    target, later = webhook_messages.alias("target"), webhook_messages.alias("later_reaction")
    is_answer = exists().where(
        target.c.message_id == _ROWS.target_id,
        target.c.chat_id == _ROWS.chat_id,
        target.c.from_me != _ROWS.from_me,
        target.c.revoked_at.is_(None),
    )
    is_replaced = exists().where(
        later.c.chat_id == _ROWS.chat_id,
        later.c.target_id == _ROWS.target_id,
        later.c.kind == str(Kind.REACTION),
        later.c.sender_id.is_not_distinct_from(_ROWS.sender_id),
        later.c.chat_time <= at,
        or_(
            later.c.chat_time > _ROWS.chat_time,
            and_(later.c.chat_time == _ROWS.chat_time, later.c.id > _ROWS.id),
        ),
    )
    said = _ROWS.current_message != ""
    return and_(_ROWS.kind == str(Kind.REACTION), said, is_answer, ~is_replaced)


def _context_before() -> Select[Any]:
    """What was said in a chat before a message: built once, since its conditions are many."""
    chat, row = bindparam("chat_id", type_=_ROWS.chat_id.type), bindparam("row_id", type_=Integer)
    at = bindparam("chat_time", type_=_ROWS.chat_time.type)
    return (
        _WORDS.where(
            _ROWS.chat_id == chat,
            or_(_ROWS.chat_time < at, and_(_ROWS.chat_time == at, _ROWS.id < row)),
            or_(_ROWS.kind.not_in(NOT_SAID), _answers_by_reaction(at)),
            _ROWS.revoked_at.is_(None),
        )
        .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


_KEPT = (
    select(message_history)
    .where(message_history.c.webhook_message_id.in_(bindparam("row_ids", expanding=True)))
    .order_by(message_history.c.id)
)
_PLACE = select(_ROWS.chat_id, _ROWS.chat_time).where(_ROWS.id == bindparam("row_id"))
_BEFORE = _context_before()
_LEASED = _WORK.where(
    _ROWS.id.in_(bindparam("row_ids", expanding=True)), _ROWS.lease_token == bindparam("lease")
).order_by(_ROWS.id)


def leased_work(
    connection: Connection, lease: str, row_ids: Sequence[int], context: int
) -> tuple[Sequence[Work], Mapping[int, str]]:
    """Those of these rows that are under `lease`, oldest first, with what was said before them.

    Apart from them, with the error's kind, those that do not make sense: one must not keep the
    others from being worked.
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
    histories = _histories(connection, works, context) if context else {}
    return [replace(one, history=histories.get(one.row_id, ())) for one in works], senseless


def work(connection: Connection, row_id: int, limit: int) -> Work:
    """One row as work that nobody has leased, with its `context`.

    Raises LookupError for one that does not exist.
    """
    found = connection.execute(_WORK.where(_ROWS.id == row_id))
    row = found.one_or_none()
    if row is None:
        raise LookupError(f"there is no row {row_id}")
    one = _with_quoted(connection, _work(row))
    return replace(one, history=tuple(context(connection, row_id, limit)))


def context(connection: Connection, row_id: int, limit: int) -> Sequence[HistoryEntry]:
    """The chat's last `limit` messages before this one, oldest first.

    What was stored with the message, by an earlier try or by the webhook, is used as it is.
    """
    kept = _kept(connection, [row_id]).get(row_id)
    if kept:
        return kept[-limit:] if limit else []
    place = connection.execute(_PLACE, {"row_id": row_id}).one()
    before = _before(connection, place.chat_id, (place.chat_time, row_id), limit)
    return [entry for _, entry in before]


def _histories(
    connection: Connection, works: Sequence[Work], limit: int
) -> Mapping[int, tuple[HistoryEntry, ...]]:
    """The `context` of each; of those of one chat what was said before is read once."""
    kept = _kept(connection, [one.row_id for one in works if one.may_have_context])
    found = {row_id: tuple(entries[-limit:]) for row_id, entries in kept.items()}
    of_chats: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for one in works:
        if one.row_id not in found:
            of_chats[one.chat_id].append((one.message.sent_at, one.row_id))
    for chat_id, places in of_chats.items():
        last = max(places)
        said = _before(connection, chat_id, last, limit + len(places) - 1)
        for place in places:
            entries = [entry for at, entry in said if at < place]
            found[place[1]] = tuple(entries[-limit:])
    return found


def _kept(connection: Connection, row_ids: Sequence[int]) -> dict[int, list[HistoryEntry]]:
    kept: dict[int, list[HistoryEntry]] = defaultdict(list)
    if row_ids:
        for row in connection.execute(_KEPT, {"row_ids": row_ids}):
            entry = HistoryEntry(
                row.sender,
                row.content,
                row.timestamp,
                row.message_type,
                row.from_me,
                row.is_automatic,
            )
            kept[row.webhook_message_id].append(entry)
    return kept


def _before(
    connection: Connection, chat_id: int, place: tuple[datetime, int], limit: int
) -> list[tuple[tuple[datetime, int], HistoryEntry]]:
    """The last `limit` that were said before this time and row, oldest first, with their own."""
    at, row_id = place
    values = {"chat_id": chat_id, "chat_time": at, "row_id": row_id, "most": limit}
    rows = connection.execute(_BEFORE, values).all()[::-1]
    targets = _targets(connection, chat_id, rows)
    said = [((row.chat_time, row.id), _entry(row, targets.get(row.id, ""))) for row in rows]
    return [one for one in said if not is_blank(one[1].content)]


def _targets(connection: Connection, chat_id: int, rows: Sequence[Row[Any]]) -> dict[int, str]:
    """The words that a reaction is to, by its row, where they do not stand right before it."""
    wanted, last = {}, None
    for row in rows:
        if row.kind != Kind.REACTION:
            last = row.message_id
        elif row.target_id != last:
            wanted[row.id] = row.target_id
    if not wanted:
        return {}
    ids = set(wanted.values())
    found = connection.execute(_WORDS.where(_ROWS.message_id.in_(ids), _ROWS.chat_id == chat_id))
    words = {row.message_id: _spoken_of(row) for row in found}
    return {row_id: words.get(target_id, "") for row_id, target_id in wanted.items()}


def outcome(connection: Connection, row_id: int) -> Outcome:
    """How far a row has come. Raises LookupError for a row that does not exist."""
    row = connection.execute(
        select(webhook_messages, analytics_results)
        .outerjoin(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
        .where(_ROWS.id == row_id)
    ).one_or_none()
    if row is None:
        raise LookupError(f"there is no row {row_id}")
    latest = connection.execute(
        select(agent_routing)
        .where(agent_routing.c.webhook_message_id == row_id)
        .order_by(agent_routing.c.id.desc())
        .limit(1)
    ).one_or_none()
    fields = row._mapping
    reason = fields[_ROWS.skip_reason]
    return Outcome(
        row_id=row_id,
        state=State(fields[_ROWS.state]),
        updated_at=fields[_ROWS.updated_at],
        analysis=analysis_of(row),
        attempt=_attempt(latest) if latest else None,
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
        message=_as_edited(_message(row), fields[_ROWS.edited_text]),
        phone_number=fields[_ROWS.phone_number],
        importance=as_recorded(
            fields[_ROWS.importance],
            is_vip=fields[_ROWS.is_vip_customer],
            is_critical_group=fields[_ROWS.is_critical_group],
        ),
        analysis=analysis_of(row),
        chat_id=fields[_ROWS.chat_id],
    )


def _as_edited(message: Message, text: str | None) -> Message:
    """With the words that count; of those that only the phone shows, a person must see to it."""
    if text is None:
        return message
    kind = Kind.PHONE_ONLY if text == UNREADABLE_EDIT else message.kind
    return replace(message, kind=kind, text=text)


def _message(row: Row[Any]) -> Message:
    fields = row._mapping
    mimetype = fields[_ROWS.media_mimetype]
    medium = None
    if mimetype is not None:
        medium = Media(
            mimetype,
            fields[_ROWS.media_size] or 0,
            fields[_ROWS.media_file_name],
            words=fields[media.c.words] or "",
        )
    return Message(
        account=fields[_ROWS.account],
        message_id=fields[_ROWS.message_id],
        chat=Jid.parse(fields[_ROWS.chat_jid]),
        sender=Jid.parse(fields[_ROWS.sender_jid]),
        sent_at=fields[_ROWS.chat_time],
        kind=Kind(fields[_ROWS.kind]),
        text=fields[_ROWS.current_message],
        origin=Origin(fields[_ROWS.origin]),
        from_me=fields[_ROWS.from_me],
        sender_name=fields[_ROWS.sender_name],
        chat_name=fields[_ROWS.chat_name],
        media=medium,
        target_id=fields[_ROWS.target_id],
        context=context_info.as_read(fields[_ROWS.context_info]),
    )


def _with_quoted(connection: Connection, work: Work) -> Work:
    """With the words that it quotes as they stand now, where the store has them.

    Only of the same chat: a phone may name any message, and a customer must not be told another's.
    What was taken back stays what the quotation carries.
    """
    message = work.message
    if not message.target_id or message.kind in NOT_SAID:
        return work
    same_chat = select(_ROWS.chat_id).where(_ROWS.id == work.row_id).scalar_subquery()
    found = connection.execute(
        _WORDS.where(
            _ROWS.message_id == message.target_id,
            _ROWS.chat_id == same_chat,
            _ROWS.kind.not_in(NOT_SAID),
            _ROWS.revoked_at.is_(None),
        )
    )
    original = _meant(found.all(), message.context.quoted)
    if original is None:
        return work
    # One that makes no sense must not keep this one from being worked.
    with suppress(ValueError):
        writer = _message(original).writer(original.phone_number)
        quoted = Quotation(_spoken_of(original), writer, original.from_me, is_stored=True)
        around = replace(message.context, quoted=quoted)
        return replace(work, message=replace(message, context=around))
    return work


def _spoken_of(row: Row[Any]) -> str:
    """What another message speaks of, as people do."""
    one = _message(row)
    words: str = row.edited_text or in_words(one.kind, one.text, one.media)
    return words


def _meant(found: Sequence[Row[Any]], quoted: Quotation | None) -> Row[Any] | None:
    """Of two with one id, which their writers choose, that of whom the quotation names."""
    of_side = [one for one in found if quoted is None or one.from_me == quoted.from_me]
    return next(iter(of_side or found), None)


def _entry(row: Row[Any], reacts_to: str = "") -> HistoryEntry:
    message = _message(row)
    content = row.edited_text or message.announced
    if reacts_to:
        content = f"{content} ({excerpt(reacts_to, _LONGEST_TARGET)})"
    return HistoryEntry(
        sender=message.writer(row.phone_number),
        content=content,
        sent_at=message.sent_at,
        kind=str(message.kind),
        from_me=message.from_me,
        is_automatic=row.is_automatic,
    )


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        agent=row.agent_type,
        url=row.agent_url,
        reason=row.reason or "",
        succeeded=row.routing_success,
        response=row.response_data,
        response_time_ms=row.response_time_ms or 0,
        error=row.error_message,
    )
