"""`GET /link`: the page of link and health."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web

from izer_bridge.conditions.desk import HealthDesk
from izer_bridge.conditions.page_texts import HEALTH_TEXTS
from izer_bridge.web.caller import BRIDGE, CALLER, Role
from izer_bridge.web.language import language_of

if TYPE_CHECKING:
    from izer_bridge.conditions.link_page import LinkView


_LIVE = "/link/live"


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Times are shown in the shop's `zone`."""

    desk: HealthDesk
    zone: ZoneInfo

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/link", self.get, name="page-link")
        app.router.add_get(_LIVE, self.live, name="page-link-live")

    async def get(self, request: web.Request) -> web.Response:
        from izer_bridge.web.page import page

        view, found = self._view(request), await self.desk.look()
        return page(request, HEALTH_TEXTS[view.language].title, view.whole(found, _LIVE))

    async def live(self, request: web.Request) -> web.Response:
        """What may have changed of the page, asked for while somebody looks at it."""
        view, found = self._view(request), await self.desk.look()
        return web.Response(text=str(view.live(found, _LIVE)), content_type="text/html")

    def _view(self, request: web.Request) -> "LinkView":
        from izer_bridge.conditions.link_page import LinkView

        is_owner = request.get(CALLER, BRIDGE).role.covers(Role.OWNER)
        return LinkView(language_of(request), is_owner, self.zone, self.desk.clock())
