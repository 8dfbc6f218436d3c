"""Messages that the local analyser judged because OpenAI was away, and OpenAI's later analysis.

The first analysis stays unchanged; the second one is stored beside it in the same row.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import AnalysisRecord, Work
from izer_bridge.pipeline.store import work_rows
from izer_bridge.store import changed_hours
from izer_bridge.store.database import Database
from izer_bridge.store.tables import analytics_results, webhook_messages
from izer_bridge.store.text import clean
from izer_bridge.store.text import name as fitting_name

_RESULTS, _ROWS = analytics_results.c, webhook_messages.c


class SqlSecondOpinions:
    """Part of the ledger. Raises TransientError if the store is away."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def wanted(self, since: datetime, limit: int, context: int) -> Sequence[Work]:
        def read(connection: Connection) -> list[Work]:
            rows = connection.scalars(
                select(_RESULTS.webhook_message_id)
                .join(webhook_messages, _ROWS.id == _RESULTS.webhook_message_id)
                .where(
                    _RESULTS.analyser == "local",
                    _RESULTS.second_at.is_(None),
                    _RESULTS.processed_at >= since,
                    _ROWS.state == str(State.SETTLED),
                )
                .order_by(_RESULTS.processed_at, _RESULTS.id)
                .limit(limit)
            )
            return [work_rows.work(connection, row_id, context) for row_id in rows.all()]

        return await (await self._store()).read(read)

    async def given(self, row_id: int, record: AnalysisRecord) -> None:
        analysis = record.analysis.as_json() | {"language": record.analysis.language}
        model = record.model and fitting_name(record.model)
        await self._note(row_id, record, second_opinion=analysis, second_model=model)

    async def refused(self, row_id: int, record: AnalysisRecord) -> None:
        await self._note(row_id, record, second_error=clean(record.fallback_reason or ""))

    async def _note(self, row_id: int, record: AnalysisRecord, **values: Any) -> None:
        now = self._clock()
        change = (
            update(analytics_results)
            .where(_RESULTS.webhook_message_id == row_id, _RESULTS.second_at.is_(None))
            .values(second_at=now, **values, **_paid(record))
        )

        def note(connection: Connection) -> None:
            changed_hours.mark_rows(connection, _ROWS.id == row_id, now)
            connection.execute(change)

        await (await self._store()).write(note)


def _paid(record: AnalysisRecord) -> dict[str, Any]:
    """The columns with the cost of the second analysis, added to the first."""
    usage, cost = record.usage, record.cost_micro_usd
    more = {} if cost is None else {"cost_micro_usd": cost}
    if usage is not None:
        more |= {
            "input_tokens": usage.input_tokens,
            "cached_input_tokens": usage.cached_input_tokens,
            "output_tokens": usage.output_tokens,
        }
    return {name: func.coalesce(_RESULTS[name], 0) + count for name, count in more.items()}
