"""Which digests were sent; each is claimed before it is, so that none is sent twice."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import Connection, and_, insert, select, update

from izer_bridge.domain.escalation import NoticeState
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.store.database import Database
from izer_bridge.store.tables import digests
from izer_bridge.store.text import clean

_DIGESTS = digests.c


class SqlDigests:
    """`store` waits for a database that has its tables. Raises TransientError."""

    def __init__(
        self, store: Callable[[], Awaitable[Database]], clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._clock = clock

    async def is_done(self, name: str) -> bool:
        """Whether it was sent, or may have been; one that certainly was not is tried again."""
        query = select(_DIGESTS.state).where(_DIGESTS.name == name)
        store = await self._store()
        state = await store.read(lambda connection: connection.scalar(query))
        return state not in (None, str(NoticeState.WAITING))

    async def put_out(self, name: str, notice: Notice) -> bool:
        """Write it into the outbox, in the transaction that claims it; False if it was before."""
        now = self._clock()

        def change(connection: Connection) -> bool:
            is_mine = _claim(connection, name, NoticeState.SENT, now)
            if is_mine:
                notify(connection, notice, now)
            return is_mine

        return await (await self._store()).write(change)

    async def claim(self, name: str) -> bool:
        """False if another attempt has it. Who is killed from here on has sent it, or nobody has:
        it is not tried again.
        """
        now = self._clock()
        return await (await self._store()).write(
            lambda connection: _claim(connection, name, NoticeState.SENDING, now)
        )

    async def end(self, name: str, state: NoticeState, error: str = "") -> None:
        now = self._clock()
        change = update(digests).where(_DIGESTS.name == name)
        values = {"state": str(state), "error": clean(error) or None, "updated_at": now}
        await (await self._store()).write(
            lambda connection: connection.execute(change.values(**values))
        )


def _claim(connection: Connection, name: str, state: NoticeState, now: datetime) -> bool:
    known = connection.scalar(select(_DIGESTS.id).where(_DIGESTS.name == name))
    if known is None:
        row = {"name": name, "state": str(state), "created_at": now, "updated_at": now}
        connection.execute(insert(digests).values(**row))
        return True
    is_free = and_(_DIGESTS.id == known, _DIGESTS.state == str(NoticeState.WAITING))
    change = update(digests).where(is_free).values(state=str(state), updated_at=now)
    return connection.execute(change).rowcount == 1
