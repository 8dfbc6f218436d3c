"""The work of `izer-bridge staff` and `izer-bridge login`."""

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from izer_bridge.config.api import Api
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.staff.address import login_address, page_address
from izer_bridge.staff.member import NameTakenError, NewSecret
from izer_bridge.staff.store.members import staff_at
from izer_bridge.web.caller import Role

_BY = "command line"
_LIST = "see: izer-bridge staff list"
_HERE_ALONE = (
    "It opens on this machine alone; for other devices set api.tls_certificate or a proxy "
    "(docs/http.md)."
)


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A link as it is printed, with what one should know before using it."""

    name: str
    role: Role
    url: str = field(repr=False)
    hints: Sequence[str] = ()


async def add(url: str, name: str, role: str) -> NewSecret:
    """Raises UsageError for a name or role that is not allowed."""
    try:
        wanted = Role(role)
    except ValueError:
        raise UsageError(f"--role {role!r}: allowed: {', '.join(Role)}") from None
    async with staff_at(url) as staff:
        try:
            return await staff.add(name, wanted, _BY)
        except (ValueError, NameTakenError) as error:
            raise UsageError(str(error)) from None


async def revoke(url: str, name: str) -> str:
    """Whose it was. Raises UsageError if there is nobody of that name."""
    async with staff_at(url) as staff:
        try:
            return await staff.revoke(name, _BY)
        except LookupError as error:
            raise UsageError(f"{error}; {_LIST}") from None


async def end(url: str, session_id: int) -> None:
    """Raises UsageError if there is no such session."""
    async with staff_at(url) as staff:
        try:
            await staff.end(session_id)
        except LookupError as error:
            raise UsageError(f"{error}; see: izer-bridge staff sessions") from None


async def link(url: str, api: Api, name: str | None) -> LoginLink:
    """A one-time link to the pages. Raises UsageError if there is nobody of that name."""
    async with staff_at(url) as staff:
        try:
            new = await staff.link(name)
        except LookupError as error:
            raise UsageError(f"{error}; {_LIST}") from None
    there = page_address(api)
    hints = (_HERE_ALONE,) if there.startswith("http:") else ()
    return LoginLink(new.name, new.role, login_address(there, new), hints)


async def show(url: str, console: Printer, *, as_json: bool) -> None:
    """Print who may, and who might once."""
    async with staff_at(url) as staff:
        found = await staff.members()
    if as_json:
        console.json([asdict(one) for one in found])
    elif found:
        console.listing(
            [
                *(number("id"), text("name"), fixed("role"), fixed("token"), number("browsers")),
                *(fixed("since", from_width=70), fixed("revoked")),
            ],
            [
                (
                    *(str(one.id), one.name, one.role, "yes" if one.has_token else "no"),
                    *(str(one.sessions), console.time(one.created_at)),
                    console.time(one.revoked_at) if one.revoked_at else "",
                )
                for one in found
            ],
        )
    else:
        console.print("There are none. The first: izer-bridge staff add NAME --role owner")


async def show_sessions(url: str, console: Printer, *, as_json: bool) -> None:
    """Print the browsers that are logged in."""
    async with staff_at(url) as staff:
        found = await staff.sessions()
    if as_json:
        console.json([asdict(one) for one in found])
    elif found:
        console.listing(
            [number("id"), text("name"), fixed("since"), fixed("until"), text("browser")],
            [
                (
                    *(str(one.id), one.name),
                    *(console.time(one.created_at), console.time(one.expires_at), one.device),
                )
                for one in found
            ],
        )
    else:
        console.print("No browser is logged in.")


def typed(name: str) -> str:
    """As it is typed on a command line."""
    return shlex.quote(name)
