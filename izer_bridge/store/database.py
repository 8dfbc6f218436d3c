"""Runs transactions on the store: waiting writers share one, and conflicts run it whole again.

It knows no table. What a transaction raises becomes TransientError if the store or its connection
is at fault, ConfigError if the store refuses the credentials, and otherwise stays unchanged.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType, TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine

from izer_bridge.domain.errors import ConfigError, DamagedStoreError, TransientError
from izer_bridge.store.dialects import (
    Trouble,
    away,
    engine_of,
    jitter,
    said,
    trouble_of,
    troubling,
)
from izer_bridge.store.transactions import Change, Transactions, reading, writing

T = TypeVar("T")

MOST_TOGETHER = 200
MOST_WAITING = 2_000
TRIES = 6
NOTHING: Mapping[str, Any] = MappingProxyType({})
TRANSACTION_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    change: Change[Any]
    done: asyncio.Future[Any]


class Database:
    """A store by its URL. Use it as a context manager, or `start` it and `close` it.

    Writing transactions find `carried` in the options of their engine. `damage` says what to do
    once a transaction has found the file damaged. `takes_writes` is false from a write that the
    store has refused to the next one that it has taken.
    """

    def __init__(
        self,
        url: str,
        *,
        transaction_seconds: float = TRANSACTION_SECONDS,
        tries: int = TRIES,
        pause: Callable[[int], float] = jitter,
        carried: Mapping[str, Any] = NOTHING,
    ) -> None:
        self.damage = ""
        self.takes_writes = True
        engine = engine_of(url)
        self._writes = writing(engine.execution_options(**carried))
        self._reads = reading(engine_of(url, reads_only=True))
        self._troubling = troubling(engine)
        self._transaction_seconds = transaction_seconds
        self._tries = tries
        self._pause = pause
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue()
        self._room = asyncio.Semaphore(MOST_WAITING)
        self._callers = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """The engine for writes, and the one for reads."""
        return self._writes.engine, self._reads.engine

    @property
    def waiting(self) -> int:
        """How many callers wait for their write."""
        return self._callers

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def start(self) -> None:
        """Begin to serve writes; needs a running loop."""
        self._writer = asyncio.create_task(self._serve(), name="store-writer")

    async def close(self) -> None:
        """Refuse new writes, finish waiting ones, and close every connection."""
        self._closing = True
        await self._idle.wait()
        if self._writer is not None:
            self._queue.put_nowait(None)
            await self._writer
        await self._reads.dispose()
        await self._writes.dispose()

    async def write(self, change: Change[T]) -> T:
        """Run `change` in a transaction, together with whatever else waits.

        It may run several times, each time as a whole, so it must produce the same result each
        time. If the caller is cancelled, the change may or may not have happened.
        """
        if self._closing:
            raise TransientError("the store is being closed")
        self._callers += 1
        self._idle.clear()
        try:
            async with self._room:
                done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
                self._queue.put_nowait(_Waiting(change, done))
                return await done
        finally:
            self._callers -= 1
            if self._callers == 0:
                self._idle.set()

    async def read(self, query: Change[T]) -> T:
        """Run `query` in its own transaction, which sees one moment of the store."""
        result: T = (await self._persist(self._reads, [query]))[0]
        return result

    async def undone(self, change: Change[Any]) -> None:
        """Run `change` in its own transaction and roll it back, to learn whether the store accepts
        it.
        """

        def undo(connection: Connection) -> None:
            change(connection)
            raise _UndoneError

        with suppress(_UndoneError):
            await self._persist(self._writes, [undo])

    async def _serve(self) -> None:
        while True:
            first = await self._queue.get()
            if first is None:
                return
            together = [first]
            while len(together) < MOST_TOGETHER and not self._queue.empty():
                following = self._queue.get_nowait()
                if following is None:
                    self._queue.put_nowait(None)
                    break
                together.append(following)
            await self._write([waiting for waiting in together if not waiting.done.done()])

    async def _write(self, together: Sequence[_Waiting]) -> None:
        failure = await self._try_to_write(together)
        if failure is None:
            return
        if len(together) > 1 and not isinstance(failure, _StoreAwayError):
            # One of the changes is at fault; run alone, it fails alone.
            for waiting in together:
                await self._write([waiting])
            return
        for waiting in together:
            if not waiting.done.done():
                waiting.done.set_exception(failure)

    async def _try_to_write(self, together: Sequence[_Waiting]) -> BaseException | None:
        attempt = self._persist(self._writes, [waiting.change for waiting in together])
        # Whatever a change raises, even a bug, belongs to its caller; the writer must go on.
        outcomes = await asyncio.gather(attempt, return_exceptions=True)
        if isinstance(outcomes[0], BaseException):
            return outcomes[0]
        for waiting, result in zip(together, outcomes[0], strict=True):
            if not waiting.done.done():
                waiting.done.set_result(result)
        return None

    async def _persist(self, on: Transactions, changes: Sequence[Change[Any]]) -> list[Any]:
        """Run `changes` in one transaction, again after a conflict or a lost connection."""
        attempt = 0
        while True:
            try:
                async with asyncio.timeout(self._transaction_seconds):
                    results = await on.run(changes)
            except self._troubling as error:
                attempt += 1
                self._note_damage(error)
                try:
                    _refuse_to_repeat(error, is_last=attempt == self._tries)
                except TransientError:
                    self.takes_writes = self.takes_writes and on is not self._writes
                    raise
            else:
                self.takes_writes = self.takes_writes or on is self._writes
                return results
            await asyncio.sleep(self._pause(attempt))

    def _note_damage(self, error: Exception) -> None:
        """Not every transaction meets the damage; once one has, it is remembered until the process
        ends.
        """
        if trouble_of(error) is Trouble.DAMAGED:
            self.damage = _damage(error)


class _UndoneError(Exception):
    """A transaction reached its end and must be rolled back."""


class _StoreAwayError(TransientError):
    """No transaction can succeed now, whoever asked for it."""


def _damage(error: Exception) -> str:
    return (
        f"the store is damaged ({said(error)}); the inbox keeps what comes. Stop the bridge, then: "
        "izer-bridge restore --database-only FILE"
    )


def _refuse_to_repeat(error: Exception, *, is_last: bool) -> None:
    """Raise what `error` means to the caller, unless the transaction should run again."""
    match trouble_of(error):
        case Trouble.CONFLICT | Trouble.LOST | Trouble.DUPLICATE if not is_last:
            return
        case Trouble.CONFLICT:
            raise TransientError(f"another program holds the store: {said(error)}") from error
        case Trouble.LOST:
            raise TransientError(f"the store is away: {said(error)}") from error
        case Trouble.AWAY:
            raise _StoreAwayError(away(error)) from error
        case Trouble.DAMAGED:
            raise DamagedStoreError(_damage(error)) from error
        case Trouble.REFUSED:
            raise ConfigError(f"store.url: the store refuses: {said(error)}") from error
        case _:
            raise error
