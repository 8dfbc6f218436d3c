"""Old rows are removed, on both stores; open ones stay, and the chain over the rest holds."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.domain.event import EVERY_TYPE, Subscriptions
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.retention import cutoffs
from izer_bridge.media.ports import KeptFile
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.upkeep.store.verify import Verification
from tests.end_to_end.stored import Store
from tests.pipeline.test_ledger import settled
from tests.store.ledgers import SCREENING, Clock, counts_of, retention_of
from tests.store.messages import ACCOUNT, LID, NOON, NUMBER, in_group, message

FILE = KeptFile(f"media/aa/{'a' * 64}.png", "a" * 64, "image/png", 3)
MONTH = timedelta(days=31).total_seconds()


def chat(number: int) -> Jid:
    return Jid.parse(f"90555000{number:04d}@s.whatsapp.net")


def to(number: int, **fields: Any) -> Message:
    """The `number`-th message, in its own chat."""
    return message(number, chat=chat(number), sender=chat(number), **fields)


@pytest.fixture
async def ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    wanted = Subscriptions({"crm": EVERY_TYPE})
    ledger = SqlLedger(store_url, SCREENING, "me", subscriptions=wanted, clock=clock)
    await ledger.open()
    yield ledger
    await ledger.close()


async def a_month(ledger: SqlLedger, clock: Clock) -> None:
    """1 settled with a file, 2 skipped, 3 dead, 4 open; and, a month later, 5 settled."""
    medium = Media("image/png", 3, source=b"key")
    await ledger.record([to(1, kind=Kind.IMAGE, media=medium), in_group(2), to(3), to(4)])
    [one] = await ledger.media().due(ACCOUNT, 9)
    await ledger.media().kept(one, FILE, is_worded_next=False)
    for work in await ledger.claim(9):
        match work.message.message_id:
            case "3EB0000001":
                await settled(ledger, work)
            case "3EB0000003":
                await ledger.bury(work, "refused")
    await ledger.notice([Gap(ACCOUNT, "3EB0000099", GapReason.UNAVAILABLE, NOON, NUMBER)])
    for one_delivery in await ledger.deliveries().claim("crm", 4, 60):
        await ledger.deliveries().delivered(one_delivery)
    clock.forward(MONTH)
    await ledger.record([to(5, sent_at=clock.now)])
    for work in await ledger.claim(9):
        if work.message.message_id == "3EB0000005":
            await settled(ledger, work)


async def removed(ledger: SqlLedger, clock: Clock, **days: int) -> dict[str, int]:
    """Remove older rows; the count given beforehand must match."""
    retention = retention_of(ledger)
    limits = cutoffs(days, clock.now)
    told = await retention.count(limits, clock.now)
    began_at = clock.now
    gone = {}
    for table in await retention.begin(limits, began_at):
        gone[table], after = await retention.remove_some(table, limits, began_at, None)
        assert await retention.remove_some(table, limits, began_at, after) == (0, after)
    await retention.end(began_at, clock.now, gone)
    if "messages" not in gone:
        assert gone == told
    clock.forward(1)
    return gone


async def problems(url: str) -> list[str]:
    async with Verification(url) as verification:
        return [f"{one.where} {one.what}" async for one in verification.problems(lambda _: None)]


async def ids(stored: Store) -> list[str]:
    return [row.message_id[-1] for row in await stored.messages()]


async def test_old_messages_that_are_done_go_with_all_that_hangs_on_them(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_month(ledger, clock)
    assert await removed(ledger, clock, messages=30) == {"messages": 2}
    assert await ids(stored) == ["3", "4", "5"]
    for table in ("analytics_results", "agent_routing"):
        rows = await stored.rows(f"SELECT webhook_message_id FROM {table}")  # noqa: S608
        assert len(rows) == 1
    assert await stored.media() == []
    assert await ledger.open_gaps() == 1
    assert await problems(stored.url) == []
    assert (await counts_of(ledger).stats()).removed == {"messages": 2}


async def test_a_chain_with_hashes_in_digits_goes_on(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    """As the previous version wrote them on SQLite, and as MySQL has them."""
    await a_month(ledger, clock)
    for name in ("content_hash", "link_hash"):
        digits = f"SET {name} = lower(hex({name})) WHERE length({name}) = 32"
        await stored.execute(f"UPDATE message_chain {digits}")
    await ledger.record([message(6)])
    of_the_last = "SELECT length(link_hash) AS length FROM message_chain ORDER BY position"
    lengths = [row.length for row in await stored.rows(of_the_last)]
    assert set(lengths[:-1]) == {64}
    assert lengths[-1] == (32 if stored.url.startswith("sqlite") else 64)
    assert await problems(stored.url) == []


async def test_of_what_was_removed_the_chain_keeps_nothing_but_its_link(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_month(ledger, clock)
    before = await stored.rows("SELECT position, link_hash FROM message_chain ORDER BY position")
    await removed(ledger, clock, messages=30)
    entries = await stored.rows("SELECT * FROM message_chain ORDER BY position")
    assert [(one.position, one.link_hash) for one in entries] == [tuple(one) for one in before]
    gone = [one for one in entries if one.removed_at is not None]
    assert [one.position for one in gone] == [1, 2]
    assert {(one.message_id, one.chat_jid, one.content_hash) for one in gone} == {("", "", "")}
    await ledger.record([message(6)])
    assert await problems(stored.url) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "DELETE FROM webhook_messages WHERE message_id = '3EB0000005'",
            "message 3EB0000005 was recorded and is gone",
        ),
        (
            "UPDATE message_chain SET removed_at = '2026-01-01 00:00:00', message_id = ''"
            " WHERE position = 5",
            "entry 5 was removed, though not by the bridge",
        ),
        (
            "UPDATE message_chain SET link_hash = '0' WHERE position = 2",
            "entry 3 does not follow from the entry before it",
        ),
        ("DELETE FROM message_chain WHERE position = 1", "entry 2 follows entry 0: "),
    ],
)
async def test_what_others_remove_is_still_found(
    ledger: SqlLedger, clock: Clock, stored: Store, statement: str, said: str
) -> None:
    await a_month(ledger, clock)
    await removed(ledger, clock, messages=30)
    await stored.execute(statement)
    assert any(one.startswith(said) for one in await problems(stored.url))


async def test_a_run_that_was_killed_leaves_a_ledger_that_holds(
    ledger: SqlLedger, clock: Clock, stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two batches; the next run takes the rest."""
    monkeypatch.setattr("izer_bridge.upkeep.store.retention._BATCH", 1)
    await a_month(ledger, clock)
    limits = cutoffs({"messages": 30}, clock.now)
    retention, after = retention_of(ledger), None
    await retention.begin(limits, clock.now)
    assert (await retention.remove_some("messages", limits, clock.now, after))[0] == 1
    assert await ids(stored) == ["2", "3", "4", "5"]
    assert await problems(stored.url) == []
    assert await retention.last_run() is None
    clock.forward(1)
    await retention.begin(limits, clock.now)
    assert (await retention.remove_some("messages", limits, clock.now, after))[0] == 1
    assert await problems(stored.url) == []
    assert await ids(stored) == ["3", "4", "5"]


async def test_a_message_in_two_spellings_of_its_chat_goes_whole(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    """First known by history under the number, then live under the LID."""
    await ledger.record([message(1, origin=Origin.HISTORY, chat_alt=LID, sender_alt=LID)])
    live = message(1, chat=LID, sender=LID, chat_alt=NUMBER, sender_alt=NUMBER)
    await ledger.record([live])
    [work] = await ledger.claim(9)
    await settled(ledger, work)
    clock.forward(MONTH)
    assert await removed(ledger, clock, messages=30) == {"messages": 1}
    assert await problems(stored.url) == []
    entries = await stored.rows("SELECT chat_jid FROM message_chain")
    assert {one.chat_jid for one in entries} == {""}


async def test_what_came_late_is_known_for_a_week(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await ledger.record([in_group(1, sent_at=NOON - timedelta(days=400))])
    assert await removed(ledger, clock, messages=30) == {"messages": 0}
    clock.forward(timedelta(days=8).total_seconds())
    assert await removed(ledger, clock, messages=30) == {"messages": 1}
    assert await ids(stored) == []


async def test_analyses_go_alone_and_the_ledger_still_adds_up(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_month(ledger, clock)
    assert await removed(ledger, clock, analyses=30) == {"analyses": 1, "routings": 1}
    assert await ids(stored) == ["1", "2", "3", "4", "5"]
    assert await problems(stored.url) == []
    await stored.execute("DELETE FROM analytics_results")
    assert await problems(stored.url) == ["row 5 is analysed without an analysis"]


async def test_a_file_is_let_go_and_its_row_says_so(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_month(ledger, clock)
    assert await retention_of(ledger).referred_to([FILE.path, "media/x"]) == {FILE.path}
    assert await removed(ledger, clock, media=30) == {"media": 1}
    [row] = await stored.media()
    assert (row.state, row.path, row.source, row.sha256) == ("removed", None, None, "a" * 64)
    assert await retention_of(ledger).referred_to([FILE.path]) == set()
    assert await problems(stored.url) == []


async def test_context_goes_alone(ledger: SqlLedger, clock: Clock, stored: Store) -> None:
    await a_month(ledger, clock)
    for row_id in (1, 5):
        await stored.execute(
            "INSERT INTO posted_history (webhook_message_id, sender, content, timestamp, "
            "message_type, created_at) SELECT id, '', 'x', created_at, 'text', created_at "
            "FROM webhook_messages WHERE id = :row",
            row=row_id,
        )
    assert await removed(ledger, clock, history=30) == {"history": 1, "contexts": 0}
    assert (await stored.context(1), await stored.context(5)) == ([], ["x"])


async def test_events_go_unless_one_still_waits(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_month(ledger, clock)
    old = await stored.rows("SELECT state FROM event_deliveries WHERE state = 'delivered'")
    assert await removed(ledger, clock, events=30) == {"events": len(old)}
    left = await stored.rows("SELECT state FROM event_deliveries")
    assert {row.state for row in left} == {"pending"}
    assert len(await stored.rows("SELECT id FROM events")) == len(left)


async def test_a_run_is_the_last_one_only_when_it_came_to_its_end(
    ledger: SqlLedger, clock: Clock
) -> None:
    retention = retention_of(ledger)
    assert await retention.last_run() is None
    await retention.begin({}, clock.now)
    assert await retention.last_run() is None
    await retention.end(clock.now, clock.now, {})
    assert await retention.last_run() == clock.now


_ANSWER = (
    "INSERT INTO outbox (purpose, kind, state, account, webhook_message_id, about_id, chat_jid,"
    " not_before, created_at, updated_at) SELECT :purpose, :kind, :state, account, id,"
    " (SELECT max(id) FROM outbox), chat_jid, created_at, created_at, created_at"
    " FROM webhook_messages WHERE message_id = '3EB0000001'"
)


async def answered(store_url: str, state: str) -> Store:
    """The first message has a reply in this state, and the owner was notified of it."""
    store = Store(store_url)
    await store.execute(_ANSWER, purpose="reply:1", kind="reply", state=state)
    await store.execute(_ANSWER, purpose="draft-notice:1", kind="notice", state="sent")
    return store


@pytest.mark.parametrize("state", ["draft", "approved", "sending", "uncertain"])
async def test_what_may_still_be_sent_keeps_itself_and_its_message(
    ledger: SqlLedger, clock: Clock, store_url: str, state: str
) -> None:
    await a_month(ledger, clock)
    store = await answered(store_url, state)
    assert (await removed(ledger, clock, messages=7, outbox=7))["messages"] == 1
    [kept] = await store.rows("SELECT state FROM outbox")
    assert kept.state == state
    assert "3EB0000001" in {row.message_id for row in await store.messages()}


@pytest.mark.parametrize("days", [{"outbox": 7}, {"messages": 7}])
async def test_what_was_sent_goes_by_its_age_or_with_its_message(
    ledger: SqlLedger, clock: Clock, store_url: str, days: dict[str, int]
) -> None:
    await a_month(ledger, clock)
    store = await answered(store_url, "sent")
    await removed(ledger, clock, **days)
    assert await store.rows("SELECT id FROM outbox") == []
    assert await problems(store_url) == []
