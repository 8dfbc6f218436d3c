"""`/v1/vips` and `/v1/groups`: who is important, and how; an owner changes it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

import structlog
from pydantic import Field

from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.importance import MOST_MINUTES
from izer_bridge.people.register import Register, Shown
from izer_bridge.people.store.important import CustomerType, Wish
from izer_bridge.store.text import NAME_LENGTH
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

_log = structlog.get_logger(__name__)


class GroupWish(AskedFields):
    """What is null or missing stays as it is, or as usual."""

    name: str | None = Field(None, max_length=NAME_LENGTH)
    priority: Priority | None = None
    answer_within_minutes: int | None = Field(None, ge=1, le=MOST_MINUTES)
    agent: str | None = Field(None, description="The name of an agent.")
    escalate: bool | None = None


class VipWish(GroupWish):
    type: CustomerType | None = None


class CriticalGroup(ToldFields):
    """Known by its `jid` or by its name; `source` is where that stands: store or settings."""

    jid: str | None
    name: str
    priority: Priority
    answer_within_minutes: int | None
    agent: str | None
    escalate: bool
    source: str
    changed_by: str | None
    changed_at: datetime | None


class Vip(ToldFields):
    """`number` is a number or a LID."""

    number: str
    name: str
    type: str | None
    priority: Priority
    answer_within_minutes: int | None
    agent: str | None
    escalate: bool
    source: str
    changed_by: str | None
    changed_at: datetime | None


class VipList(ToldFields):
    items: Sequence[Vip]


class GroupList(ToldFields):
    items: Sequence[CriticalGroup]


class ImportantNow(ToldFields):
    """Who is important from the next message on, as it is kept."""

    who: str


@dataclass(frozen=True, slots=True)
class PeopleOperations:
    """`agents` are the names that one may prefer."""

    vips: Register
    groups: Register
    agents: Collection[str]

    def all(self) -> Sequence[AnyOperation]:
        vip, group = "/v1/vips/{number}", "/v1/groups/{group}"
        owner = Role.OWNER
        return (
            Operation(
                "GET", "/v1/vips", "list_vips", "The important customers.", self.list_vips, VipList
            ),
            Operation(
                *("PUT", vip, "put_vip", "Treat a customer as important, or change how."),
                self.put_vip,
                ImportantNow,
                body=VipWish,
                role=owner,
            ),
            Operation(
                *("DELETE", vip, "remove_vip", "Treat a customer like any other."),
                self.remove_vip,
                role=owner,
            ),
            Operation(
                *("GET", "/v1/groups", "list_groups", "The critical groups."),
                self.list_groups,
                GroupList,
            ),
            Operation(
                *("PUT", group, "put_group", "Treat a group as critical, or change how."),
                self.put_group,
                ImportantNow,
                body=GroupWish,
                role=owner,
            ),
            Operation(
                *("DELETE", group, "remove_group", "Treat a group like any other."),
                self.remove_group,
                role=owner,
            ),
        )

    async def list_vips(self, call: ApiCall[NoFields, NoFields]) -> VipList:
        found = await self.vips.listed()
        return VipList(
            items=[Vip(number=one.address, type=one.customer_type, **_shared(one)) for one in found]
        )

    async def list_groups(self, call: ApiCall[NoFields, NoFields]) -> GroupList:
        found = await self.groups.listed()
        return GroupList(
            items=[CriticalGroup(jid=one.address or None, **_shared(one)) for one in found]
        )

    async def put_vip(self, call: ApiCall[NoFields, VipWish]) -> ImportantNow:
        return await self._put(self.vips, call, "number", call.body.type)

    async def put_group(self, call: ApiCall[NoFields, GroupWish]) -> ImportantNow:
        return await self._put(self.groups, call, "group")

    async def remove_vip(self, call: ApiCall[NoFields, NoFields]) -> None:
        await self._remove(self.vips, call, "number")

    async def remove_group(self, call: ApiCall[NoFields, NoFields]) -> None:
        await self._remove(self.groups, call, "group")

    async def _put(
        self,
        register: Register,
        call: ApiCall[NoFields, GroupWish] | ApiCall[NoFields, VipWish],
        place: str,
        customer_type: CustomerType | None = None,
    ) -> ImportantNow:
        asked = call.body
        if asked.agent is not None and asked.agent not in self.agents:
            raise _wrong("agent", f"allowed: {', '.join(self.agents)}")
        wish = Wish(
            name=asked.name,
            customer_type=customer_type,
            priority=asked.priority,
            answer_within_minutes=asked.answer_within_minutes,
            agent=asked.agent,
            is_raised=asked.escalate,
        )
        try:
            who = await register.put(call.text(place), wish, call.caller.name)
        except ValueError as error:
            raise _wrong(place, str(error)) from None
        _log.info("importance_changed", what=f"put {place}", by=call.caller.name)
        return ImportantNow(who=who)

    async def _remove(
        self, register: Register, call: ApiCall[NoFields, NoFields], place: str
    ) -> None:
        try:
            await register.remove(call.text(place), call.caller.name)
        except ValueError as error:
            raise _wrong(place, str(error)) from None
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        _log.info("importance_changed", what=f"remove {place}", by=call.caller.name)


def _shared(one: Shown) -> dict[str, object]:
    how = one.treatment
    return {
        "name": one.name,
        "priority": how.priority,
        "answer_within_minutes": how.answer_within_minutes,
        "agent": how.agent,
        "escalate": how.is_raised,
        "source": one.source,
        "changed_by": one.changed_by,
        "changed_at": one.changed_at,
    }


def _wrong(place: str, message: str) -> ProblemError:
    fault = FieldError(place, message)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{place}: {message}", errors=[fault])
