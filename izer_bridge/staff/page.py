"""`GET /staff`: the owner's page of who may come in, and who is there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from aiohttp import web

from izer_bridge.staff.known import KnownStaff
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.staff.texts import STAFF_TEXTS
from izer_bridge.web.caller import BRIDGE, CALLER
from izer_bridge.web.language import language_of

if TYPE_CHECKING:
    from izer_bridge.staff.staff_page import StaffView

_LIVE = "/staff/live"


@dataclass(frozen=True, slots=True)
class StaffPage:
    """What it asks for is done by `/v1/staff`; links lead to `address`. Times are shown in the
    shop's `zone`.
    """

    staff: SqlStaff
    known: KnownStaff
    zone: ZoneInfo
    address: str

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/staff", self.get, name="page-staff")
        app.router.add_get(_LIVE, self.live, name="page-staff-live")

    async def get(self, request: web.Request) -> web.Response:
        from izer_bridge.web.page import page

        view = await self._view(request)
        return page(request, STAFF_TEXTS[view.language].title, view.whole(_LIVE))

    async def live(self, request: web.Request) -> web.Response:
        """What may have changed of the page, asked for while somebody looks at it."""
        view = await self._view(request)
        return web.Response(text=str(view.live(_LIVE)), content_type="text/html")

    async def _view(self, request: web.Request) -> "StaffView":
        from izer_bridge.staff.staff_page import SeenMember, StaffView

        sessions = await self.staff.sessions()
        members = [
            SeenMember(
                one, self.known.last_seen(one), [it for it in sessions if it.staff_id == one.id]
            )
            for one in await self.staff.members()
        ]
        reader = request.get(CALLER, BRIDGE).staff_id
        now = self.staff.clock()
        is_here_alone = self.address.startswith("http:")
        return StaffView(language_of(request), reader, self.zone, now, members, is_here_alone)
