"""Reports for programs, `GET /v1/reports`, and for people, the page `/reports`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from izer_bridge.conversations.clock import ClockRules
from izer_bridge.reports.report import PeriodName, Report
from izer_bridge.reports.store.report import read_report
from izer_bridge.store.database import Database
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)


@dataclass(frozen=True, slots=True)
class ReportSource:
    """`store` waits for a database that has its tables."""

    store: Callable[[], Awaitable[Database]]
    clock: Callable[[], datetime]
    zone: ZoneInfo
    rules: ClockRules

    async def report(self, name: PeriodName) -> Report:
        """As it is now. Raises TransientError."""
        store, at = await self.store(), self.clock()
        return await store.read(
            lambda connection: read_report(connection, name, at, self.zone, self.rules)
        )


class ReportQuery(AskedFields):
    period: PeriodName = PeriodName.WEEK


class SpanTold(ToldFields):
    begin: datetime
    end: datetime


class PeriodTold(ToldFields):
    name: PeriodName
    now: SpanTold
    before: SpanTold


class SpreadTold(ToldFields):
    """Of answer times in seconds of opening hours, within 5 %."""

    count: int
    median_seconds: int
    p90_seconds: int


class FiguresTold(ToldFields):
    """`cost_micro_usd` is millionths of a US dollar; `late` answers came after they were due."""

    messages: int
    customers: int
    by_shop: int
    by_bridge: int
    first_answer: SpreadTold | None
    answer: SpreadTold | None
    late: int
    by_category: Mapping[str, int]
    by_sentiment: Mapping[str, int]
    by_agent: Mapping[str, int]
    complaints: Mapping[str, int]
    cost_micro_usd: int


class ReportTold(ToldFields):
    """`by_hour` are customers' messages: seven weekdays from Monday, each of 24 hours."""

    period: PeriodTold
    now: FiguresTold
    before: FiguresTold
    by_hour: Sequence[Sequence[int]]
    known_since: datetime | None


@dataclass(frozen=True, slots=True)
class ReportRoutes:
    source: ReportSource

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/reports",
                "get_report",
                "How the shop answers, against the same part of the period before.",
                self.get,
                answer=ReportTold,
                query=ReportQuery,
            ),
        )

    async def get(self, call: ApiCall[ReportQuery, NoFields]) -> ReportTold:
        return ReportTold.model_validate(await self.source.report(call.query.period))

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/reports", self.show, name="page-reports")

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Loads htpy with the first request."""
        from izer_bridge.reports.page import report_page

        named = request.query.get("period", "")
        name = PeriodName(named) if named in {*PeriodName} else PeriodName.WEEK
        return report_page(request, await self.source.report(name))
