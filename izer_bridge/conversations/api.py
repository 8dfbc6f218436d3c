"""Conversations under `/v1`: who waits since when, and what a person decides about it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from pydantic import AwareDatetime, Field

from izer_bridge.conversations.conversation import (
    UNANSWERED,
    ConversationDecision,
    ConversationStatus,
    Decider,
    ListedConversation,
    ListKey,
)
from izer_bridge.conversations.ports import ConversationDesk, Ruling
from izer_bridge.conversations.told import (
    ConversationCounts,
    ConversationList,
    ConversationTold,
    told,
)
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
)
from izer_bridge.web.paging import Page, cursor_of, place_of
from izer_bridge.web.problems import FieldError, ProblemError

_CHANGED = {
    HTTPStatus.CONFLICT: "Somebody decided before, or the customer has written since; the problem "
    "says who and when. Nothing was changed."
}
_D = ConversationDecision
_SEEN = Field(
    None,
    max_length=64,
    pattern=r"^[0-9]+\.[0-9]+-[0-9]+$",
    description="`version` as the person has seen it; if it has moved on, nothing is changed.",
)


class StatusPage(Page):
    status: ConversationStatus | None = Field(
        None, description="Of this status; without it, all that need an answer."
    )


class SeenBody(AskedFields):
    seen: str | None = _SEEN


class UntilBody(AskedFields):
    until: AwareDatetime
    seen: str | None = _SEEN


class PauseBody(AskedFields):
    until: AwareDatetime | None = Field(None, description="Without it, until it is resumed.")


_Decide = Callable[[ApiCall[NoFields, SeenBody]], Awaitable[ConversationTold]]


@dataclass(frozen=True, slots=True)
class ConversationOperations:
    """`decided` hints that boards have something to show; `clock` is the time of `time_left`."""

    desk: ConversationDesk
    decided: Callable[[], None]
    clock: Callable[[], datetime]

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/conversations",
                "list_conversations",
                "Who waits, by time left; snoozed ones by waking, others latest first.",
                self.list,
                answer=ConversationList,
                query=StatusPage,
            ),
            Operation(
                "GET",
                "/v1/conversations/counts",
                "count_conversations",
                "How many wait, and how many of them too long.",
                self.counts,
                answer=ConversationCounts,
            ),
            Operation(
                "GET",
                "/v1/conversations/{id}",
                "get_conversation",
                "One conversation.",
                self.get,
                answer=ConversationTold,
            ),
            _decision("done", "Say that nothing is left to answer, until they write.", self.done),
            _decision("reopen", "Take back a `done`.", self.reopen),
            _decision("wake", "End a snooze.", self.wake),
            Operation(
                "POST",
                "/v1/conversations/{id}/snooze",
                "snooze_conversation",
                "Show it again at a moment, or once the customer writes.",
                self.snooze,
                answer=ConversationTold,
                body=UntilBody,
                refusals=_CHANGED,
            ),
            Operation(
                "POST",
                "/v1/conversations/{id}/pause",
                "pause_conversation",
                "Let the bridge answer nobody there; what waits to be sent is dropped.",
                self.pause,
                answer=ConversationTold,
                body=PauseBody,
                refusals=_CHANGED,
            ),
            Operation(
                "POST",
                "/v1/conversations/{id}/resume",
                "resume_conversation",
                "Let the bridge answer there again.",
                self.resume,
                answer=ConversationTold,
            ),
        )

    async def list(self, call: ApiCall[StatusPage, NoFields]) -> ConversationList:
        asked = call.query
        place = place_of(asked.cursor, datetime, int)
        after = None if place is None else ListKey(*place)
        statuses: Collection[ConversationStatus] = [asked.status] if asked.status else UNANSWERED
        found = await self.desk.page(statuses, after, asked.limit)
        following = found.following
        return ConversationList(
            items=[self._told(one) for one in found.conversations],
            next_cursor=following and cursor_of(*following),
        )

    async def counts(self, call: ApiCall[NoFields, NoFields]) -> ConversationCounts:
        found = await self.desk.counts()
        counted = {
            str(status): found.by_status.get(status, 0)
            for status in ConversationStatus
            if status is not ConversationStatus.DONE
        }
        return ConversationCounts(**counted, soon=found.soon, breached=found.breached)

    async def get(self, call: ApiCall[NoFields, NoFields]) -> ConversationTold:
        try:
            return self._told(await self.desk.get(call.id))
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None

    async def done(self, call: ApiCall[NoFields, SeenBody]) -> ConversationTold:
        by = call.caller.name
        return await self._ruled(self.desk.done(call.id, by, call.body.seen), _D.DONE, by)

    async def reopen(self, call: ApiCall[NoFields, SeenBody]) -> ConversationTold:
        by = call.caller.name
        return await self._ruled(self.desk.reopen(call.id, by, call.body.seen), _D.REOPENED, by)

    async def wake(self, call: ApiCall[NoFields, SeenBody]) -> ConversationTold:
        by = call.caller.name
        return await self._ruled(self.desk.wake(call.id, by, call.body.seen), _D.WOKEN, by)

    async def snooze(self, call: ApiCall[NoFields, UntilBody]) -> ConversationTold:
        body, by = call.body, call.caller.name
        snoozing = self.desk.snooze(call.id, body.until, by, body.seen)
        return await self._ruled(snoozing, _D.SNOOZED, by)

    async def pause(self, call: ApiCall[NoFields, PauseBody]) -> ConversationTold:
        by = call.caller.name
        return await self._ruled(self.desk.pause(call.id, call.body.until, by), None, by)

    async def resume(self, call: ApiCall[NoFields, NoFields]) -> ConversationTold:
        """Answering there again is what was wanted, whoever has ended the pause."""
        try:
            ruling = await self.desk.resume(call.id, call.caller.name)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        self.decided()
        return self._told(ruling.conversation)

    async def _ruled(
        self, deciding: Awaitable[Ruling], what: ConversationDecision | None, by: str
    ) -> ConversationTold:
        """Who presses twice has decided once."""
        try:
            ruling = await deciding
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        except ValueError as error:
            field, _, message = str(error).partition(": ")
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, str(error), errors=[FieldError(field, message)]
            ) from None
        first = ruling.first
        is_own = first is not None and (first.decision, first.by) == (what, by)
        if not (ruling.is_changed or is_own):
            raise _conflict(ruling)
        self.decided()
        return self._told(ruling.conversation)

    def _told(self, one: ListedConversation) -> ConversationTold:
        return told(one, self.clock())


def _decision(name: str, summary: str, handle: _Decide) -> AnyOperation:
    return Operation(
        "POST",
        f"/v1/conversations/{{id}}/{name}",
        f"{name}_conversation",
        summary,
        handle,
        answer=ConversationTold,
        body=SeenBody,
        refusals=_CHANGED,
    )


def _conflict(ruling: Ruling) -> ProblemError:
    """Tells the second who was first."""
    one = ruling.conversation
    facts = {
        "state": str(one.status),
        "version": one.version,
        "decision": ruling.first and str(ruling.first.decision),
        "decided_by": ruling.first and ruling.first.by,
        "decided_at": ruling.first and ruling.first.at.isoformat(timespec="seconds"),
    }
    sentence = f"conversation {one.chat_id} is {one.status}{_why(one, ruling.first)}"
    return ProblemError(HTTPStatus.CONFLICT, f"{sentence}; nothing was changed", facts=facts)


def _why(one: ListedConversation, first: Decider | None) -> str:
    if first is not None:
        return f", {first.decision} by {first.by} at {first.at.isoformat(timespec='seconds')}"
    if one.paused_by:
        return f", paused by {one.paused_by}"
    return "; the customer has written since"
