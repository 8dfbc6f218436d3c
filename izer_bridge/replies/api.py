"""`GET /drafts` and `POST /drafts/{id}/…`: agents' proposals, and a person's verdict on them."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from aiohttp import web

from izer_bridge.replies.draft_desk import DraftDesk, DraftRow, log_decision
from izer_bridge.replies.owner_verdict import DecisionOutcome, OwnerDecision, OwnerVerdict
from izer_bridge.web.bodies import BODIES
from izer_bridge.web.caller import BRIDGE, CALLER
from izer_bridge.web.json_body import decode
from izer_bridge.web.problems import FieldError, ProblemError


@dataclass(frozen=True, slots=True)
class DraftRoutes:
    """`decided` hints that there may be something to send."""

    desk: DraftDesk
    decided: Callable[[], None]

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/drafts", self.get, name="drafts")
        app.router.add_post(r"/drafts/{id:\d{1,18}}/approve", self.approve, name="draft-approve")
        app.router.add_post(r"/drafts/{id:\d{1,18}}/edit", self.edit, name="draft-edit")
        app.router.add_post(r"/drafts/{id:\d{1,18}}/refuse", self.refuse, name="draft-refuse")

    async def get(self, request: web.Request) -> web.Response:
        """200 with those that wait for a person, oldest first."""
        drafts = [render(one) for one in await self.desk.open()]
        return web.json_response({"success": True, "drafts": drafts})

    async def approve(self, request: web.Request) -> web.Response:
        """200 with the draft, also if it was approved before; 404; 409 if it is already closed."""
        return await self._decide(request, OwnerVerdict.APPROVE)

    async def refuse(self, request: web.Request) -> web.Response:
        """As `approve`."""
        return await self._decide(request, OwnerVerdict.REFUSE)

    async def edit(self, request: web.Request) -> web.Response:
        """As `approve`, with `{"text": "…"}` to be sent instead; 422 for an unsendable text."""
        with ExitStack() as place:
            text = decode(await request.app[BODIES].read(request, place)).get("text")
        if not isinstance(text, str):
            raise _wrong_text("expected the corrected text as a string")
        return await self._decide(request, OwnerVerdict.CORRECT, text)

    async def _decide(
        self, request: web.Request, verdict: OwnerVerdict, text: str | None = None
    ) -> web.Response:
        row_id = int(request.match_info["id"])
        decision = OwnerDecision(verdict, request.get(CALLER, BRIDGE).name, text)
        try:
            decided = await self.desk.decide(row_id, decision)
            log_decision(row_id, decision, decided)
            draft = await self.desk.get(row_id)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        except ValueError as error:
            raise _wrong_text(str(error)) from None
        if decided.outcome is DecisionOutcome.OTHERWISE:
            detail = f"draft {row_id} is {decided.state}; nothing was changed"
            raise ProblemError(HTTPStatus.CONFLICT, detail)
        self.decided()
        return web.json_response({"success": True, "draft": render(draft)})


def render(draft: DraftRow) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "decided_at")
    document = asdict(draft)
    times = {name: document[name] and document[name].isoformat() for name in moments}
    return document | times


def _wrong_text(message: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, f"text: {message}", errors=[FieldError("text", message)]
    )
