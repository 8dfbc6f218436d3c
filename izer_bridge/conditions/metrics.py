"""`GET /metrics`: figures for Prometheus. None concerns a single chat or person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from izer_bridge.conditions.ports import Health, HealthSource
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.event import SESSION_STATUS, SessionStatus
from izer_bridge.domain.link_state import LinkState
from izer_bridge.domain.message_state import State
from izer_bridge.reports.ports import StatsSource

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Meters:
    """The instruments of one process. Most are set at each scrape, from its condition."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._messages = Counter(
            "izer_messages",
            "Times that a message was worked, by what came of it: worked, interrupted or failed.",
            ["outcome"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "izer_processing_seconds",
            "From the claim of a message to its rest: analysis and agent.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._session = self._gauge("session_status", "1 for the link's status.", "status")
        self._store = self._gauge("store_up", "1 while the store answers.")
        self._inbox = self._gauge("inbox_depth", "Events on this disk that wait for the store.")
        self._aside = self._gauge("set_aside", "Events that could not be recorded.", "kind")
        self._gaps = self._gauge("open_gaps", "Messages that WhatsApp had and that are missing.")
        self._danger = self._gauge("open_dangers", "Chats in danger that no person has answered.")
        self._silence = self._gauge("last_event_age_seconds", "Since WhatsApp said anything.")
        self._day = self._gauge("messages_day", "Recorded in the last 24 hours.", "state")
        self._events = self._gauge("event_deliveries", "Outgoing events, as in /stats.", "state")
        self._holds = self._gauge("condition", "1 for what is wrong.", "name", "about", "severity")
        self._free = self._gauge("disk_free_bytes", "Where the bridge keeps anything.", "place")
        self._cost = self._gauge("cost_today_usd", "Of analyses, since midnight.")

    def worked(self, outcome: str, seconds: float) -> None:
        """A message settled."""
        self._messages.labels(outcome).inc()
        self._seconds.observe(seconds)

    def take_health(self, health: Health) -> None:
        now = SESSION_STATUS[LinkState(health.link_state)]
        for status in SessionStatus:
            self._session.labels(str(status)).set(status is now)
        self._store.set(health.is_store_ok)
        self._inbox.set(health.inbox_depth)
        self._aside.clear()
        for kind, number in (health.set_aside or {}).items():
            self._aside.labels(kind).set(number)
        self._gaps.set(_known(health.open_gaps))
        self._danger.set(_known(health.in_danger))
        self._silence.set(_known(health.last_event_age_seconds))
        self._holds.clear()
        for one in health.conditions:
            self._holds.labels(str(one.name), one.about, str(one.severity)).set(1)
        self._free.clear()
        for disk in health.disks:
            self._free.labels(disk.place).set(disk.free)

    def take_stats(self, stats: Mapping[str, Any]) -> None:
        """Empty while the store is away: unknown figures are not shown."""
        self._day.clear()
        self._events.clear()
        for state in ("pending", *map(str, _AT_REST)):
            if state in stats:
                self._day.labels(state).set(stats[state])
        for state, number in stats.get("events", {}).items():
            self._events.labels(state).set(number)
        self._cost.set(float(stats.get("cost_today", "nan")))

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"izer_{name}", text, labels, registry=self.registry)


_AT_REST = (State.SKIPPED, State.SETTLED, State.DEAD, State.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class MetricsPage:
    meters: Meters
    health: HealthSource
    stats: StatsSource

    async def get(self, request: web.Request) -> web.Response:
        """200 in Prometheus' text format, even while the store is away."""
        self.meters.take_health(await self.health.health())
        try:
            counts = asdict(await self.stats.stats())
        except TransientError:
            counts = {}
        self.meters.take_stats(counts)
        text = generate_latest(self.meters.registry)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_LATEST})


def _known(value: float | None) -> float:
    return float("nan") if value is None else value
