"""Remembers for a second who a secret is, so that a page's many requests ask the store once."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from izer_bridge.staff.member import StaffRow
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.web.caller import Caller

# Who was revoked is refused after that at the latest.
REMEMBERED_SECONDS = 1.0
_MOST = 1000


class KnownStaff:
    """The credentials of people; `clock` in monotonic seconds."""

    def __init__(self, staff: SqlStaff, clock: Callable[[], float]) -> None:
        self._staff = staff
        self._clock = clock
        # By the member's id, since this process began: every browser and program comes by here.
        self._seen_at: dict[int, datetime] = {}
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def is_known(self, digest: str) -> bool:
        return digest in self._known

    async def of_token(self, digest: str) -> Caller | None:
        return await self._asked(digest, lambda: self._staff.of_token(digest))

    async def of_session(self, digest: str, bridge: str) -> Caller | None:
        return await self._asked(digest, lambda: self._staff.of_session(digest, bridge))

    def last_seen(self, member: StaffRow) -> datetime | None:
        """Since this process began, else the last login that is kept."""
        return self._seen_at.get(member.id, member.login_at)

    def forget(self, digest: str) -> None:
        """Ask the store at the next request."""
        self._known.pop(digest, None)

    async def _asked(
        self, digest: str, ask: Callable[[], Awaitable[Caller | None]]
    ) -> Caller | None:
        caller, until = self._known.get(digest, (None, 0.0))
        if caller is not None and self._clock() < until:
            return caller
        now = self._clock()
        caller = await ask()
        self._known.pop(digest, None)
        if caller is not None:
            self._seen_at[caller.staff_id] = self._staff.clock()
            self._known[digest] = (caller, now + REMEMBERED_SECONDS)
            if len(self._known) > _MOST:
                self._known.popitem(last=False)
        return caller
