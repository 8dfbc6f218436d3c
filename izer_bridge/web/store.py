"""Keeps the answers of writes for 24 hours, for those who send one again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select

from izer_bridge.store.database import Database
from izer_bridge.store.tables import api_answers
from izer_bridge.web.idempotency import KeptAnswer

_KEPT = timedelta(hours=24)
_ROW = api_answers.c


class SqlAnswers:
    """`store` waits for a database that has its tables. All raise TransientError without it."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def find(self, name: str) -> KeptAnswer | None:
        since = self._clock() - _KEPT
        query = select(_ROW.asked, _ROW.status, _ROW.body).where(
            _ROW.name == name, _ROW.created_at > since
        )
        found = await (await self._store()).read(
            lambda connection: connection.execute(query).one_or_none()
        )
        return found and KeptAnswer(found.asked, found.status, found.body.encode())

    async def keep(self, name: str, answer: KeptAnswer) -> None:
        """Also removes what is older than a day."""
        now = self._clock()
        row = {"name": name, "asked": answer.asked, "status": answer.status, "created_at": now}

        def change(connection: Connection) -> None:
            gone = or_(_ROW.created_at <= now - _KEPT, _ROW.name == name)
            connection.execute(delete(api_answers).where(gone))
            connection.execute(insert(api_answers).values(**row, body=answer.body.decode()))

        await (await self._store()).write(change)
