"""`PUT /v1/messages/{id}/label`: what is right about a message that was judged wrongly."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http import HTTPStatus

import structlog
from pydantic import Field

from izer_bridge.domain.analysis import MOST_URGENT, Category, Sentiment
from izer_bridge.store.database import Database
from izer_bridge.trials.scoring import Correction
from izer_bridge.trials.store.labels import put_label
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


class LabelBody(AskedFields):
    """At least one of them."""

    urgency: int | None = Field(None, ge=1, le=MOST_URGENT)
    category: Category | None = None
    sentiment: Sentiment | None = None

    @property
    def correction(self) -> Correction:
        """Raises ProblemError if nothing is corrected."""
        if self == LabelBody():
            fault = FieldError("urgency", "expected urgency, category or sentiment")
            raise ProblemError(
                HTTPStatus.UNPROCESSABLE_ENTITY, f"body: {fault.message}", errors=[fault]
            )
        return Correction(
            urgency=None if self.urgency is None else (self.urgency, self.urgency),
            category=None if self.category is None else [self.category],
            sentiment=None if self.sentiment is None else [self.sentiment],
        )


class LabelTold(ToldFields):
    """What counts as right: an urgency between these two, one of these categories and moods."""

    urgency: tuple[int, int]
    category: Sequence[Category]
    sentiment: Sequence[Sentiment]


@dataclass(frozen=True, slots=True)
class LabelOperations:
    """`store` waits for a database that has its tables."""

    store: Callable[[], Awaitable[Database]]
    clock: Callable[[], datetime]

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "PUT",
                "/v1/messages/{id}/label",
                "label_message",
                "Say what is right about a message that was judged wrongly, for `evaluate`.",
                self.put,
                answer=LabelTold,
                body=LabelBody,
            ),
        )

    async def put(self, call: ApiCall[NoFields, LabelBody]) -> LabelTold:
        change = partial(
            put_label,
            row_id=call.id,
            correction=call.body.correction,
            by=call.caller.name,
            now=self.clock(),
        )
        try:
            expected = await (await self.store()).write(change)
        except LookupError as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        _log.info("message_labelled", row=call.id, by=call.caller.name)
        return LabelTold.model_validate(expected)
