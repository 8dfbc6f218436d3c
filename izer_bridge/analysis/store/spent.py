"""What analyses cost, stored beside them and summed."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from izer_bridge.domain.work import AnalysisRecord
from izer_bridge.store.tables import analytics_results

_RESULTS = analytics_results.c
_TOKENS = (_RESULTS.input_tokens, _RESULTS.cached_input_tokens, _RESULTS.output_tokens)


def since(connection: Connection, moment: datetime) -> int:
    """The cost of everything analysed, or analysed again, at `moment` or later, in micro-dollars.

    A message analysed again counts whole: a row does not separate its two analyses.
    """
    cost = _RESULTS.cost_micro_usd
    first = select(func.sum(cost)).where(_RESULTS.processed_at >= moment)
    # In two statements: with both conditions in one, MySQL reads the whole table.
    of_earlier = case((_RESULTS.processed_at < moment, cost), else_=0)
    again = select(func.sum(of_earlier)).where(_RESULTS.second_at >= moment, cost.is_not(None))
    return sum(int(connection.scalar(query) or 0) for query in (first, again))


def for_message(
    connection: Connection, row_id: int, record: AnalysisRecord
) -> dict[str, int | None]:
    """The columns of an analysis; the cost of the same message's earlier one is kept."""
    query = select(*_TOKENS, _RESULTS.cost_micro_usd).where(_RESULTS.webhook_message_id == row_id)
    before = connection.execute(query).one_or_none() or (None,) * 4
    return {
        name: _sum(earlier, now)
        for earlier, (name, now) in zip(before, on(record).items(), strict=True)
    }


def on(record: AnalysisRecord) -> dict[str, int | None]:
    """The columns of an analysis that is its message's first."""
    usage = record.usage
    return {
        "input_tokens": None if usage is None else usage.input_tokens,
        "cached_input_tokens": None if usage is None else usage.cached_input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "cost_micro_usd": record.cost_micro_usd,
    }


def _sum(before: int | None, now: int | None) -> int | None:
    return now if before is None else before + (now or 0)
