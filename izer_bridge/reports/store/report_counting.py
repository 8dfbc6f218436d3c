"""What reports count beside the outcomes, by the hour in which it was recorded.

Who said how much, how many customers, how they felt, what they complained of, and how long they
waited for a person. An answer counts in its own hour.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.domain.analysis import Category, ResponseTime
from izer_bridge.domain.identity import GROUP_SERVER, NUMBER_SERVER
from izer_bridge.domain.message import NOT_SAID, Origin
from izer_bridge.domain.message_state import AMONG_US, SkipReason
from izer_bridge.people.store.own_chats import chats_of
from izer_bridge.replies.store.answered import is_answer, is_persons_answer
from izer_bridge.reports.store.counting import ALL, HOUR, IN_TIME, Counts
from izer_bridge.reports.waits import WaitLine, part_of, waits_of
from izer_bridge.store.changed_hours import hour_of
from izer_bridge.store.columns import unindexed
from izer_bridge.store.tables import agent_calls, analytics_results, webhook_messages

PREFIX = "report_"
CUSTOMERS, SAID = f"{PREFIX}customers", f"{PREFIX}messages"
SENTIMENT, COMPLAINT = f"{PREFIX}sentiment", f"{PREFIX}complaint"
FIRST_ANSWER, ANSWER, LATE = f"{PREFIX}first_answer", f"{PREFIX}answer", f"{PREFIX}late"
BY_CUSTOMER, BY_SHOP, BY_BRIDGE = "customer", "shop", "bridge"
_ROWS, _RESULTS, _CALLS = webhook_messages.c, analytics_results.c, agent_calls.c
# A wait that began before is not known: after so long nobody calls it one.
_LONGEST_WAIT = timedelta(days=14)
# Who has said more without an answer has waited since then, as far as a report goes.
_MOST_LINES = 500
_LONGEST_TOPIC = 64
_NOT_WITH_CUSTOMERS = sorted(map(str, {*AMONG_US, SkipReason.STATUS, SkipReason.NEWSLETTER}))


@dataclass(slots=True)
class ReportHour:
    """One hour's figures, and the chats in which customers wrote."""

    counts: Counts = field(default_factory=Counter)
    chats: set[int] = field(default_factory=set)


def report_hours(
    connection: Connection, begin: datetime, end: datetime, rules: ClockRules
) -> Mapping[datetime, ReportHour]:
    """Of what was recorded from `begin` until before `end`; hours without anything are missing."""
    found: dict[datetime, ReportHour] = defaultdict(ReportHour)
    times = {"begin": begin, "end": end}
    own = chats_of(connection, rules.own_people)
    for row in connection.execute(_said(own), times):
        hour = found[_hour(row.hour)]
        hour.counts[SAID, _by(row.from_me, row.origin)] += row.number
        if not row.from_me:
            hour.chats.add(row.chat_id)
    for query, kind in ((_sentiments(own), SENTIMENT), (_complaints(own), COMPLAINT)):
        for row in connection.execute(query, times):
            part = str(row.part or "")[:_LONGEST_TOPIC]
            found[_hour(row.hour)].counts[kind, part or "other"] += row.number
    for wait in waits_of(_lines(connection, begin, end, own, rules), rules):
        if begin <= wait.recorded_at < end:
            counts = found[hour_of(wait.recorded_at)].counts
            part = str(part_of(wait.seconds))
            counts[ANSWER, part] += 1
            counts[LATE, ALL] += wait.is_late
            if wait.is_first:
                counts[FIRST_ANSWER, part] += 1
    for hour in found.values():
        hour.counts[CUSTOMERS, ALL] = len(hour.chats)
    return found


def _hour(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+00:00")


def _by(from_me: bool, origin: str) -> str:
    if not from_me:
        return BY_CUSTOMER
    return BY_BRIDGE if origin == Origin.SENT else BY_SHOP


def _with_customers(query: Select[Any], own: Sequence[int]) -> Select[Any]:
    """What was said with customers: in direct chats and critical groups, and was not there before
    the link.
    """
    return query.where(
        or_(_ROWS.chat_jid.not_like(f"%@{GROUP_SERVER}"), _ROWS.is_critical_group.is_(True)),
        _ROWS.chat_id.not_in(own),
        _ROWS.chat_jid != func.substr(_ROWS.account, 2, type_=String) + f"@{NUMBER_SERVER}",
        _ROWS.origin != str(Origin.HISTORY),
        _ROWS.kind.not_in(NOT_SAID),
        func.coalesce(_ROWS.skip_reason, "").not_in(_NOT_WITH_CUSTOMERS),
    )


def _said(own: Sequence[int]) -> Select[Any]:
    parts = (HOUR, _ROWS.chat_id, _ROWS.from_me, _ROWS.origin)
    query = select(*parts, func.count().label("number")).select_from(webhook_messages)
    return _with_customers(query, own).where(*IN_TIME).group_by(*parts)


def _sentiments(own: Sequence[int]) -> Select[Any]:
    part = _RESULTS.sentiment.label("part")
    query = select(HOUR, part, func.count().label("number")).join_from(
        webhook_messages, analytics_results, _RESULTS.webhook_message_id == unindexed(_ROWS.id)
    )
    return _with_customers(query, own).where(*IN_TIME).group_by(HOUR, part)


def _complaints(own: Sequence[int]) -> Select[Any]:
    """By what the agent took them to be about, if it said that."""
    part = _CALLS.response_data["topic"].as_string().label("part")
    query = (
        select(HOUR, part, func.count(_ROWS.id.distinct()).label("number"))
        .join_from(
            webhook_messages, analytics_results, _RESULTS.webhook_message_id == unindexed(_ROWS.id)
        )
        .outerjoin(
            agent_calls,
            and_(_CALLS.webhook_message_id == unindexed(_ROWS.id), _CALLS.routing_success),
        )
        .where(_RESULTS.category == str(Category.COMPLAINT))
    )
    return _with_customers(query, own).where(*IN_TIME).group_by(HOUR, part)


def _lines(
    connection: Connection,
    begin: datetime,
    end: datetime,
    own: Sequence[int],
    rules: ClockRules,
) -> Iterator[WaitLine]:
    """What was said in the chats in which an answer was recorded, until then."""
    answers = _with_customers(select(_ROWS.chat_id), own).where(*IN_TIME, _ends_a_wait(rules))
    for chat_id in connection.scalars(answers.distinct(), {"begin": begin, "end": end}).all():
        yield from _lines_of(connection, chat_id, begin, end)


def _ends_a_wait(rules: ClockRules) -> ColumnElement[bool]:
    is_one = is_answer if rules.automatic_stops else is_persons_answer
    return is_one(webhook_messages)


def _at(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=_ROWS.created_at.type)


# Asked for each chat, hundreds of times a day: built once.
_OF_CHAT = _ROWS.chat_id == bindparam("chat_id")
_LATEST_FIRST = _ROWS.chat_time.desc(), _ROWS.id.desc()
_LAST_ANSWER = (
    select(_ROWS.chat_time)
    .where(
        _OF_CHAT,
        _ROWS.chat_time >= _at("earliest"),
        _ROWS.created_at < _at("begin"),
        is_persons_answer(webhook_messages),
    )
    .order_by(*_LATEST_FIRST)
    .limit(1)
)
_OF_CUSTOMER = and_(
    _ROWS.from_me.is_(False),
    _ROWS.kind.not_in(NOT_SAID),
    _ROWS.origin != str(Origin.HISTORY),
)
_SAID_SINCE = (
    select(
        _ROWS.chat_id,
        _ROWS.id,
        _ROWS.chat_time,
        _ROWS.created_at,
        _ROWS.from_me,
        is_persons_answer(webhook_messages).label("by_person"),
        _ROWS.is_vip_customer,
        _ROWS.is_critical_group,
        _RESULTS.urgency_score,
        _RESULTS.action_required,
        _RESULTS.recommended_response_time,
    )
    .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
    .where(
        _OF_CHAT,
        _ROWS.chat_time >= _at("since"),
        _ROWS.created_at < _at("end"),
        _ROWS.revoked_at.is_(None),
        or_(_OF_CUSTOMER, _ROWS.from_me.is_(True)),
    )
    .order_by(*_LATEST_FIRST)
    .limit(_MOST_LINES)
)


def _lines_of(
    connection: Connection, chat_id: int, begin: datetime, end: datetime
) -> Iterator[WaitLine]:
    """From the last answer before that hour on: until then nobody waited any longer."""
    earliest = begin - _LONGEST_WAIT
    last = {"chat_id": chat_id, "earliest": earliest, "begin": begin}
    since = connection.scalar(_LAST_ANSWER, last) or earliest
    said = connection.execute(_SAID_SINCE, {"chat_id": chat_id, "since": since, "end": end})
    for row in reversed(said.all()):
        target = row.recommended_response_time
        yield WaitLine(
            chat_id=row.chat_id,
            row_id=row.id,
            at=row.chat_time,
            recorded_at=row.created_at,
            from_me=row.from_me,
            by_person=bool(row.by_person),
            is_vip=row.is_vip_customer,
            is_critical_group=row.is_critical_group,
            urgency=row.urgency_score,
            needs_answer=row.action_required is not False,
            target=ResponseTime(target) if target in {*ResponseTime} else None,
        )
