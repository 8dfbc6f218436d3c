"""The routes of the HTTP interface, assembled from what the daemon provides."""

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from izer_bridge import openapi
from izer_bridge.conditions.health import HealthCheck
from izer_bridge.conditions.metrics import Meters, MetricsPage
from izer_bridge.conditions.ports import HealthSource
from izer_bridge.replies.api import DraftRoutes
from izer_bridge.reports.ports import StatsSource
from izer_bridge.reports.stats_api import StatsRoute
from izer_bridge.web.access import ACCESS, ANYBODY, Access, admit, harden
from izer_bridge.web.bodies import BODIES, LARGEST_TEXT_BODY, Bodies
from izer_bridge.web.connections import hold
from izer_bridge.web.operation import V1
from izer_bridge.web.problem_answers import answer_problems
from izer_bridge.web.static_files import add_static_files
from izer_bridge.webhook.api import Webhook
from izer_bridge.webhook.ports import Intake

WAIT_SECONDS = 30.0


class Pages(Protocol):
    """A room's pages for people; the names of their routes begin with `page-`."""

    def add_to(self, app: web.Application) -> None: ...


def application(
    intake: Intake,
    health: HealthSource,
    stats: StatsSource,
    access: Access = ANYBODY,
    *,
    drafts: DraftRoutes | None = None,
    v1: V1 | None = None,
    pages: Sequence[Pages] = (),
    meters: Meters | None = None,
    wait_seconds: float = WAIT_SECONDS,
    most_file_bytes: int = 0,
) -> web.Application:
    """The application. `wait_seconds` bounds how long `POST /webhook` waits for its message.

    A file of up to `most_file_bytes` may come with a message. `meters` are read where others write
    them; without any, nobody does.
    """
    app = web.Application(
        client_max_size=LARGEST_TEXT_BODY, middlewares=[answer_problems, admit, hold]
    )
    app[ACCESS], app[BODIES] = access, Bodies()
    app.on_response_prepare.append(harden)
    check = HealthCheck(health)
    app.router.add_post(
        "/webhook", Webhook(intake, wait_seconds, most_file_bytes).post, name="webhook"
    )
    app.router.add_get("/health", check.get, name="health")
    app.router.add_get("/livez", check.live, name="livez")
    app.router.add_get("/readyz", check.ready, name="readyz")
    app.router.add_get("/stats", StatsRoute(stats).get, name="stats")
    if drafts is not None:
        drafts.add_to(app)
    if v1 is not None:
        v1.add_to(app)
    for one in pages:
        one.add_to(app)
    page = MetricsPage(meters or Meters(), health, stats)
    app.router.add_get("/metrics", page.get, name="metrics")
    app.router.add_get("/openapi.json", openapi.get, name="openapi")
    add_static_files(app)
    return app
