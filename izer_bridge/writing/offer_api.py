"""Drafts offered by people and programs, under `/v1`; a person decides each of them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from pydantic import Field

from izer_bridge.domain.sendable_text import LONGEST_TEXT
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.writing.api import told_errors
from izer_bridge.writing.store.offered import OfferedReply, SqlOffering

_REFUSED = {HTTPStatus.CONFLICT: "No draft may wait there now; the problem says why."}
_LONGEST_WHY = 500


class OfferedText(AskedFields):
    """`why` is shown to the person who decides."""

    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    why: str = Field("", max_length=_LONGEST_WHY)


class OfferTold(ToldFields):
    """The draft that waits now; `GET /v1/drafts/{id}` says what became of it."""

    draft_id: int


@dataclass(frozen=True, slots=True)
class OfferOperations:
    offering: SqlOffering

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "POST",
                "/v1/conversations/{id}/drafts",
                "offer_draft",
                "Offer a reply to what the customer wrote last: a draft for a person to decide. It "
                "replaces the chat's other draft; nothing is sent.",
                self.offer,
                answer=OfferTold,
                body=OfferedText,
                status=HTTPStatus.CREATED,
                refusals=_REFUSED,
            ),
        )

    async def offer(self, call: ApiCall[NoFields, OfferedText]) -> OfferTold:
        key = call.once or secrets.token_hex(16)
        body = call.body
        new = OfferedReply(call.id, body.text, body.why.strip(), call.caller.name, key)
        with told_errors():
            return OfferTold(draft_id=await self.offering.offer(new))
