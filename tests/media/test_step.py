"""The steps for a medium, on fakes that only hold what they are given."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from izer_bridge.domain.download import Sink, TooLargeError
from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError
from izer_bridge.domain.message import Kind
from izer_bridge.host.clock import Clock
from izer_bridge.host.loop import Hint
from izer_bridge.media.decide import MEDIA_ATTEMPTS, MediaState, MediaWording
from izer_bridge.media.ports import Attachment, KeptFile, MediaDescriber
from izer_bridge.media.step import MediaKeeper, MediaSteps

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
VOICE = Attachment(1, 10, Kind.VOICE, 5, 0, b"source")
DOCUMENT = Attachment(2, 20, Kind.DOCUMENT, 5, 0, b"source")
FILE = KeptFile("media/aa/a.ogg", "a", "audio/ogg", 5)
KEPT = Attachment(1, 10, Kind.VOICE, 5, 0, b"source", FILE)
T = TypeVar("T")
AWAY = TransientError("away")


class FakeLedger:
    """Hands out `waiting` once each; `written` is what was recorded, in order."""

    def __init__(self, waiting: Sequence[Attachment]) -> None:
        self.waiting = list(waiting)
        self.written: list[tuple[object, ...]] = []
        self.failure: BridgeError | None = None

    async def due(self, account: str | None, limit: int) -> Sequence[Attachment]:
        if account is None:
            return []
        due, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return due

    async def kept(self, one: Attachment, file: KeptFile, *, is_worded_next: bool) -> None:
        self._write("kept", one.row_id, is_worded_next)

    async def worded(self, one: Attachment, words: str) -> None:
        self._write("worded", one.row_id, words)

    async def postpone(self, one: Attachment, until: datetime, error: str) -> None:
        self._write("postponed", one.row_id, until - NOON, error)

    async def end(self, one: Attachment, state: MediaState, error: str | None) -> None:
        self._write("ended", one.row_id, state, error)

    def _write(self, *what: object) -> None:
        if self.failure is not None:
            raise self.failure
        self.written.append(what)


class FakeOutside:
    """Source, disk and writer in one; each of them raises what it is given in `failing`."""

    def __init__(self, data: bytes = b"sound", **failing: Exception) -> None:
        self._data = data
        self._failing = failing

    async def fetch(self, source: bytes, into: Sink, most_bytes: int) -> None:
        self._answer("fetch", None)
        if len(self._data) > most_bytes:
            raise TooLargeError(f"more than {most_bytes} bytes")
        await into.write(self._data)

    @asynccontextmanager
    async def begun(self) -> AsyncIterator["FakeFile"]:
        yield FakeFile(self)

    async def keep(self, data: bytes) -> KeptFile:
        return self._answer("keep", FILE)

    async def read(self, path: str) -> bytes:
        return self._answer("read", self._data)

    async def write(self, data: bytes, mimetype: str) -> str:
        return self._answer("write", "Tekerim patladı")

    def _answer(self, name: str, value: T) -> T:
        if name in self._failing:
            raise self._failing[name]
        return value


class FakeFile:
    def __init__(self, outside: FakeOutside) -> None:
        self._outside = outside
        self._data = b""

    async def write(self, data: bytes) -> None:
        self._data += data

    async def kept(self) -> KeptFile:
        return await self._outside.keep(self._data)


@asynccontextmanager
async def keeping(
    ledger: FakeLedger, steps: MediaSteps, account: Callable[[], str | None] = lambda: "+9"
) -> AsyncIterator[asyncio.Semaphore]:
    """A running keeper; the semaphore is released once for each processed medium."""
    attended = asyncio.Semaphore(0)
    clock = Clock(now=lambda: NOON, milliseconds=lambda: 0.0, chance=lambda: 0.5)
    keeper = MediaKeeper(ledger, steps, clock, account, attended.release, Hint())
    running = asyncio.create_task(keeper.run())
    yield attended
    keeper.stop()
    await running


async def written(
    *waiting: Attachment,
    outside: FakeOutside | None = None,
    most_bytes: int | None = 5,
    failure: BridgeError | None = None,
    can_write: bool = True,
) -> list[tuple[object, ...]]:
    """What was recorded after all of `waiting` were processed once."""
    ledger = FakeLedger(waiting)
    ledger.failure = failure
    outside = outside or FakeOutside()
    writers: Mapping[MediaWording, MediaDescriber] = (
        {MediaWording.TRANSCRIPT: outside} if can_write else {}
    )
    async with keeping(ledger, MediaSteps(most_bytes, outside, outside, writers)) as attended:
        for _ in waiting:
            await attended.acquire()
    return ledger.written


async def test_a_voice_note_is_kept_and_then_put_into_words() -> None:
    assert await written(VOICE) == [("kept", 1, True), ("worded", 1, "Tekerim patladı")]


async def test_without_a_writer_it_is_only_kept() -> None:
    assert await written(VOICE, can_write=False) == [("kept", 1, False)]


async def test_a_document_is_only_kept() -> None:
    assert await written(DOCUMENT) == [("kept", 2, False)]


async def test_what_was_kept_before_is_not_downloaded_again() -> None:
    outside = FakeOutside(fetch=AssertionError())
    assert await written(KEPT, outside=outside) == [("worded", 1, "Tekerim patladı")]


async def test_words_that_nobody_makes_any_more_are_not_waited_for() -> None:
    assert await written(KEPT, can_write=False) == [("ended", 1, MediaState.KEPT, None)]


async def test_when_downloads_are_off_nothing_is_fetched() -> None:
    outside = FakeOutside(fetch=AssertionError())
    found = await written(VOICE, outside=outside, most_bytes=None)
    assert found == [("ended", 1, MediaState.OFF, None)]


async def test_what_says_to_be_too_large_is_not_fetched() -> None:
    outside = FakeOutside(fetch=AssertionError())
    [(*_, state, error)] = await written(VOICE, outside=outside, most_bytes=4)
    assert (state, error) == (MediaState.TOO_LARGE, "5 bytes")


async def test_what_is_larger_than_it_said_is_not_kept() -> None:
    outside = FakeOutside(b"longer than it said", keep=AssertionError())
    [(*_, state, error)] = await written(VOICE, outside=outside)
    assert (state, error) == (MediaState.TOO_LARGE, "more than 5 bytes")


async def test_a_failed_download_is_tried_again_later() -> None:
    for step in ("fetch", "keep"):
        found = await written(VOICE, outside=FakeOutside(b"sound", **{step: AWAY}))
        assert found == [("postponed", 1, timedelta(seconds=1), "away")]


async def test_failed_words_are_tried_again_later_and_keep_the_file() -> None:
    found = await written(VOICE, outside=FakeOutside(write=AWAY))
    assert found == [("kept", 1, True), ("postponed", 1, timedelta(seconds=1), "away")]


async def test_what_the_other_side_asks_for_is_waited() -> None:
    outside = FakeOutside(write=TransientError("busy", retry_after_seconds=17))
    assert (await written(KEPT, outside=outside))[-1][2] == timedelta(seconds=17)


async def test_a_final_failure_ends_it() -> None:
    outside = FakeOutside(fetch=PermanentError("no"), write=PermanentError("no"))
    assert await written(VOICE, outside=outside) == [("ended", 1, MediaState.FAILED, "no")]
    assert await written(KEPT, outside=outside) == [("ended", 1, MediaState.KEPT, "no")]


async def test_it_is_given_up_after_the_last_attempt() -> None:
    last = Attachment(1, 10, Kind.VOICE, 5, MEDIA_ATTEMPTS - 1, b"source")
    found = await written(last, outside=FakeOutside(fetch=AWAY))
    assert found == [("ended", 1, MediaState.FAILED, "away")]


async def test_a_bug_ends_the_one_and_not_the_others() -> None:
    found = await written(VOICE, DOCUMENT, outside=FakeOutside(write=ZeroDivisionError()))
    assert ("kept", 2, False) in found
    assert ("ended", 1, MediaState.KEPT, "internal error: ZeroDivisionError") in found


async def test_while_the_store_is_away_nothing_is_counted() -> None:
    assert await written(VOICE, failure=TransientError("the store is away")) == []


async def test_before_the_account_is_known_nothing_is_downloaded() -> None:
    asked = asyncio.Event()

    def account() -> None:
        asked.set()

    ledger, outside = FakeLedger([VOICE]), FakeOutside()
    async with keeping(ledger, MediaSteps(5, outside, outside, {}), account):
        await asked.wait()
    assert ledger.waiting == [VOICE]


async def test_many_are_attended_to_a_few_at_a_time() -> None:
    many = [Attachment(number, number, Kind.DOCUMENT, 5, 0, b"") for number in range(20)]
    assert len(await written(*many)) == 20


class Crowd(FakeOutside):
    """Counts how many are put into words at once; each lets all others have their turn first."""

    now, most = 0, 0

    async def write(self, data: bytes, mimetype: str) -> str:
        self.now += 1
        self.most = max(self.most, self.now)
        for _ in range(20):
            await asyncio.sleep(0)
        self.now -= 1
        return "Tekerim patladı"


@pytest.mark.parametrize(("size", "most"), [(4, 4), (20 * 1024 * 1024, 1)])
@pytest.mark.attack("large pictures, all at once")
async def test_large_files_are_put_into_words_one_by_one(size: int, most: int) -> None:
    crowd, file = Crowd(), replace(FILE, size=size)
    many = [Attachment(number, number, Kind.VOICE, 5, 0, b"", file) for number in range(4)]
    assert len(await written(*many, outside=crowd)) == 4
    assert crowd.most == most


class LateAnswer(FakeLedger):
    """Its answer about a file in progress is out of date when it arrives."""

    def __init__(self, outside: "Slow", attended: asyncio.Event) -> None:
        super().__init__([])
        self.answers = 0
        self._outside = outside
        self._attended = attended

    async def due(self, account: str | None, limit: int) -> Sequence[Attachment]:
        self.answers += 1
        if self.answers == 2:
            self._outside.may_end.set()
            await self._attended.wait()
            for _ in range(5):
                await asyncio.sleep(0)
        return [DOCUMENT] if self.answers <= 2 else []


class Slow(FakeOutside):
    def __init__(self) -> None:
        super().__init__()
        self.may_end = asyncio.Event()
        self.begun_with = asyncio.Event()
        self.fetched = 0

    async def fetch(self, source: bytes, into: Sink, most_bytes: int) -> None:
        self.fetched += 1
        self.begun_with.set()
        await self.may_end.wait()


async def test_what_ends_while_the_store_is_asked_is_not_begun_again() -> None:
    outside, attended = Slow(), asyncio.Event()
    ledger = LateAnswer(outside, attended)
    clock = Clock(now=lambda: NOON, milliseconds=lambda: 0.0, chance=lambda: 0.5)
    steps = MediaSteps(5, outside, outside, {})
    hint = Hint()
    keeper = MediaKeeper(ledger, steps, clock, lambda: "+9", attended.set, hint)
    running = asyncio.create_task(keeper.run())
    await outside.begun_with.wait()
    hint()
    await attended.wait()
    while ledger.answers < 3:
        hint()
        await asyncio.sleep(0)
    keeper.stop()
    await running
    assert outside.fetched == 1
