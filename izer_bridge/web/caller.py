"""Who asks: a name, a role, and the token that it came with."""

from dataclasses import dataclass, field
from enum import StrEnum

from aiohttp import web


class Role(StrEnum):
    """`staff` reads, answers and decides; `owner` also says who is important, and who may."""

    STAFF = "staff"
    OWNER = "owner"

    def covers(self, needed: "Role") -> bool:
        return self is Role.OWNER or needed is Role.STAFF


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is written beside each decision. `staff_id` is 0 for the bridge's own token.

    A browser has a `csrf` value, which each of its writes must carry; a program has none.
    """

    name: str
    role: Role
    staff_id: int = 0
    csrf: str | None = field(default=None, repr=False)


# The holder of the bridge's own token.
BRIDGE = Caller("HTTP", Role.OWNER)
CALLER = web.RequestKey("caller", Caller)
