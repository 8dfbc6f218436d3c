"""Hourly sums: equal to the rows they were counted from, whatever happens to these later."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from izer_bridge.domain.cost import Usage
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Worked
from izer_bridge.media.decide import MediaState
from izer_bridge.pipeline.store.dead_letters import DeadLetters
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.store import sums
from izer_bridge.store.changed_hours import hour_of
from izer_bridge.upkeep.store.forget import Forgetting
from izer_bridge.upkeep.store.verify import Problem, Verification
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock, Opened, counts_of, sums_of
from tests.store.messages import ATTEMPT, FAILED, LID, NUMBER, RECORD, in_group, message

HOUR = 3_600.0
HANS = Jid.parse("4915550100266@s.whatsapp.net")
_PAID = replace(RECORD, usage=Usage(1000, 200, 50), cost_micro_usd=430, milliseconds=7)
_HOURLY = (
    "SELECT stat_type, stat_value, numeric_value, reference_date, hour FROM system_stats"
    " WHERE stat_type <> 'changed' AND stat_type NOT LIKE 'report%' ORDER BY id"
)


async def finished(ledger: SqlLedger) -> None:
    while works := await ledger.claim(10, run=50):
        await ledger.finish([Worked(one, _PAID, ATTEMPT) for one in works])


async def folded(ledger: SqlLedger) -> None:
    while await sums_of(ledger).fold():
        pass


async def counted(ledger: SqlLedger) -> dict[str, object]:
    return asdict(await counts_of(ledger).stats())


async def problems(url: str) -> list[Problem]:
    async with Verification(url) as verification:
        return [one async for one in verification.problems(lambda _: None)]


async def a_day(ledger: SqlLedger, clock: Clock) -> None:
    """Messages in five hours: worked, own, with a photo, dead, and one that waits."""
    for hour in range(5):
        clock.forward(HOUR)
        at = clock()
        number = 10 * hour
        await ledger.record(
            [
                message(number, sent_at=at),
                message(number + 1, sent_at=at, from_me=True),
                message(number + 2, kind=Kind.IMAGE, media=Media("image/jpeg", 9), chat=HANS),
            ]
        )
        await finished(ledger)
    await ledger.record([message(90), message(91, chat=HANS)])
    first, second = await ledger.claim(2)
    await ledger.bury(first, "no agent")
    await ledger.postpone(second, clock() + timedelta(hours=2), "busy")


async def test_the_sums_are_what_the_rows_were(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await a_day(ledger, clock)
    clock.forward(2 * HOUR)
    before = await counted(ledger)
    assert [before[name] for name in ("received", "dead", "pending", "failed")] == [17, 1, 1, 2]
    await folded(ledger)
    assert await counted(ledger) == before
    # From the sums alone; the day's cost belongs to the day on which it was paid.
    await stored.execute("DELETE FROM webhook_messages WHERE id <= 15")
    assert await counted(ledger) == before | {"cost_today": "0.00"}


async def test_an_hour_is_a_row_for_each_figure(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    clock.forward(300)
    await ledger.record([message(1), message(2)])
    clock.forward(20)
    await finished(ledger)
    clock.forward(2 * HOUR)
    await folded(ledger)
    rows = await stored.rows(_HOURLY)
    noon = {(row[0], row[1]): int(row[2]) for row in rows if row.hour == 12 and row[2]}
    assert {str(row.reference_date) for row in rows if row.hour == 12} == {"2026-03-01"}
    assert noon == {
        ("messages_recorded", "all"): 2,
        ("messages_by_state", "settled"): 2,
        ("messages_by_category", "technical"): 2,
        ("messages_by_urgency", "7"): 2,
        ("messages_by_analyser", "local"): 2,
        ("messages_by_agent", "business_workflow"): 2,
        ("input_tokens", "all"): 2000,
        ("cached_input_tokens", "all"): 400,
        ("output_tokens", "all"): 100,
        ("cost_micro_usd", "all"): 860,
        ("agent_milliseconds", "50"): 2,
        ("analysis_milliseconds", "10"): 2,
        ("answer_milliseconds", "60000"): 2,
    }


async def test_an_hour_is_summed_when_nothing_of_it_is_on_its_way_any_more(
    ledger: SqlLedger, clock: Clock, stored: Store
) -> None:
    await ledger.record([message(1)])
    clock.forward(HOUR + 9 * 60)
    await folded(ledger)
    assert max(row.hour for row in await stored.rows(_HOURLY)) == 23
    clock.forward(60)
    await folded(ledger)
    assert (await stored.rows(_HOURLY))[-1].hour == 12
    assert not await sums_of(ledger).fold()


async def test_a_busy_day_is_summed_in_parts_which_one_transaction_has_time_for(
    ledger: SqlLedger, clock: Clock, stored: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour at least, however much was said in it."""
    await a_day(ledger, clock)
    clock.forward(2 * HOUR)
    before = await counted(ledger)
    monkeypatch.setattr(sums, "_MOST_MESSAGES", 7)
    summed, has_more = [], True
    while has_more:
        has_more = await sums_of(ledger).fold()
        summed.append(len({(row.reference_date, row.hour) for row in await stored.rows(_HOURLY)}))
    # Nineteen hours in which nobody wrote, and three with three messages each.
    assert summed == [22, 24]
    await stored.execute("DELETE FROM webhook_messages WHERE id <= 15")
    assert await counted(ledger) == before | {"cost_today": "0.00"}


Change = Callable[[SqlLedger, str, Clock], Awaitable[None]]


async def _worked_late(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    clock.forward(HOUR)
    [work] = await ledger.claim(1)
    await ledger.analysed(work, _PAID)
    work = replace(work, state=State.ANALYSED)
    await ledger.attempted(work, FAILED, None)
    work = replace(work, attempts=1)
    await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))


async def _in_a_run(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    clock.forward(HOUR)
    await finished(ledger)


async def _revived(_ledger: SqlLedger, url: str, _clock: Clock) -> None:
    async with DeadLetters(url) as letters:
        assert await letters.retry(None) == 1


async def _dropped(ledger: SqlLedger, url: str, _clock: Clock) -> None:
    async with DeadLetters(url) as letters:
        assert await letters.drop([one.row_id for one in await letters.list()]) == 1


async def _a_second_opinion(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    again = ledger.second_opinions()
    [work, *_] = await again.wanted(clock() - timedelta(days=1), 10, 0)
    await again.given(work.row_id, _PAID)


async def _a_file(ledger: SqlLedger, _url: str, _clock: Clock) -> None:
    [file, *_] = await ledger.media().due(message(1).account, 10)
    await ledger.media().end(file, MediaState.FAILED, "gone")


async def _edited(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    edit = {"kind": Kind.EDIT, "target_id": message(0).message_id, "sent_at": clock()}
    await ledger.record([message(95, "Frenim tutmuyor", **edit)])


async def _comes_live(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    await ledger.record([message(96)])


async def _merged(ledger: SqlLedger, _url: str, clock: Clock) -> None:
    twin = in_group(97, sender=LID, sender_alt=NUMBER)
    await ledger.record([replace(twin, message_id=later) for later in ("A", "B")])


@pytest.mark.parametrize(
    "change",
    [
        *(_worked_late, _in_a_run, _revived, _dropped, _a_second_opinion, _a_file),
        *(_edited, _comes_live, _merged),
    ],
)
async def test_whatever_changes_an_hour_that_is_over_is_summed_anew(
    ledger: SqlLedger,
    clock: Clock,
    store_url: str,
    change: Change,
) -> None:
    await a_day(ledger, clock)
    photo = Media("image/jpeg", 9, source=b"there")
    own: list[Message] = [
        message(96, origin=Origin.HISTORY),
        in_group(97, sender=LID, sender_alt=None),
        in_group(97, sender=NUMBER, sender_alt=None),
        message(98, kind=Kind.IMAGE, media=photo),
    ]
    await ledger.record(own)
    clock.forward(2 * HOUR)
    await folded(ledger)
    assert await problems(store_url) == []
    before = await counted(ledger)
    await change(ledger, store_url, clock)
    changed = await counted(ledger)
    assert changed != before
    await folded(ledger)
    assert await counted(ledger) == changed
    assert await problems(store_url) == []


async def test_what_nobody_noted_is_named(
    ledger: SqlLedger, clock: Clock, store_url: str, stored: Store
) -> None:
    await a_day(ledger, clock)
    clock.forward(2 * HOUR)
    await folded(ledger)
    await stored.execute("UPDATE webhook_messages SET state = 'uncertain' WHERE state = 'dead'")
    assert [(one.where, one.what) for one in await problems(store_url)][-2:] == [
        (
            "hour 2026-03-01 17:00 UTC",
            f"has {rows} in its rows of messages_by_state, {state}, and {kept} in system_stats",
        )
        for state, rows, kept in (("dead", 0, 1), ("uncertain", 1, 0))
    ]


async def test_what_is_forgotten_stays_in_the_sums_and_is_no_problem(
    ledger: SqlLedger, clock: Clock, store_url: str, stored: Store
) -> None:
    await a_day(ledger, clock)
    clock.forward(2 * HOUR)
    await folded(ledger)
    before = await stored.rows(_HOURLY)
    async with Forgetting(store_url) as forgetting:
        person = await forgetting.who(str(HANS.number))
        await forgetting.erase(person, await forgetting.count(person), clock())
    await folded(ledger)
    assert await stored.rows(_HOURLY) == before
    assert await problems(store_url) == []


async def test_of_two_who_sum_an_hour_the_later_look_counts(
    opened: Opened, clock: Clock, stored: Store
) -> None:
    ledger = await opened("me")
    await ledger.record([message(1)])
    clock.forward(2 * HOUR)
    database = await ledger.store()
    earlier = await database.read(lambda one: sums._due(one, clock()))
    await finished(ledger)
    await folded(ledger)
    after = await stored.rows(_HOURLY)
    assert not await database.write(lambda one: sums._keep(one, earlier, clock()))
    assert await stored.rows(_HOURLY) == after


async def test_hours_that_a_clock_was_ahead_for_are_summed_when_they_come(
    ledger: SqlLedger, clock: Clock, store_url: str
) -> None:
    clock.forward(50 * HOUR)
    await folded(ledger)
    clock.forward(-50 * HOUR)
    await a_day(ledger, clock)
    clock.forward(2 * HOUR)
    before = await counted(ledger)
    assert before["received"] == 17
    await folded(ledger)
    assert await counted(ledger) == before
    assert await problems(store_url) == []


def test_a_moment_belongs_to_the_hour_it_is_in() -> None:
    moment = datetime.fromisoformat("2026-03-01T14:59:59.9+02:30")
    assert hour_of(moment) == datetime.fromisoformat("2026-03-01T12:00:00Z")
