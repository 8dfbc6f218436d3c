"""The courier on a real store, with a sender and a store that misbehave."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.outgoing import HandedOver, Outgoing
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.ports import Notice
from izer_bridge.replies.send import Courier, SendSettings, SendSignals
from izer_bridge.replies.store.outbox_rows import notify
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.store.database import Database
from tests.end_to_end.stored import Store
from tests.store.messages import ACCOUNT, NOON

OWNER = Jid.parse("905550000099@s.whatsapp.net")


@dataclass
class ASender:
    """Sends as `sending` says."""

    sending: Callable[[Outgoing], Awaitable[HandedOver]]
    account: str | None = ACCOUNT
    is_ready: bool = True
    appended: int = 0
    sent: list[Outgoing] = field(default_factory=list)

    def depth(self) -> int:
        return 0

    async def show_typing(self, chat: Jid, *, is_typing: bool) -> None:
        return

    async def send(self, outgoing: Outgoing) -> HandedOver:
        self.sent.append(outgoing)
        return await self.sending(outgoing)

    def id_of(self, secret: bytes) -> str | None:
        return None


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqlLedger]:
    screening = Screening(ImportanceRules.of([], []), False)
    url = f"sqlite:///{tmp_path / 'store.db'}"
    one = SqlLedger(url, screening, "me", clock=lambda: NOON)
    await one.open()
    notice = Notice("test:1", ACCOUNT, OWNER, "Merhaba")
    async with Database(url) as database:
        await database.write(lambda connection: notify(connection, notice, NOON))
    yield one
    await one.close()


async def run_until(courier: Courier, tmp_path: Path, holds: Callable[[Any], bool]) -> Any:
    """Run it until the one row matches; returns the row."""
    running = asyncio.create_task(courier.run())
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            [row] = await store.rows("SELECT * FROM outbox")
            if holds(row):
                break
            await asyncio.sleep(0.02)
        courier.stop()
        await running
    return row


def courier_of(outbox: Any, sender: ASender, patience: float = 60) -> Courier:
    manner = SendSettings(0, timedelta(hours=1), patience)
    return Courier(outbox, sender, sender, manner, lambda: NOON, SendSignals())


async def test_an_error_that_nobody_foresaw_is_uncertain_and_ends_nothing(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    async def sending(_: Outgoing) -> HandedOver:
        raise ZeroDivisionError

    sender = ASender(sending)
    courier = courier_of(ledger.outbox(), sender)
    row = await run_until(courier, tmp_path, lambda row: row.state == "uncertain")
    assert row.error == "internal error: ZeroDivisionError"
    assert len(sender.sent) == 1


async def test_what_was_sent_is_written_down_when_the_store_is_back(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    async def sending(_: Outgoing) -> HandedOver:
        return HandedOver("3EB1", NOON)

    outbox = ledger.outbox()
    written = outbox.sent
    failures = [TransientError("away")]

    async def sent(outgoing: Outgoing, handed: HandedOver) -> None:
        if failures:
            raise failures.pop()
        await written(outgoing, handed)

    outbox.sent = sent  # type: ignore[method-assign]
    sender = ASender(sending)
    row = await run_until(courier_of(outbox, sender), tmp_path, lambda row: row.state == "sent")
    assert row.whatsapp_id == "3EB1"
    assert len(sender.sent) == 1


async def test_a_missing_acknowledgement_is_said_and_waited_for(
    ledger: SqlLedger, tmp_path: Path
) -> None:
    acknowledged = asyncio.Event()

    async def sending(_: Outgoing) -> HandedOver:
        await acknowledged.wait()
        return HandedOver("3EB1", NOON)

    courier = courier_of(ledger.outbox(), ASender(sending), patience=0.01)
    with capture_logs() as logs:
        running = asyncio.create_task(run_until(courier, tmp_path, lambda row: row.state == "sent"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                if any(one["event"] == "reply_not_acknowledged" for one in logs):
                    break
                await asyncio.sleep(0.01)
        acknowledged.set()
        await running
    # Elsewhere in the log `row` is a message's.
    assert {(one["outbox"], one.get("row")) for one in logs} == {(1, None)}
