"""`GET /v1/quick-replies`: texts to insert into an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import Field

from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from izer_bridge.writing.quick_replies import QuickReplies
from izer_bridge.writing.store.asked import LastQuestion, SqlQuestions


class QuickQuery(AskedFields):
    """With a conversation: in its language, if there are any, and with what answers it first."""

    conversation_id: int | None = Field(None, ge=0, lt=10**18)


class QuickTold(ToldFields):
    title: str
    text: str
    language: str
    is_suggested: bool


class QuickList(ToldFields):
    items: Sequence[QuickTold]


@dataclass(frozen=True, slots=True)
class QuickOperations:
    replies: QuickReplies
    questions: SqlQuestions

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/quick-replies",
                "list_quick_replies",
                "The shop's own words, from its knowledge files, to insert into an answer.",
                self.list,
                answer=QuickList,
                query=QuickQuery,
            ),
        )

    async def list(self, call: ApiCall[QuickQuery, NoFields]) -> QuickList:
        chat_id = call.query.conversation_id
        asked = LastQuestion() if chat_id is None else await self.questions.last(chat_id)
        found = await self.replies.offered(asked.text, asked.language)
        return QuickList(items=[QuickTold.model_validate(one) for one in found])
