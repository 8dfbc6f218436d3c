"""What was asked in a chat last, and in which language."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from izer_bridge.domain.message import NOT_SAID
from izer_bridge.store.database import Database
from izer_bridge.store.tables import analytics_results, webhook_messages

_ROWS, _RESULTS = webhook_messages.c, analytics_results.c


@dataclass(frozen=True, slots=True)
class LastQuestion:
    """`language` is None until the message was analysed."""

    text: str = field(default="", repr=False)
    language: str | None = None


class SqlQuestions:
    """`store` waits for a database that has its tables. Raises TransientError without it."""

    def __init__(self, store: Callable[[], Awaitable[Database]]) -> None:
        self._store = store

    async def last(self, chat_id: int) -> LastQuestion:
        """An empty one if no customer has written there."""
        query = (
            select(_ROWS.current_message, _ROWS.edited_text, _RESULTS.language)
            .outerjoin(analytics_results, _RESULTS.webhook_message_id == _ROWS.id)
            .where(_ROWS.chat_id == chat_id, ~_ROWS.from_me, _ROWS.kind.not_in(NOT_SAID))
            .order_by(_ROWS.chat_time.desc(), _ROWS.id.desc())
            .limit(1)
        )
        found = await (await self._store()).read(lambda connection: connection.execute(query))
        row = found.one_or_none()
        if row is None:
            return LastQuestion()
        text = row.current_message if row.edited_text is None else row.edited_text
        return LastQuestion(text, row.language)
