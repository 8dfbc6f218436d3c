"""An event that cannot be recorded costs only itself: on the real inbox and on both stores."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Message, Origin
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.inbox.entry import InboxEntry
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.inbox.set_aside import AsideEvent, SetAside
from izer_bridge.pipeline.record import Recorder
from izer_bridge.pipeline.signals import RecordSignals
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.store.database import Database
from tests.end_to_end.stored import Store
from tests.store.messages import ACCOUNT, NOON, NUMBER, message

POISON = "zehir"
_REFUSE = {
    "sqlite": "CREATE TRIGGER refuse BEFORE INSERT ON webhook_messages "
    f"WHEN NEW.current_message = '{POISON}' BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "mysql": "CREATE TRIGGER refuse BEFORE INSERT ON webhook_messages FOR EACH ROW "
    f"IF NEW.current_message = '{POISON}' THEN SIGNAL SQLSTATE '45000'; END IF",
}

Content = Message | Gap | Receipt


class NoDirectory:
    """Nothing is looked up: the messages here carry what they need."""

    async def group_name(self, group: Jid) -> str:
        raise LookupError(group)

    async def number_of(self, lid: Jid) -> Jid | None:
        raise LookupError(lid)

    async def is_admin(self, group: Jid, member: Sequence[Jid]) -> bool | None:
        return None

    async def shop_is_admin(self, group: Jid) -> bool | None:
        return None


@dataclass
class Desk:
    """A recorder on its inbox and its store; an event's payload names its contents."""

    inbox: SqliteInbox
    path: Path
    ledger: SqlLedger
    store: Store
    known: dict[bytes, Callable[[], Sequence[Content]]]

    def arrive(self, *events: Sequence[Content] | Callable[[], Sequence[Content]]) -> None:
        for event in events:
            payload = b"%d" % len(self.known)
            self.known[payload] = event if callable(event) else partial(list, event)
            self.inbox.append([(17, payload)])

    async def drain(self) -> None:
        """Until the inbox is empty or the store refuses."""
        convert = partial(_known, self)
        recorder = Recorder(self.inbox, self.ledger, convert, NoDirectory(), RecordSignals())
        recorder.stop()
        async with asyncio.timeout(60):
            await recorder.run()

    @property
    def aside(self) -> Sequence[AsideEvent]:
        return SetAside(self.path).list()

    async def texts(self) -> list[str]:
        return [row.current_message for row in await self.store.messages()]


def _known(desk: Desk, entry: InboxEntry) -> Sequence[Content]:
    return desk.known[entry.payload]()


@pytest.fixture
async def desk(store_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    ledger = SqlLedger(store_url, Screening(ImportanceRules.of([], []), False), "me")
    await ledger.open()
    async with Database(store_url) as database:
        trigger = _REFUSE[database.engines[0].dialect.name]
        await database.write(lambda connection: connection.execute(text(trigger)))
    path = tmp_path / "inbox.db"
    inbox = SqliteInbox(path)
    yield Desk(inbox, path, ledger, Store(store_url), {})
    await ledger.close()
    inbox.close()


def fail() -> Sequence[Content]:
    raise ValueError("+90 555 111 22 33 wrote something")


async def test_a_burst_is_over_as_soon_as_it_is_recorded(desk: Desk) -> None:
    desk.arrive(*([message(number)] for number in range(20)))
    is_over: list[bool] = []
    emptied = asyncio.Event()

    def note() -> None:
        is_over.append(signals.calm.is_set())
        emptied.set()

    signals = RecordSignals(emptied=note)
    convert = partial(_known, desk)
    recorder = Recorder(desk.inbox, desk.ledger, convert, NoDirectory(), signals)
    running = asyncio.create_task(recorder.run())
    async with asyncio.timeout(60):
        await emptied.wait()
    # Whoever waits for its end must not wait for the next look at the inbox.
    assert is_over[0]
    recorder.stop()
    await running


async def test_the_one_at_fault_is_set_aside_and_the_rest_is_recorded_in_order(desk: Desk) -> None:
    group = Jid.parse("120363000000000042@g.us")
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - a bug of ours
    desk.arrive(
        [message(1, "bir")],
        fail,
        [message(2, POISON)],
        [message(3, "iki")],
        [replace(message(4), sent_at=naive)],
        [message(5, chat=group)],
        [message(6, "üç")],
    )
    await desk.drain()
    assert await desk.texts() == ["bir", "iki", "üç"]
    assert desk.inbox.depth() == 0
    assert [one.sequence for one in desk.aside] == [2, 3, 5, 6]
    kinds = [one.kind.split()[0] for one in desk.aside]
    assert kinds[0] == "ValueError"
    assert kinds[2:] == ["TypeError", "LookupError"]
    assert [one.reason for one in desk.aside] == [
        "it cannot be read",
        *["the store does not take it"] * 3,
    ]


async def test_of_a_long_history_only_what_is_at_fault_is_missing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = {7, 499, 501, 1_199}
    old = [
        message(number, POISON if number in bad else str(number), origin=Origin.HISTORY)
        for number in range(1_200)
    ]
    desk.arrive(old, [message(2_000, "sonra")])
    tries = 0
    record = desk.ledger.record

    async def counted(messages: Sequence[Message]) -> object:
        nonlocal tries
        tries += 1
        return await record(messages)

    monkeypatch.setattr(desk.ledger, "record", counted)
    await desk.drain()
    right = [str(number) for number in range(1_200) if number not in bad]
    assert await desk.texts() == [*right, "sonra"]
    [aside] = desk.aside
    assert aside.reason == "the store does not take 4 of its 1200 messages"
    assert tries < 90


async def test_what_was_set_aside_is_recorded_once_more_when_it_can_be(desk: Desk) -> None:
    desk.arrive([message(1, "bir"), message(2, POISON)])
    await desk.drain()
    assert await desk.texts() == ["bir"]
    await desk.store.execute("DROP TRIGGER refuse")
    SetAside(desk.path).retry([one.sequence for one in desk.aside])
    await desk.drain()
    assert await desk.texts() == ["bir", POISON]
    assert (desk.aside, desk.inbox.depth()) == ([], 0)


async def test_a_store_that_is_away_sets_nothing_aside(desk: Desk) -> None:
    desk.arrive([message(1, "bir")], [message(2, POISON)])
    await desk.ledger.close()
    await desk.drain()
    assert (desk.aside, desk.inbox.depth()) == ([], 2)


async def test_nor_does_one_that_takes_no_message_at_all(desk: Desk) -> None:
    """Whatever the error is called: it would raise for an ordinary message as well."""
    desk.arrive([message(1, "bir")], [message(2, "iki")])
    await desk.store.execute("ALTER TABLE message_chain RENAME TO message_chain_gone")
    await desk.drain()
    assert (desk.aside, desk.inbox.depth()) == ([], 2)
    await desk.store.execute("ALTER TABLE message_chain_gone RENAME TO message_chain")
    await desk.drain()
    assert await desk.texts() == ["bir", "iki"]


async def test_a_rehearsal_leaves_nothing(desk: Desk) -> None:
    await desk.ledger.rehearse()
    for table in ("webhook_messages", "contacts", "chats", "message_chain"):
        assert not await desk.store.rows(f"SELECT * FROM {table}")  # noqa: S608


async def test_nor_does_a_link_that_knows_no_number_yet(desk: Desk) -> None:
    def wait() -> Sequence[Content]:
        raise TransientError("WhatsApp has not said yet which number is linked")

    desk.arrive([message(1, "bir")], wait)
    await desk.drain()
    assert (desk.aside, desk.inbox.depth()) == ([], 2)


async def test_a_gap_beside_a_fault_is_noticed_after_what_has_arrived(desk: Desk) -> None:
    missing, there = (
        Gap(ACCOUNT, name, GapReason.UNDECRYPTABLE, NOON, NUMBER, NUMBER)
        for name in ("3EBMISSING", "3EB0000003")
    )
    desk.arrive([missing], [there], [message(2, POISON)], [message(3, "bir")])
    await desk.drain()
    found = await desk.store.rows("SELECT message_id FROM gaps")
    assert [row.message_id for row in found] == ["3EBMISSING"]
    assert len(desk.aside) == 1
