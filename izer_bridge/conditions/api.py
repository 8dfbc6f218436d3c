"""Link and health under `/v1`: how they stand, what is missing or failed, and trying it again."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import Field

from izer_bridge.conditions.desk import HealthDesk
from izer_bridge.conditions.health import Status, status_of
from izer_bridge.domain.condition import ConditionName, Severity
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.web.caller import Role
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.web.paging import Page, cursor_of, place_of
from izer_bridge.web.problems import ProblemError

_Plain = ApiCall[NoFields, NoFields]


class LinkTold(ToldFields):
    """`state` has been so since `at`. `code` is what the QR code says, for the owner alone: whoever
    scans it becomes the account that the bridge serves.
    """

    state: LinkState
    sentence: str
    is_linked: bool
    at: datetime | None
    phone_seen_at: datetime | None
    code: str | None
    code_until: datetime | None


class ConditionTold(ToldFields):
    name: ConditionName
    about: str
    severity: Severity
    sentence: str
    remedy: str
    since: datetime | None


class DiskTold(ToldFields):
    """Bytes where `place` lies."""

    place: str
    free: int
    total: int


class BackupTold(ToldFields):
    """`size` in bytes."""

    made_at: datetime
    size: int


class HealthTold(ToldFields):
    """`open_gaps` is null while the store is away, `set_aside` (by kind) while the disk is slow."""

    status: Status
    conditions: Sequence[ConditionTold]
    version: str
    uptime_seconds: float
    is_linked: bool
    is_store_ok: bool
    is_inbox_ok: bool
    inbox_depth: int
    last_event_age_seconds: float | None
    open_gaps: int | None
    set_aside: dict[str, int] | None
    disks: Sequence[DiskTold]
    backup: BackupTold | None


class MissingTold(ToldFields):
    """A message that WhatsApp had and that is missing. `chat` and `sender` are addresses."""

    id: int = Field(validation_alias="row_id")
    message_id: str
    chat: str
    chat_name: str
    sender: str
    sender_name: str
    reason: str
    detail: str
    noticed_at: datetime


class MissingList(ToldFields):
    items: Sequence[MissingTold]
    next_cursor: str | None


class DeadLetterTold(ToldFields):
    """A message that no agent took."""

    id: int = Field(validation_alias="row_id")
    message_id: str
    chat_name: str
    attempts: int
    error: str
    died_at: datetime


class DeadLetterList(ToldFields):
    items: Sequence[DeadLetterTold]
    next_cursor: str | None


class AsideTold(ToldFields):
    """An event that could not be recorded: why, not what it contains. `size` in bytes."""

    id: int = Field(validation_alias="sequence")
    kind: str
    reason: str
    size: int
    received_at: datetime


class AsideList(ToldFields):
    items: Sequence[AsideTold]
    next_cursor: str | None


class RetriedCount(ToldFields):
    """How many are tried again."""

    count: int


@dataclass(frozen=True, slots=True)
class HealthOperations:
    desk: HealthDesk

    def all(self) -> Sequence[AnyOperation]:
        return (*self._of_link(), *self._of_health())

    def _of_link(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/link",
                "get_link",
                "How the link to WhatsApp stands; for the owner, with the code to scan.",
                self.link,
                answer=LinkTold,
            ),
            Operation(
                "POST",
                "/v1/link/codes",
                "renew_codes",
                "Show fresh codes; harmless while some are shown or a phone is linked.",
                self.renew,
                role=Role.OWNER,
            ),
        )

    def _of_health(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/health",
                "get_health",
                "What is wrong, the worst first, and how link, store, inbox and disks stand.",
                self.health,
                answer=HealthTold,
            ),
            Operation(
                "GET",
                "/v1/gaps",
                "list_gaps",
                "Messages that WhatsApp had and that are missing, oldest first.",
                self.gaps,
                answer=MissingList,
                query=Page,
            ),
            _mends(
                "/v1/gaps/{id}/close",
                "close_gap",
                "A missing message was dealt with.",
                self.desk.close_gap,
            ),
            Operation(
                "GET",
                "/v1/dead-letters",
                "list_dead_letters",
                "Messages that no agent took, oldest first.",
                self.dead_letters,
                answer=DeadLetterList,
                query=Page,
            ),
            _mends(
                "/v1/dead-letters/{id}/retry",
                "retry_dead_letter",
                "Work a message again from the start.",
                self.desk.retry,
            ),
            _mends_all(
                "/v1/dead-letters/retry",
                "retry_dead_letters",
                "Work all of them again.",
                self.desk.retry_all,
            ),
            Operation(
                "GET",
                "/v1/set-aside",
                "list_set_aside",
                "Events that could not be recorded, oldest first.",
                self.set_aside,
                answer=AsideList,
                query=Page,
            ),
            _mends(
                "/v1/set-aside/{id}/retry",
                "retry_event",
                "Record an event again.",
                self.desk.retry_event,
            ),
            Operation(
                "POST",
                "/v1/sending/resume",
                "resume_sending",
                "Send again after WhatsApp has limited or banned the account.",
                self.resume_sending,
                role=Role.OWNER,
            ),
            _mends_all(
                "/v1/set-aside/retry",
                "retry_events",
                "Record all of them again.",
                self.desk.retry_all_events,
            ),
        )

    async def link(self, call: _Plain) -> LinkTold:
        note = self.desk.link()
        is_owner = call.caller.role.covers(Role.OWNER)
        state = LinkState(note.state)
        return LinkTold(
            state=state,
            sentence=note.sentence,
            is_linked=LinkStatus(state).is_linked,
            at=note.at,
            phone_seen_at=note.phone_seen_at,
            code=note.code if is_owner else None,
            code_until=note.code_until,
        )

    async def renew(self, _: _Plain) -> None:
        self.desk.renew()

    async def health(self, _: _Plain) -> HealthTold:
        health = await self.desk.health.health()
        more = {"status": status_of(health), "backup": await self.desk.kept()}
        return HealthTold.model_validate(asdict(health) | more)

    async def resume_sending(self, call: _Plain) -> None:
        await self.desk.mending.resume_sending(call.caller.name)

    async def gaps(self, call: ApiCall[Page, NoFields]) -> MissingList:
        limit, [after] = call.query.limit, place_of(call.query.cursor, int) or [0]
        found = await self.desk.mending.gaps(limit + 1, after)
        items = [MissingTold.model_validate(one) for one in found[:limit]]
        next_cursor = cursor_of(items[-1].id) if len(found) > limit else None
        return MissingList(items=items, next_cursor=next_cursor)

    async def dead_letters(self, call: ApiCall[Page, NoFields]) -> DeadLetterList:
        limit, [after] = call.query.limit, place_of(call.query.cursor, int) or [0]
        found = await self.desk.mending.dead_letters(limit + 1, after)
        items = [DeadLetterTold.model_validate(one) for one in found[:limit]]
        next_cursor = cursor_of(items[-1].id) if len(found) > limit else None
        return DeadLetterList(items=items, next_cursor=next_cursor)

    async def set_aside(self, call: ApiCall[Page, NoFields]) -> AsideList:
        limit, [after] = call.query.limit, place_of(call.query.cursor, int) or [0]
        found = [one for one in await self.desk.events() if one.sequence > after]
        items = [AsideTold.model_validate(one) for one in found[:limit]]
        next_cursor = cursor_of(items[-1].id) if len(found) > limit else None
        return AsideList(items=items, next_cursor=next_cursor)


def _mends(
    path: str, name: str, summary: str, mend: Callable[[int], Awaitable[None]]
) -> AnyOperation:
    async def handle(call: _Plain) -> None:
        try:
            await mend(call.id)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None

    return Operation("POST", path, name, summary, handle, role=Role.OWNER)


def _mends_all(
    path: str, name: str, summary: str, mend: Callable[[], Awaitable[int]]
) -> AnyOperation:
    async def handle(_: _Plain) -> RetriedCount:
        return RetriedCount(count=await mend())

    return Operation("POST", path, name, summary, handle, answer=RetriedCount, role=Role.OWNER)
