"""Leases, transitions, context and counts, on both stores."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from izer_bridge.agents.safety_words import warning
from izer_bridge.domain.cost import Usage
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Media, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import AnalysisRecord, Work, Worked
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store import leases
from izer_bridge.pipeline.store import ledger as ledger_module
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING, Clock, Opened, counts_of
from tests.store.messages import ANALYSIS, ATTEMPT, FAILED, NOON, RECORD, message

HANS = Jid.parse("4915550100266@s.whatsapp.net")


async def claimed(ledger: SqlLedger) -> Work:
    [work] = await ledger.claim(10)
    return work


async def settled(ledger: SqlLedger, work: Work, record: AnalysisRecord = RECORD) -> None:
    await ledger.analysed(work, record)
    work = moved(work, State.ANALYSED)
    await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
    await ledger.settle(moved(work, State.DISPATCHED))


def moved(work: Work, state: State) -> Work:
    return Work(**{name: getattr(work, name) for name in work.__slots__} | {"state": state})


async def test_a_chats_messages_are_claimed_one_after_the_other(ledger: SqlLedger) -> None:
    await ledger.record([message(1), message(2), message(3, chat=HANS)])
    first = await ledger.claim(10)
    assert [work.message.message_id for work in first] == ["3EB0000001", "3EB0000003"]
    assert not await ledger.claim(10)
    await settled(ledger, first[0])
    assert (await claimed(ledger)).message.message_id == "3EB0000002"


async def test_a_claim_takes_no_more_than_its_limit(ledger: SqlLedger) -> None:
    chats = [Jid.parse(f"90555000{number:04d}@s.whatsapp.net") for number in range(5)]
    await ledger.record([message(number, chat=chat) for number, chat in enumerate(chats)])
    assert len(await ledger.claim(3)) == 3
    assert len(await ledger.claim(3)) == 2


async def test_two_owners_never_hold_one_message(opened: Opened) -> None:
    ledgers = [await opened("one"), await opened("two")]
    chats = [Jid.parse(f"90555000{number:04d}@s.whatsapp.net") for number in range(40)]
    await ledgers[0].record([message(number, chat=chat) for number, chat in enumerate(chats)])
    claims = await asyncio.gather(*(ledgers[turn % 2].claim(7) for turn in range(16)))
    rows = [work.row_id for claim in claims for work in claim]
    assert len(rows) == len(set(rows)) == 40


async def test_an_expired_lease_is_claimed_anew_and_the_old_one_refused(
    opened: Opened, clock: Clock
) -> None:
    first, second = await opened("first"), await opened("second")
    await first.record([message(1)])
    lost = await claimed(first)
    clock.forward(61)
    taken = await claimed(second)
    assert taken.row_id == lost.row_id
    with pytest.raises(TransientError, match="lease"):
        await first.analysed(lost, RECORD)
    await settled(second, taken)


async def test_a_restart_gives_back_what_its_owner_held_and_nothing_else(opened: Opened) -> None:
    first = await opened("first")
    await first.record([message(1)])
    await claimed(first)
    other = await opened("other")
    assert not await other.claim(5)
    again = await opened("first")
    assert (await claimed(again)).message.message_id == "3EB0000001"


async def test_the_whole_way_is_told_by_the_outcome(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1)])
    await settled(ledger, await claimed(ledger))
    [row] = await stored.messages()
    outcome = await ledger.outcome(row.id)
    assert outcome.state is State.SETTLED
    assert outcome.analysis == ANALYSIS
    assert outcome.attempt == ATTEMPT
    assert not await ledger.claim(5)


async def test_a_postponed_message_waits_and_its_chat_with_it(
    ledger: SqlLedger, clock: Clock
) -> None:
    await ledger.record([message(1), message(2)])
    work = await claimed(ledger)
    await ledger.analysed(work, RECORD)
    work = moved(work, State.ANALYSED)
    await ledger.attempted(work, FAILED, None)
    await ledger.postpone(work, clock.now + timedelta(seconds=30), "answered 503")
    assert not await ledger.claim(5)
    clock.forward(31)
    again = await claimed(ledger)
    assert (again.row_id, again.state, again.attempts) == (work.row_id, State.ANALYSED, 1)
    assert again.analysis == ANALYSIS
    assert (await ledger.outcome(work.row_id)).error == "answered 503"


async def test_every_attempt_is_a_row(ledger: SqlLedger, stored: Store, clock: Clock) -> None:
    await ledger.record([message(1)])
    work = await claimed(ledger)
    await ledger.analysed(work, RECORD)
    work = moved(work, State.ANALYSED)
    await ledger.attempted(work, FAILED, None)
    await ledger.postpone(work, clock.now, "answered 503")
    work = await claimed(ledger)
    await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
    attempts = await stored.attempts()
    assert [bool(one.routing_success) for one in attempts] == [False, True]
    assert [one.response_time_ms for one in attempts] == [30, 12]


@pytest.mark.parametrize("days", [1, -1])
async def test_a_clock_that_jumps_gives_nobody_what_is_still_in_hand(
    ledger: SqlLedger, clock: Clock, days: int
) -> None:
    await ledger.record([message(1)])
    work = await claimed(ledger)
    clock.now += timedelta(days=days)
    assert not await ledger.claim(5, in_hand=[work.row_id])
    await ledger.analysed(work, RECORD)


@pytest.mark.parametrize("days", [1, -1])
async def test_a_clock_that_jumps_holds_no_message_back(
    ledger: SqlLedger, clock: Clock, days: int
) -> None:
    await ledger.record([message(1), message(2, chat=HANS)])
    first, _abandoned = await ledger.claim(5)
    await ledger.postpone(first, clock.now + timedelta(minutes=5), "answered 503")
    clock.now += timedelta(days=days)
    assert len(await ledger.claim(5)) == 2


async def test_the_dead_and_the_skipped_are_left_alone(ledger: SqlLedger) -> None:
    await ledger.record([message(1), message(2, "", chat=HANS)])
    await ledger.bury(await claimed(ledger), "the agent refused it")
    assert not await ledger.claim(5)
    stats = await counts_of(ledger).stats()
    assert (stats.dead, stats.failed, stats.skipped) == (1, 1, 1)


async def test_no_way_but_those_of_the_table(ledger: SqlLedger) -> None:
    await ledger.record([message(1)])
    work = await claimed(ledger)
    with pytest.raises(ValueError, match="may not move"):
        await ledger.settle(work)


async def test_context_is_both_directions_in_order_of_time(
    ledger: SqlLedger, stored: Store
) -> None:
    picture = Media("image/jpeg", 10)
    await ledger.record(
        [
            message(50, "şimdi"),
            message(3, "üç", origin=Origin.HISTORY),
            message(1, "bir", origin=Origin.HISTORY),
            message(2, "iki", from_me=True),
            message(4, "bak", kind=Kind.IMAGE, media=picture),
            message(5, "👍", kind=Kind.REACTION, target_id="3EB0000001"),
            message(6, "yanlış"),
            message(7, "", kind=Kind.REVOKE, target_id="3EB0000006"),
            message(8, "eski"),
            message(9, "yeni", kind=Kind.EDIT, target_id="3EB0000008"),
            message(60, "sonra"),
            message(10, "başka sohbet", chat=HANS),
        ]
    )
    now = next(row for row in await stored.messages() if row.current_message == "şimdi")
    context = await ledger.context(now.id, 20)
    assert [entry.content for entry in context] == ["bir", "iki", "üç", "[image/jpeg] bak", "yeni"]
    assert [entry.from_me for entry in context] == [False, True, False, False, False]
    assert [entry.content for entry in await ledger.context(now.id, 2)] == [
        "[image/jpeg] bak",
        "yeni",
    ]


async def test_the_context_that_was_analysed_is_the_one_that_agents_get(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, "önce"), message(2, "şimdi")])
    await settled(ledger, await claimed(ledger))
    work = await claimed(ledger)
    context = await ledger.context(work.row_id, 20)
    await ledger.analysed(replace(work, history=context), RECORD)
    await ledger.record([message(0, "geç gelen", origin=Origin.HISTORY)])
    assert await ledger.context(work.row_id, 20) == context
    assert (await stored.messages())[1].context_count == 1


async def test_a_webhooks_own_history_is_its_context(ledger: SqlLedger) -> None:
    entry = HistoryEntry("Ayşe", "Merhaba", NOON, "chat", False)
    given = message(1, "Fren?", origin=Origin.WEBHOOK)
    webhook = WebhookMessage(given, "+905551112233", (entry,), {"message_id": given.message_id})
    recorded = await ledger.record_webhook(webhook)
    assert recorded.is_new
    assert await ledger.context(recorded.row_id, 20) == (entry,)
    again = await ledger.record_webhook(webhook)
    assert (again.row_id, again.is_new) == (recorded.row_id, False)


async def test_the_sums_add_up(ledger: SqlLedger, clock: Clock) -> None:
    await ledger.record([message(0, chat=HANS)])
    clock.forward(25 * 3600)
    await ledger.record([message(1), message(2), message(3, from_me=True)])
    await ledger.record([message(4, origin=Origin.HISTORY)])
    works = await ledger.claim(5)
    ours = next(work for work in works if work.message.message_id == "3EB0000001")
    await settled(ledger, ours)
    stats = await counts_of(ledger).stats()
    assert stats.received == stats.total_messages == 4
    assert (stats.settled, stats.pending, stats.skipped) == (1, 1, 2)
    assert stats.skipped_by_reason == {"own": 1, "history": 1}
    assert stats.by_category == {"technical": 1}
    assert stats.by_urgency == {"7": 1}
    assert stats.by_agent == {"business_workflow": 1}
    assert stats.by_analyser == {"local": 1}


async def test_an_unknown_row_has_no_outcome(ledger: SqlLedger) -> None:
    with pytest.raises(LookupError):
        await ledger.outcome(4711)


async def test_a_store_that_answers_is_reachable(ledger: SqlLedger) -> None:
    assert await ledger.is_reachable()


async def test_a_second_opinion_is_paid_for_on_its_own_day(ledger: SqlLedger, clock: Clock) -> None:
    await ledger.record([message(1)])
    [work] = await ledger.claim(1)
    await settled(ledger, work)
    clock.forward(86_400)
    paid = replace(RECORD, usage=Usage(700, 0, 90), cost_micro_usd=355)
    await ledger.second_opinions().refused(work.row_id, paid)
    assert await ledger.spent_since(clock() - timedelta(hours=1)) == 355
    clock.forward(86_400)
    assert await ledger.spent_since(clock() - timedelta(hours=1)) == 0


async def test_a_run_is_a_chats_messages_in_a_row(ledger: SqlLedger) -> None:
    await ledger.record([message(n) for n in range(1, 6)] + [message(6, chat=HANS)])
    works = await ledger.claim(10, run=3, context=20)
    assert [work.message.message_id[-1] for work in works] == ["1", "2", "3", "6"]
    for work in works:
        assert work.history == await ledger.context(work.row_id, 20)
    assert [len(work.history) for work in works] == [0, 1, 2, 0]
    assert not await ledger.claim(10, run=3)


async def test_a_run_ends_before_what_must_wait(ledger: SqlLedger, clock: Clock) -> None:
    await ledger.record([message(n) for n in range(1, 5)])
    first, second, *_ = await ledger.claim(1, run=4)
    await ledger.analysed(second, RECORD)
    await ledger.postpone(moved(second, State.ANALYSED), clock.now + timedelta(hours=1), "busy")
    await ledger.release()
    assert [one.row_id for one in await ledger.claim(1, run=4)] == [first.row_id]


async def test_a_run_is_finished_as_by_its_steps(
    store_url: str, stored: Store, clock: Clock
) -> None:
    """A reader of the store cannot tell which way a message went."""
    tables = ("analytics_results", "agent_routing", "message_history", "outbox")
    own = {"id", "webhook_message_id", "message_id", "chat_id", "chat_jid", "chat_time"}
    own |= {"timestamp", "sender_id", "sender_jid", "phone_number", "purpose", "context"}
    own |= {"quoted_id", "quoted_sender", "expires_at", "about_id", "text", "proposed_text"}
    people = [Jid.parse(f"90555111000{n}@s.whatsapp.net") for n in (1, 2)]
    danger = replace(ANALYSIS, dangers=(Danger.RIDE,), language="en")
    record = replace(RECORD, analysis=danger)
    attempt = replace(ATTEMPT, response={"reply": "Bring it in.", "confidence": 0.9})
    policy = ReplyPolicy(mode=Mode.DRAFT, quiet=QuietHours(zone=UTC))
    screening = replace(SCREENING, replies=replace(policy, owner="+905550000099"))
    ledger = SqlLedger(store_url, screening, "me", clock=clock)
    await ledger.open()
    await ledger.record([message(n, chat=who) for n, who in enumerate((*people, *people), 1)])
    stepped = []
    for work in await ledger.claim(1, run=2, context=20):
        await ledger.analysed(work, record)
        analysed = replace(moved(work, State.ANALYSED), analysis=danger)
        await ledger.attempted(analysed, attempt, State.DISPATCHED)
        await ledger.settle(moved(analysed, State.DISPATCHED), attempt)
        stepped.append(work.row_id)
    works = await ledger.claim(1, run=2, context=20)
    await ledger.finish([Worked(work, record, attempt) for work in works])
    await ledger.close()
    finished = [work.row_id for work in works]
    for table in ("webhook_messages", *tables):
        key = "id" if table == "webhook_messages" else "webhook_message_id"
        found = await stored.rows(f"SELECT * FROM {table} ORDER BY id")  # noqa: S608 (ours)
        rows = [one._mapping for one in found]
        alike = [[row for row in rows if row[key] in of] for of in (stepped, finished)]
        assert alike[0], table
        for one, other in zip(*alike, strict=True):
            different = {name for name in one if one[name] != other[name]}
            assert different <= own, table
    drafts = await stored.rows("SELECT proposed_text FROM outbox WHERE kind = 'reply'")
    first = warning([Danger.RIDE], "en").split("\n")[0]
    assert [row.proposed_text for row in drafts] == [f"{first}\nBring it in."] * 4


async def test_a_run_that_lost_one_lease_is_not_finished(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1), message(2)])
    works = await ledger.claim(1, run=2)
    await ledger.give_back(works[1:])
    with pytest.raises(TransientError, match="lease"):
        await ledger.finish([Worked(work, RECORD, ATTEMPT) for work in works])
    assert {row.state for row in await stored.messages()} == {"recorded"}
    assert await stored.rows("SELECT id FROM analytics_results") == []
    await ledger.finish([Worked(works[0], RECORD, ATTEMPT)])
    assert [one.row_id for one in await ledger.claim(1, run=2)] == [works[1].row_id]


async def test_nobody_works_behind_whoever_was_quicker(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two look at once, and one takes a chat's first message alone before the other takes all."""
    ledger = await opened("me")
    await ledger.record([message(n) for n in (1, 2, 3)])

    def overtaken(connection: Connection, now: datetime, *rest: Any) -> list[list[int]]:
        [run] = leases.claimable(connection, now, *rest)
        leases.take(connection, run[:1], "theirs", "other", now, now + timedelta(minutes=1))
        return [run]

    with monkeypatch.context() as patched:
        patched.setattr(ledger_module, "claimable", overtaken)
        assert not await ledger.claim(1, run=3)
    await ledger.release()
    assert not await ledger.claim(1, run=3)
    await (await opened("other")).release()
    assert len(await ledger.claim(1, run=3)) == 3


async def test_what_makes_no_sense_before_a_message_costs_nobody_a_turn(
    ledger: SqlLedger, stored: Store
) -> None:
    """Every claim reads contexts: one malformed row must not stop them all."""
    await ledger.record([message(1, "bir"), message(2, "iki")])
    await ledger.finish([Worked(one, RECORD, ATTEMPT) for one in await ledger.claim(1, run=2)])
    await stored.execute("UPDATE webhook_messages SET kind = 'nonsense' WHERE id = 1")
    await ledger.record([message(3), message(4, chat=HANS)])
    works = await ledger.claim(10, run=3, context=20)
    assert [[one.content for one in work.history] for work in works] == [["iki"], []]
