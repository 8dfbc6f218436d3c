"""Stored messages with their context and results, to be tried again. Only reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from izer_bridge.analysis.ports import AnalyserAnswer
from izer_bridge.analysis.store import analyses
from izer_bridge.domain.analysis import Analysis
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.message import HistoryEntry
from izer_bridge.domain.work import Work
from izer_bridge.pipeline.store import chat_context, work_rows
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import analytics_results, webhook_messages
from izer_bridge.store.text import identifier

_ROWS = webhook_messages.c
# A longer number is no row's, and no database accepts it.
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Analysed:
    """A message as it was worked: its context then, its analysis, and the agent that got it."""

    work: Work
    analysis: Analysis
    agent: str


@dataclass(frozen=True, slots=True)
class StoredJudgement:
    """How an analysis came about; `analysis` is as stored, `judged` before rules raised it.

    Of the `context_count` preceding messages that it saw, `seen` are those that still exist.
    `version` is the local analyser's, if its reasons are not stored.
    """

    row_id: int
    message_id: str
    analysis: Analysis
    judged: Analysis
    analyser: str
    model: str | None
    fallback_reason: str | None
    raised_because: str | None
    second_opinion: Mapping[str, Any] | None
    context_count: int
    seen: Sequence[HistoryEntry]
    version: str | None


class StoredMessages(OpenedStore):
    """Of the store at `url`; used as a context manager. Raises TransientError, ConfigError."""

    async def named(self, names: Sequence[str]) -> dict[str, int]:
        """The rows of analysed messages by row number or message id; unknown ones are left out."""
        numbers = [int(name) for name in names if name.isdecimal() and len(name) <= _MOST_DIGITS]
        ids = [identifier(name) for name in names]
        rows = await self._rows(or_(_ROWS.id.in_(numbers), _ROWS.message_id.in_(ids)))
        found = {message_id: row_id for row_id, message_id in rows}
        found |= {str(row_id): row_id for row_id, _ in rows}
        return {name: found[name] for name in names if name in found}

    async def rows_of(self, names: Sequence[str]) -> list[int]:
        """The same, each once; raises ConfigError for a name that is no analysed row."""
        found = await self.named(names)
        wrong = [name for name in names if name not in found]
        if wrong:
            raise UsageError(
                f"no analysed message is {', '.join(wrong)}; expected row numbers or message ids"
            )
        return list(dict.fromkeys(found.values()))

    async def since(self, moment: datetime) -> Sequence[int]:
        """The rows of analysed messages that were sent at `moment` or later, oldest first."""
        return [row_id for row_id, _ in await self._rows(_ROWS.chat_time >= moment)]

    async def worked(self, row_id: int, context: int) -> Analysed:
        """One of these, with up to `context` messages before it."""

        def read(connection: Connection) -> Analysed:
            work = work_rows.work(connection, row_id, context)
            outcome = work_rows.outcome(connection, row_id)
            if outcome.analysis is None:
                raise LookupError(f"row {row_id} has no analysis")
            agent = outcome.attempt.agent if outcome.attempt else ""
            return Analysed(work, outcome.analysis, agent)

        return await self._database.read(read)

    async def judged(self, row_id: int) -> AnalyserAnswer:
        """The analysis of one of these, as its analyser gave it, and its cost."""
        query = select(analytics_results).where(analytics_results.c.webhook_message_id == row_id)
        row = (await self._database.read(lambda connection: connection.execute(query))).one()
        analysis = analyses.judged(row)
        if analysis is None:
            raise LookupError(f"row {row_id} has no analysis")
        usage = None
        if row.input_tokens is not None:
            usage = Usage(row.input_tokens, row.cached_input_tokens, row.output_tokens)
        return AnalyserAnswer(analysis, usage)

    async def judgement(self, row_id: int) -> StoredJudgement:
        """How the analysis of one of these came about."""
        query = (
            select(_ROWS.message_id, _ROWS.context_count, analytics_results)
            .join(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
            .where(_ROWS.id == row_id)
        )

        def read(connection: Connection) -> tuple[Row[Any], Sequence[HistoryEntry]]:
            return connection.execute(query).one(), chat_context.seen_by(connection, row_id)

        row, seen = await self._database.read(read)
        analysis, judged = analyses.analysis_of(row), analyses.judged(row)
        if analysis is None or judged is None:
            raise LookupError(f"row {row_id} has no analysis")
        return StoredJudgement(
            row_id=row_id,
            message_id=row.message_id,
            analysis=analysis,
            judged=judged,
            analyser=row.analyser or "",
            model=row.model,
            fallback_reason=row.fallback_reason,
            raised_because=row.raised_because,
            second_opinion=row.second_opinion,
            context_count=row.context_count or 0,
            seen=seen,
            version=(row.analysis_details or {}).get("version"),
        )

    async def _rows(self, condition: ColumnElement[bool]) -> list[tuple[int, str]]:
        query = (
            select(_ROWS.id, _ROWS.message_id)
            .join(analytics_results, analytics_results.c.webhook_message_id == _ROWS.id)
            .where(condition)
            .order_by(_ROWS.id)
        )
        found = await self._database.read(lambda connection: connection.execute(query))
        return [(row.id, row.message_id) for row in found]
