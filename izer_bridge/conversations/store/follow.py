"""Lets the clocks follow what is recorded and analysed, in the same transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from izer_bridge.conversations.clock import (
    Asked,
    ClockRules,
    CountAgainError,
    JudgedMessage,
    ShopAnswer,
    WaitingClock,
    answered,
    asked,
    judged,
    said,
)
from izer_bridge.conversations.counted import counted
from izer_bridge.conversations.store.messages import is_own, judgement_of, messages_of
from izer_bridge.conversations.store.rows import (
    ReadClock,
    clocks,
    keep,
    keep_unchanged,
    read_clock,
)
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.replies.store.answered import NO_PERSON, SAYS_NOTHING
from izer_bridge.store.tables import conversations, outbox, webhook_messages

_Row = Mapping[str, Any]
_ROWS = webhook_messages.c
# A customer's are worked; the shop's are skipped as its own.
_COUNTING = (None, SkipReason.OWN)


def recorded(
    connection: Connection,
    rows: Iterable[_Row],
    count_again_in: Collection[int],
    read: Mapping[int, Row[Any]],
    rules: ClockRules,
    now: datetime,
) -> None:
    """Apply new rows of `webhook_messages`, in their order; count these chats from all theirs.

    `read` are rows of `conversations` that were read in this transaction, and not locked.
    """
    rows = [row for row in rows if _counts(row, rules)]
    again = set(count_again_in)
    chat_ids = {row["chat_id"] for row in rows} | again
    if len(chat_ids) == 1 and _in_one(connection, rows, again, read, rules, now):
        return
    known = clocks(connection, chat_ids)
    approved = _approved(connection, rows)
    changed: dict[int, WaitingClock] = {}
    for row in rows:
        chat_id = row["chat_id"]
        clock = changed.get(chat_id) or known.get(chat_id)
        if chat_id in again or (clock is None and not _begins(row)):
            continue
        try:
            changed[chat_id] = _after(clock or WaitingClock(), row, approved, rules, now)
        except CountAgainError:
            again.add(chat_id)
    new = {chat_id: one for chat_id, one in changed.items() if one != known.get(chat_id)}
    _write(connection, known, new, again, rules, now)


def analysed(
    connection: Connection,
    found: Sequence[tuple[Work, AnalysisRecord]],
    rules: ClockRules,
    now: datetime,
) -> None:
    """Apply analyses; the chats of all of them count as changed, since their words have."""
    news = [one for one in found if _is_customers(one[0], rules)]
    if _judged_in_one(connection, news, rules, now):
        return
    known = clocks(connection, {work.chat_id for work, _ in news})
    changed, again = dict(known), set[int]()
    for work, record in news:
        if work.chat_id not in known or work.chat_id in again:
            continue
        try:
            judgement = _judged(work, record)
            changed[work.chat_id] = judged(changed[work.chat_id], judgement, rules, now)
        except CountAgainError:
            again.add(work.chat_id)
    _write(connection, known, changed, again, rules, now)


def _in_one(
    connection: Connection,
    rows: Sequence[_Row],
    again: Collection[int],
    read: Mapping[int, Row[Any]],
    rules: ClockRules,
    now: datetime,
) -> bool:
    """Most often one customer writes, whose row was read with them: one statement then."""
    row = read.get(rows[0]["chat_id"]) if rows and not again else None
    before = None if row is None else read_clock(row)
    if before is None or any(one["from_me"] for one in rows):
        return False
    clock = before.clock
    for one in rows:
        clock = _after(clock, one, {}, rules, now)
    return keep_unchanged(connection, rows[0]["chat_id"], before, clock, now)


def _judged_in_one(
    connection: Connection,
    news: Sequence[tuple[Work, AnalysisRecord]],
    rules: ClockRules,
    now: datetime,
) -> bool:
    """Most often nothing else happens in the chat while its messages are judged."""
    [*chats] = {work.chat_id for work, _ in news}
    before = news[0][0].conversation if news else None
    if len(chats) != 1 or not isinstance(before, ReadClock):
        return False
    clock = before.clock
    try:
        for work, record in news:
            clock = judged(clock, _judged(work, record), rules, now)
    except CountAgainError:
        return False
    return keep_unchanged(connection, chats[0], before, clock, now)


def count_again(
    connection: Connection, chat_ids: Collection[int], rules: ClockRules, now: datetime
) -> None:
    """Count these chats' clocks from their messages."""
    _write(connection, clocks(connection, chat_ids), {}, chat_ids, rules, now)


def move_chat(connection: Connection, old: int, new: int) -> None:
    """Two chats proved to be one, which must then be counted again."""
    if not clocks(connection, [new]):
        connection.execute(conversations.update().where(conversations.c.id == old).values(id=new))


def _write(
    connection: Connection,
    known: Mapping[int, WaitingClock],
    changed: Mapping[int, WaitingClock],
    again: Collection[int],
    rules: ClockRules,
    now: datetime,
) -> None:
    ready = {chat_id: clock for chat_id, clock in changed.items() if chat_id not in again}
    for chat_id in sorted(again):
        clock = known.get(chat_id, WaitingClock())
        messages = messages_of(connection, chat_id, clock, rules, now)
        new = counted(clock, messages, rules, now)
        if chat_id in known or new != WaitingClock():
            ready[chat_id] = new
    keep(connection, ready, now)


def _counts(row: _Row, rules: ClockRules) -> bool:
    """The shop's own people are no customers, and nobody sees an answer to a posted message."""
    if row["origin"] == Origin.WEBHOOK or row["kind"] in SAYS_NOTHING:
        return False
    number, address = row["phone_number"], row["sender_jid"]
    if row["from_me"]:
        number, address = Jid.parse(row["chat_jid"]).number, row["chat_jid"]
    return row["skip_reason"] in _COUNTING and not is_own(rules.own_people, number or "", address)


def _is_customers(work: Work, rules: ClockRules) -> bool:
    is_posted = work.message.origin is Origin.WEBHOOK
    return not (is_posted or is_own(rules.own_people, work.phone_number, str(work.message.sender)))


def _begins(row: _Row) -> bool:
    """An own message begins no conversation in a group, which may be none of the customers'."""
    is_news = row["origin"] != Origin.HISTORY
    return is_news and not (row["from_me"] and Jid.parse(row["chat_jid"]).is_group)


def _after(
    clock: WaitingClock,
    row: _Row,
    approved: Mapping[str, bool],
    rules: ClockRules,
    now: datetime,
) -> WaitingClock:
    at, is_reaction = row["chat_time"], row["kind"] == Kind.REACTION
    if not row["from_me"]:
        question = Asked(at, row["is_vip_customer"], row["is_critical_group"])
        return asked(said(clock, at, now), question, rules, now)
    if is_reaction and not row["current_message"]:
        return clock
    by_hand = approved.get(row["message_id"], row["origin"] != Origin.SENT)
    by_person = row["origin"] == Origin.HAND or (by_hand and not row["is_automatic"])
    clock = clock if is_reaction else said(clock, at, now)
    return answered(clock, ShopAnswer(at, by_person), rules, now)


def _approved(connection: Connection, rows: Sequence[_Row]) -> dict[str, bool]:
    """Of those that the bridge has sent: whether a person has approved it."""
    ids = {row["message_id"] for row in rows if row["from_me"]}
    if not ids:
        return {}
    found = connection.execute(
        select(outbox.c.whatsapp_id, outbox.c.decided_by, outbox.c.kind).where(
            outbox.c.whatsapp_id.in_(ids)
        )
    )
    return {
        row.whatsapp_id: row.decided_by not in (None, *NO_PERSON) and row.kind != OutboxKind.PROGRAM
        for row in found
    }


def _judged(work: Work, record: AnalysisRecord) -> JudgedMessage:
    due = None if record.due is None else record.due.at
    found = judgement_of(work.row_id, work.message.sent_at, record.analysis, due)
    return replace(found, is_again=work.analysis is not None)
