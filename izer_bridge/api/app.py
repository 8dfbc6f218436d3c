"""The routes of the HTTP interface, put together from what the daemon hands in."""

from aiohttp import web

from izer_bridge.api.drafts import DraftRoutes
from izer_bridge.api.health import HealthCheck
from izer_bridge.api.ports import HealthSource, Intake, StatsSource
from izer_bridge.api.problems import answer_problems
from izer_bridge.api.stats import Counts
from izer_bridge.api.webhook import Webhook

LARGEST_BODY = 1024**2
WAIT_SECONDS = 30.0


def application(
    intake: Intake,
    health: HealthSource,
    stats: StatsSource,
    *,
    drafts: DraftRoutes | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> web.Application:
    """The application. `wait_seconds` bounds how long `POST /webhook` waits for its message."""
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[answer_problems])
    app.router.add_post("/webhook", Webhook(intake, wait_seconds).post, name="webhook")
    app.router.add_get("/health", HealthCheck(health).get, name="health")
    app.router.add_get("/stats", Counts(stats).get, name="stats")
    if drafts is not None:
        drafts.add_to(app)
    return app
