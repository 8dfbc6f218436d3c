"""The outcomes of messages, counted from the rows, by the hour in which they were recorded."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, String, bindparam, case, func, select

from izer_bridge.domain.message_state import AMONG_US, PENDING
from izer_bridge.media.decide import MediaState
from izer_bridge.store.columns import Milliseconds, unindexed
from izer_bridge.store.tables import agent_calls, analytics_results, media, webhook_messages

# By the counted quantity and its part, as `stat_type` and `stat_value` are in `system_stats`.
Counts = Counter[tuple[str, str]]
ALL = "all"
RECORDED = "messages_recorded"
_ROWS, _RESULTS, _ROUTES, _MEDIA = (
    webhook_messages.c,
    analytics_results.c,
    agent_calls.c,
    media.c,
)
_WAITING = sorted(map(str, PENDING))
# The upper bounds of each histogram's parts; the last part has none.
_TAKEN_MS = (1, 10, 50, 100, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
_ANSWERED_SECONDS = (1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400)
_USED = ("input_tokens", "cached_input_tokens", "output_tokens", "cost_micro_usd")
HOUR = func.substr(_ROWS.created_at, 1, 13, type_=String).label("hour")
_NUMBER = func.count().label("number")
IN_TIME = (
    _ROWS.created_at >= bindparam("begin", type_=_ROWS.created_at.type),
    _ROWS.created_at < bindparam("end", type_=_ROWS.created_at.type),
)


def by_hour(
    connection: Connection, begin: datetime, end: datetime, *, with_times: bool = False
) -> Mapping[datetime, Counts]:
    """Messages recorded from `begin` until before `end`; hours without a message are missing.

    Without their histograms, unless `with_times`.
    """
    found: dict[datetime, Counts] = defaultdict(Counter)
    for query, counted in (*_COUNTS, *(_TIMES if with_times else ())):
        for row in connection.execute(query, {"begin": begin, "end": end}):
            hour = datetime.fromisoformat(f"{row.hour}:00+00:00")
            for kind, part, number in counted(row):
                if number:
                    found[hour][kind, str(part)] += int(number)
    return found


_Counted = Iterator[tuple[str, Any, int | None]]


def _message(row: Row[Any]) -> _Counted:
    if row.skip_reason in AMONG_US:
        return
    yield RECORDED, ALL, row.number
    yield "messages_by_state", row.state, row.number
    if row.skip_reason is not None:
        yield "messages_by_skip_reason", row.skip_reason, row.number
    if row.has_failed and row.state in _WAITING:
        yield "messages_waiting_after_error", ALL, row.number


def _analysis(row: Row[Any]) -> _Counted:
    yield "messages_by_category", row.category, row.number
    yield "messages_by_urgency", row.urgency_score, row.number
    yield "messages_by_analyser", row.analyser, row.number
    for name in _USED:
        yield name, ALL, row._mapping[name]


def _routing(row: Row[Any]) -> _Counted:
    yield "messages_by_agent", row.agent_type, row.number


def _medium(row: Row[Any]) -> _Counted:
    yield "media_by_state", row.state, row.number
    if row.has_failed and row.state == MediaState.KEPT:
        yield "media_without_words", ALL, row.number


def _part_of(kind: str) -> Any:
    def counted(row: Row[Any]) -> _Counted:
        yield kind, row.part, row.number

    return counted


def _of(table: Any, *columns: ColumnElement[Any], number: Any = _NUMBER) -> Select[Any]:
    """From an hour's messages to their results, never from all results there are."""
    return (
        select(HOUR, *columns, number)
        .join_from(webhook_messages, table, table.c.webhook_message_id == unindexed(_ROWS.id))
        .where(*IN_TIME)
    )


def _parts(table: Any, figure: ColumnElement[int], bounds: Sequence[int]) -> Select[Any]:
    """How many figures are in each part: up to a bound, which names it, or `more`."""
    part = case(*((figure <= bound, str(bound)) for bound in bounds), else_="more").label("part")
    return _of(table, part).where(figure.is_not(None)).group_by(HOUR, part)


_ERROR = _ROWS.last_error.is_not(None).label("has_failed")
_WORDLESS = _MEDIA.last_error.is_not(None).label("has_failed")
_JUDGED = (_RESULTS.category, _RESULTS.urgency_score, _RESULTS.analyser)
_SPENT = (func.sum(_RESULTS[name]).label(name) for name in _USED)
_MESSAGES_OF_AGENTS = func.count(_ROWS.id.distinct()).label("number")
_COUNTS = (
    (
        select(HOUR, _ROWS.state, _ROWS.skip_reason, _ERROR, _NUMBER)
        .where(*IN_TIME)
        .group_by(HOUR, _ROWS.state, _ROWS.skip_reason, _ERROR),
        _message,
    ),
    (_of(analytics_results, *_JUDGED, *_SPENT).group_by(HOUR, *_JUDGED), _analysis),
    (
        _of(agent_calls, _ROUTES.agent_type, number=_MESSAGES_OF_AGENTS)
        .where(_ROUTES.routing_success)
        .group_by(HOUR, _ROUTES.agent_type),
        _routing,
    ),
    (_of(media, _MEDIA.state, _WORDLESS).group_by(HOUR, _MEDIA.state, _WORDLESS), _medium),
)
_TIMES = (
    (
        _parts(agent_calls, _ROUTES.response_time_ms, _TAKEN_MS),
        _part_of("agent_milliseconds"),
    ),
    (
        _parts(analytics_results, _RESULTS.analysis_ms, _TAKEN_MS),
        _part_of("analysis_milliseconds"),
    ),
    (
        _parts(
            agent_calls,
            Milliseconds(_ROWS.created_at, _ROUTES.routed_at),
            [1000 * seconds for seconds in _ANSWERED_SECONDS],
        ).where(_ROUTES.routing_success),
        _part_of("answer_milliseconds"),
    ),
)
