"""Runs whole transactions off the event loop: SQLite's in threads, MySQL's on its async driver.

A transaction's body is plain synchronous SQLAlchemy on either store.
"""

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Connection, CursorResult, Engine

from izer_bridge.store.dialects import SomeEngine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
Change = Callable[[Connection], T]
_READERS = 4


class Transactions(Protocol):
    """Runs the transactions of one engine."""

    @property
    def engine(self) -> Engine: ...

    async def run(self, changes: Sequence[Change[Any]]) -> list[Any]:
        """Run `changes` in one transaction; the result of each.

        A cancelled caller waits for nothing and leaves nothing open: the transaction is rolled
        back, unless it was just about to be committed.
        """
        ...

    async def dispose(self) -> None: ...


class InThreads:
    """For SQLite, where a statement is cheaper than a thread switch: one switch per transaction.

    With more than one thread transactions run side by side, which only readers can.
    """

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._most = threads
        self._threads = 0
        self._busy = 0

    @property
    def engine(self) -> Engine:
        return self._engine

    async def run(self, changes: Sequence[Change[Any]]) -> list[Any]:
        if self._threads < self._most and self._busy == self._threads:
            # Daemonic: a disk that hangs must not keep the process from ending.
            Thread(target=_serve, args=(self._jobs,), name="store", daemon=True).start()
            self._threads += 1
        job = _Job(self._engine, changes, asyncio.get_running_loop())
        self._busy += 1
        self._jobs.put(job)
        try:
            return await job.done
        except asyncio.CancelledError:
            job.give_up()
            raise
        finally:
            self._busy -= 1

    async def dispose(self) -> None:
        for _ in range(self._threads):
            self._jobs.put(None)
        self._threads = 0
        self._engine.dispose()


def _serve(jobs: "SimpleQueue[_Job | None]") -> None:
    while (job := jobs.get()) is not None:
        job.run()


class _Job:
    """One transaction on its way through a thread."""

    def __init__(
        self, engine: Engine, changes: Sequence[Change[Any]], loop: asyncio.AbstractEventLoop
    ) -> None:
        self.done: asyncio.Future[list[Any]] = loop.create_future()
        self._engine = engine
        self._changes = changes
        self._loop = loop
        self._connection: Any = None
        self._is_given_up = False

    def give_up(self) -> None:
        """Nobody waits for it any longer: end what runs, and do not commit it."""
        self._is_given_up = True
        if self._connection is not None:
            self._connection.interrupt()

    def run(self) -> None:
        try:
            result = self._transaction()
        except BaseException as error:  # noqa: BLE001 - whatever it is belongs to who waits
            self._tell(self._fail, error)
        else:
            self._tell(self._succeed, result)

    def _transaction(self) -> list[Any]:
        if self._is_given_up:
            return []
        with self._engine.connect() as connection:
            self._connection = connection.connection.driver_connection
            try:
                with connection.begin() as transaction:
                    results = [_outliving(change(connection)) for change in self._changes]
                    if self._is_given_up:
                        transaction.rollback()
                    return results
            finally:
                # The connection's next user must not be interrupted.
                self._connection = None

    def _tell(self, say: Callable[[Any], None], what: object) -> None:
        try:
            self._loop.call_soon_threadsafe(say, what)
        except RuntimeError:
            # The loop is closed: nobody is left to be told.
            return

    def _succeed(self, result: list[Any]) -> None:
        if not self.done.done():
            self.done.set_result(result)

    def _fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


def _outliving(result: Any) -> Any:
    """Rows that can still be read after the transaction has ended."""
    has_rows = isinstance(result, CursorResult) and result.returns_rows
    return result.freeze()() if has_rows else result


class InGreenlets:
    """For MySQL: statements are awaited below code that does not know about it."""

    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        return self._engine.sync_engine

    async def run(self, changes: Sequence[Change[Any]]) -> list[Any]:
        connection = await self._engine.connect()
        try:
            async with connection.begin():
                return await connection.run_sync(lambda one: [change(one) for change in changes])
        except asyncio.CancelledError:
            # The connection may be in the middle of an answer that never comes: do not use it
            # again.
            await connection.invalidate()
            raise
        finally:
            # Not by `async with`, which waits for a hung store even when cancelled.
            await connection.close()

    async def dispose(self) -> None:
        await self._engine.dispose()


def writing(engine: SomeEngine) -> Transactions:
    """SQLite allows one writer at a time in any case."""
    return InThreads(engine, 1) if isinstance(engine, Engine) else InGreenlets(engine)


def reading(engine: SomeEngine) -> Transactions:
    return InThreads(engine, _READERS) if isinstance(engine, Engine) else InGreenlets(engine)
