"""`/v1/me`, `/v1/sessions` and `/v1/staff`: who asks, from where, and who else may."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import Field

from izer_bridge.staff.address import login_address
from izer_bridge.staff.known import KnownStaff
from izer_bridge.staff.member import LONGEST_NAME, NameTakenError
from izer_bridge.staff.store.members import SqlStaff
from izer_bridge.web.caller import Role
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.web.problems import FieldError, ProblemError


class Me(ToldFields):
    """`csrf` is what a browser's writes must carry in the header `X-CSRF-Token`."""

    name: str
    role: Role
    csrf: str | None


class StaffMember(ToldFields):
    """`sessions` is how many browsers are logged in now. `last_seen_at` is from before the
    bridge's last start only where somebody logged in.
    """

    id: int
    name: str
    role: Role
    has_token: bool
    sessions: int
    created_at: datetime
    added_by: str | None
    revoked_at: datetime | None
    revoked_by: str | None
    last_seen_at: datetime | None


class StaffList(ToldFields):
    items: Sequence[StaffMember]


class NewMember(AskedFields):
    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    role: Role


class NewToken(ToldFields):
    """Shown this once: a program's `token`, or a person's `link`, which logs one browser in
    within ten minutes.
    """

    name: str
    role: Role
    token: str
    link: str


class NewLink(ToldFields):
    """`link` logs one browser in, once, within ten minutes."""

    name: str
    role: Role
    link: str


class BrowserSession(ToldFields):
    """`device` is what the browser said of itself."""

    id: int
    staff_id: int
    name: str
    device: str
    created_at: datetime
    expires_at: datetime


class SessionList(ToldFields):
    items: Sequence[BrowserSession]


@dataclass(frozen=True, slots=True)
class StaffOperations:
    """Staff see and end their own sessions; an owner everybody's, and says who may.

    Links lead to the pages' `address`.
    """

    staff: SqlStaff
    known: KnownStaff
    address: str

    def all(self) -> Sequence[AnyOperation]:
        owner = Role.OWNER
        return (
            Operation("GET", "/v1/me", "get_me", "Who asks, and with which role.", _me, Me),
            Operation(
                "GET",
                "/v1/sessions",
                "list_sessions",
                "The browsers that are logged in: one's own, or for an owner all.",
                self.sessions,
                SessionList,
            ),
            Operation("DELETE", "/v1/sessions/{id}", "end_session", "Log one out.", self.end),
            Operation(
                *("GET", "/v1/staff", "list_staff", "Who may, and who might once."),
                self.list,
                StaffList,
                role=owner,
            ),
            Operation(
                *("POST", "/v1/staff", "add_staff", "Let somebody in; the key is shown once."),
                self.add,
                NewToken,
                body=NewMember,
                role=owner,
                status=HTTPStatus.CREATED,
                refusals={HTTPStatus.CONFLICT: "Somebody has that name."},
                is_kept=False,
            ),
            Operation(
                *("DELETE", "/v1/staff/{id}", "revoke_staff", "End somebody's token and sessions."),
                self.revoke,
                role=owner,
            ),
            Operation(
                *("POST", "/v1/staff/{id}/links", "add_login_link", "A login link for somebody."),
                self.link,
                NewLink,
                role=owner,
                status=HTTPStatus.CREATED,
                is_kept=False,
            ),
        )

    async def sessions(self, call: ApiCall[NoFields, NoFields]) -> SessionList:
        found = await self.staff.sessions(_own_only(call))
        return SessionList(items=[BrowserSession.model_validate(one) for one in found])

    async def end(self, call: ApiCall[NoFields, NoFields]) -> None:
        try:
            await self.staff.end(call.id, _own_only(call))
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None

    async def list(self, call: ApiCall[NoFields, NoFields]) -> StaffList:
        found = [
            StaffMember(**asdict(one), last_seen_at=self.known.last_seen(one))
            for one in await self.staff.members()
        ]
        return StaffList(items=found)

    async def add(self, call: ApiCall[NoFields, NewMember]) -> NewToken:
        try:
            added = await self.staff.add(call.body.name, call.body.role, call.caller.name)
        except NameTakenError as error:
            raise ProblemError(HTTPStatus.CONFLICT, str(error)) from None
        except ValueError as error:
            fault = FieldError("name", str(error))
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"name: {error}", errors=[fault]
            ) from None
        link = login_address(self.address, await self.staff.link(added.name))
        return NewToken(name=added.name, role=added.role, token=added.secret, link=link)

    async def link(self, call: ApiCall[NoFields, NoFields]) -> NewLink:
        try:
            new = await self.staff.link_id(call.id)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        return NewLink(name=new.name, role=new.role, link=login_address(self.address, new))

    async def revoke(self, call: ApiCall[NoFields, NoFields]) -> None:
        try:
            await self.staff.revoke_id(call.id, call.caller.name)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None


async def _me(call: ApiCall[NoFields, NoFields]) -> Me:
    return Me.model_validate(call.caller)


def _own_only(call: ApiCall[NoFields, NoFields]) -> int | None:
    """Whose sessions: an owner's are all. A caller without a row of their own is one."""
    return None if call.caller.role is Role.OWNER else call.caller.staff_id
