"""A night's run over a real store and real files: batches, pauses, orphans, an early end."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from izer_bridge.domain.message import Kind, Media
from izer_bridge.host.clock import Clock
from izer_bridge.media.files import MediaFiles
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.upkeep.retention_step import Retention
from izer_bridge.writing.decide import Author
from izer_bridge.writing.files import SendableFile
from izer_bridge.writing.message import NewMessage
from izer_bridge.writing.store.written import SqlWriting
from tests.end_to_end.stored import Store
from tests.pipeline.test_ledger import settled
from tests.store import ledgers
from tests.store.ledgers import SCREENING, retention_of
from tests.store.messages import ACCOUNT, in_group, message

PNG = b"\x89PNG\r\n\x1a\n picture"


@dataclass
class Night:
    ledger: SqlLedger
    files: MediaFiles
    clock: ledgers.Clock
    folder: Path
    pauses: list[float]

    def retention(self, **days: int) -> Retention:
        time = Clock(now=self.clock, milliseconds=self._milliseconds, chance=lambda: 0.5)
        return Retention(retention_of(self.ledger), self.files, time, days, self._pause)

    def _milliseconds(self) -> float:
        self.clock.forward(0.5)
        return self.clock.now.timestamp() * 1000

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Night]:
    clock = ledgers.Clock(datetime.now(UTC) - timedelta(days=60))
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'store.db'}", SCREENING, "me", clock=clock)
    await ledger.open()
    yield Night(ledger, MediaFiles(tmp_path), clock, tmp_path, [])
    await ledger.close()


async def test_it_removes_in_batches_and_lets_go_of_the_store_between_them(night: Night) -> None:
    for start in range(0, 450, 150):
        await night.ledger.record(
            [in_group(number, sent_at=night.clock.now) for number in range(start, start + 150)]
        )
    night.clock.forward(timedelta(days=50).total_seconds())
    retention = night.retention(messages=30)
    with capture_logs() as logs:
        running = asyncio.create_task(retention.run())
        while await retention_of(night.ledger).last_run() is None:
            pass
        retention.stop()
        await running
    assert night.pauses == pytest.approx([0.5, 0.5, 0.5])
    [entry] = [one for one in logs if one["event"] == "old_rows_removed"]
    assert (entry["messages"], entry["files"]) == (450, 0)


async def test_a_file_goes_with_the_last_message_that_refers_to_it(night: Night) -> None:
    kept = await night.files.keep(PNG)
    orphan = await night.files.keep(b"merhaba")
    for path in (kept.path, orphan.path):
        os.utime(night.folder / path, (0, 0))
    for number in (1, 2):
        medium = Media("image/png", 3, source=b"key")
        words = message(number, kind=Kind.IMAGE, media=medium, sent_at=night.clock.now)
        await night.ledger.record([words])
        [one] = await night.ledger.media().due(ACCOUNT, 9)
        await night.ledger.media().kept(one, kept, is_worded_next=False)
        [work] = await night.ledger.claim(9)
        await settled(night.ledger, work)
        night.clock.forward(timedelta(days=10).total_seconds())
    night.clock.forward(timedelta(days=15).total_seconds())
    assert await night.retention(media=30).remove() == {"media": 1, "files": 1}
    assert (night.folder / kept.path).exists()
    assert not (night.folder / orphan.path).exists()
    night.clock.forward(timedelta(days=15).total_seconds())
    assert await night.retention(media=30).remove() == {"media": 1, "files": 1}
    assert not (night.folder / kept.path).exists()


async def test_a_file_stays_while_it_is_to_be_sent(night: Night) -> None:
    await night.ledger.record([message(1, sent_at=night.clock.now)])
    writing = SqlWriting(night.ledger.store, night.clock, ReplyPolicy())
    kept = await night.files.keep(b"%PDF-1.7")
    os.utime(night.folder / kept.path, (0, 0))
    file = SendableFile(kept, "fatura.pdf")
    one = await writing.write(NewMessage(1, "", Author.PERSON, "Elif", "key", file))
    assert (await night.retention(media=30).remove())["files"] == 0
    await writing.take_back(one.id, "Elif")
    assert (await night.retention(media=30).remove())["files"] == 1
    assert not (night.folder / kept.path).exists()


async def test_told_to_stop_it_ends_soon_and_does_it_again_later(night: Night) -> None:
    await night.ledger.record([in_group(1, sent_at=night.clock.now)])
    night.clock.forward(timedelta(days=50).total_seconds())
    stopped = night.retention(messages=30)
    stopped.stop()
    assert await stopped.remove() == {"messages": 0, "files": 0}
    assert await retention_of(night.ledger).last_run() is None
    assert await night.retention(messages=30).remove() == {"messages": 1, "files": 0}
    assert await Store(f"sqlite:///{night.folder / 'store.db'}").messages() == []


async def test_where_everything_is_kept_only_files_that_nobody_needs_go(night: Night) -> None:
    await night.ledger.record([message(1, sent_at=night.clock.now)])
    orphan = await night.files.keep(b"merhaba")
    os.utime(night.folder / orphan.path, (0, 0))
    night.clock.forward(timedelta(days=50).total_seconds())
    retention = night.retention()
    running = asyncio.create_task(retention.run())
    while True:
        if not (night.folder / orphan.path).exists():
            break
        await asyncio.sleep(0.01)
    retention.stop()
    await running
    assert await retention_of(night.ledger).last_run() is None
    assert len(await Store(f"sqlite:///{night.folder / 'store.db'}").messages()) == 1
