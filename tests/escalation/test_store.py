"""Escalations in the store: opened with the analysis, one per chat, ended by a person."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from izer_bridge.domain.escalation import Due, EscalationState, Level, NoticeState, Target, Why
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.ports import OpenEscalation
from izer_bridge.escalation.store.admin import EscalationRegister
from izer_bridge.escalation.store.escalations import SqlEscalations
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.reports.store.stats import StoredStats
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock, counts_of
from tests.store.messages import ACCOUNT, NOON, RECORD, in_group, message

OWNER = Jid.parse("905550000009@s.whatsapp.net")
OWN = Jid.parse("905550000001@s.whatsapp.net")
LATER = NOON + timedelta(hours=1)
_ALL = "SELECT * FROM escalations ORDER BY id"
_NOTICES = "SELECT * FROM escalation_notices ORDER BY id"


@pytest.fixture
def escalations(ledger: SqlLedger) -> SqlEscalations:
    return ledger.escalations()


async def analysed(
    ledger: SqlLedger, *messages: Message, due: datetime | None = NOON, why: Why = Why.VIP
) -> None:
    """Record and settle them, each due at the same time."""
    for one in messages:
        await ledger.record([one])
        for work in await ledger.claim(10):
            known = Due(due, why) if due is not None else None
            await ledger.analysed(work, replace(RECORD, due=known))
            await ledger.bury(replace(work, state="analysed"), "done")  # type: ignore[arg-type]


def answer(number: int, text: str = "Bakıyoruz", **fields: Any) -> Message:
    return message(number, text, sender=OWN, from_me=True, **fields)


async def states(stored: Store) -> list[str]:
    return [row.state for row in await stored.rows(_ALL)]


async def test_one_begins_with_the_analysis_and_a_chat_has_one(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store
) -> None:
    await analysed(ledger, message(1, "Frenim tutmuyor"), message(2, "Alo?"), due=LATER)
    await analysed(
        ledger, in_group(3, "Kasa çöktü", chat_name="İzer Management"), due=LATER, why=Why.GROUP
    )
    assert await escalations.due(ACCOUNT) == []
    assert len(await stored.rows(_ALL)) == 2
    # A later and more urgent message makes it due sooner.
    await analysed(ledger, message(4, "ACİL"), due=NOON, why=Why.URGENT)
    [one] = await escalations.due(ACCOUNT)
    assert (one.level, one.account, one.case.why) == (Level.WAITING, ACCOUNT, Why.URGENT)
    assert (one.case.words, one.case.more) == ("Frenim tutmuyor", 2)
    assert (one.case.number, one.case.chat_name) == ("+905551112233", "Ayşe")
    assert one.case.since == NOON + timedelta(seconds=1)
    assert not one.case.is_group
    assert await escalations.due("+900000000000") == []
    assert len(await escalations.due(None)) == 1


@pytest.mark.parametrize(
    ("said", "is_answer"),
    [
        (answer(2), True),
        (answer(2, "", kind=Kind.VOICE), True),
        (answer(2, "👍", kind=Kind.REACTION), True),
        (answer(2, origin=Origin.HISTORY), True),
        # In the same second; the rows' order decides.
        (answer(2, sent_at=NOON + timedelta(seconds=1)), True),
        (answer(0), False),
        (answer(2, "", kind=Kind.REACTION), False),
        (answer(2, kind=Kind.EDIT, target_id="x"), False),
        (answer(2, origin=Origin.SENT), False),
        (message(2, "Alo?"), False),
        (answer(2, chat=Jid.parse("905551119999@s.whatsapp.net")), False),
    ],
)
async def test_only_a_persons_answer_in_the_chat_ends_it(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store, said: Message, is_answer: bool
) -> None:
    # A conversation is going on: none of it is the shop app's greeting.
    await ledger.record([answer(-60)])
    await analysed(ledger, message(1))
    await ledger.record([said])
    assert bool(await escalations.due(ACCOUNT)) is not is_answer
    assert await states(stored) == ["answered" if is_answer else "open"]


async def test_what_was_answered_before_its_analysis_never_begins(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1), answer(9)])
    await analysed(ledger)
    [work] = await ledger.claim(1)
    await ledger.analysed(work, replace(RECORD, due=Due(NOON, Why.VIP)))
    assert await states(stored) == []


async def test_a_new_message_after_an_answer_begins_anew(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store
) -> None:
    await analysed(ledger, message(1))
    await ledger.record([answer(9)])
    await analysed(ledger, message(10, "Olmadı"))
    assert await states(stored) == ["answered", "open"]
    [one] = await escalations.due(ACCOUNT)
    assert one.case.words == "Olmadı"


async def test_what_the_bridge_has_sent_is_no_answer(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store
) -> None:
    """Not even if it arrives by another way, as an uncertain one may."""
    await analysed(ledger, message(1))
    await stored.execute(
        "INSERT INTO outbox (purpose, kind, state, account, chat_jid, not_before, whatsapp_id)"
        " VALUES ('reply:1', 'reply', 'uncertain', :account, 'x@lid', :now, '3EB0000009')",
        account=ACCOUNT,
        now="2026-03-01 12:00:00",
    )
    await ledger.record([answer(9)])
    assert len(await escalations.due(ACCOUNT)) == 1


async def test_danger_is_told_of_though_its_chat_waits_already(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store
) -> None:
    """A notice about a waiting VIP says nothing about the brake that has failed since."""
    await analysed(ledger, message(1, "Merhaba"))
    one = await first_due(escalations)
    await escalations.tell_on_whatsapp(one, Level.OWNER, OWNER, "VIP müşteri")
    await analysed(ledger, message(2, "Frenim tutmuyor"), why=Why.DANGER)
    assert await states(stored) == ["closed", "open"]
    told = await first_due(escalations)
    assert (told.level, told.case.why, told.case.words) == (
        Level.WAITING,
        Why.DANGER,
        "Frenim tutmuyor",
    )
    # A calm message, or one equally grave, joins it.
    await analysed(ledger, message(3, "Fatura da lazım"), why=Why.VIP)
    await analysed(ledger, message(4, "Kadro da kırıldı"), why=Why.DANGER)
    assert await states(stored) == ["closed", "open"]
    assert (await first_due(escalations)).case.more == 2


async def test_danger_stands_open_without_anybody_to_tell_until_a_person_answers(
    ledger: SqlLedger, escalations: SqlEscalations, store_url: str
) -> None:
    await analysed(ledger, message(1, "Frenim tutmuyor"), why=Why.DANGER)
    await escalations.end_ladder(await first_due(escalations))
    await analysed(ledger, message(2, "Fatura da lazım"), due=LATER)
    async with StoredStats(store_url) as stored:
        [waiting] = await stored.in_danger()
    assert (waiting.chat_name, waiting.since) == ("Ayşe", message(1).sent_at)
    async with EscalationRegister(store_url) as register:
        [row] = await register.list()
        assert (row.row_id, row.why) == (waiting.row_id, Why.DANGER)
    assert (await counts_of(ledger).waiting()).in_danger.count == 1
    await ledger.record([answer(9)])
    assert (await counts_of(ledger).waiting()).in_danger.count == 0


async def first_due(escalations: SqlEscalations) -> OpenEscalation:
    [one] = await escalations.due(ACCOUNT)
    return one


async def test_a_notice_goes_through_the_outbox_once(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store, clock: Clock
) -> None:
    await analysed(ledger, message(1))
    one = await first_due(escalations)
    for _ in range(2):
        await escalations.tell_on_whatsapp(one, Level.OWNER, OWNER, "Ayşe bekliyor")
    [row] = await stored.rows("SELECT * FROM outbox")
    assert (row.webhook_message_id, row.decided_by) == (1, "bridge")
    assert (row.purpose, row.kind, row.state) == ("escalation:1:owner", "notice", "approved")
    assert (row.chat_jid, row.account, row.proposed_text) == (str(OWNER), ACCOUNT, "Ayşe bekliyor")
    assert await escalations.due(ACCOUNT) == []
    [notice] = await escalations.under_way(ACCOUNT)
    assert (notice.target, notice.outbox_state) == (Target.OWNER, OutboxState.APPROVED)
    await escalations.settle(notice, NoticeState.SENT, "", LATER)
    assert await escalations.under_way(ACCOUNT) == []
    clock.forward(3600)
    assert (await first_due(escalations)).level == Level.OWNER


@pytest.mark.parametrize("how", ["answer", "operator"])
async def test_an_end_takes_back_what_was_not_told_yet(
    ledger: SqlLedger, escalations: SqlEscalations, store_url: str, how: str
) -> None:
    stored = Store(store_url)
    await analysed(ledger, message(1))
    one = await first_due(escalations)
    await escalations.tell_on_whatsapp(one, Level.OWNER, OWNER, "Ayşe bekliyor")
    if how == "answer":
        await ledger.record([answer(9)])
        assert await escalations.due(ACCOUNT) == []
    else:
        async with EscalationRegister(store_url) as register:
            assert await register.close([1]) == [1]
    [row] = await stored.rows("SELECT state FROM outbox")
    assert row.state == "cancelled"
    [notice] = await stored.rows(_NOTICES)
    assert notice.state == "skipped"
    assert await states(stored) == ["answered" if how == "answer" else "closed"]
    await escalations.pass_over(one, Level.SECOND, "x")
    assert len(await stored.rows(_NOTICES)) == 1


async def test_what_is_being_sent_is_not_taken_back(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store
) -> None:
    await analysed(ledger, message(1))
    await escalations.tell_on_whatsapp(await first_due(escalations), Level.OWNER, OWNER, "x")
    [notice] = await escalations.under_way(ACCOUNT)
    await stored.execute("UPDATE outbox SET state = 'sending'")
    await escalations.withdraw(notice, "too late", NOON)
    assert [row.state for row in await stored.rows("SELECT state FROM outbox")] == ["sending"]
    await stored.execute("UPDATE outbox SET state = 'approved'")
    await escalations.withdraw(notice, "not connected", NOON)
    assert [row.state for row in await stored.rows(_NOTICES)] == ["skipped"]
    assert (await first_due(escalations)).level == Level.OWNER


async def test_outside_each_target_is_begun_once_and_tried_until_it_is_told(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store, clock: Clock
) -> None:
    await analysed(ledger, message(1))
    one = await first_due(escalations)
    await escalations.tell_outside(one, Level.OUTSIDE, [Target.WEBHOOK, Target.EMAIL])
    webhook, email = await escalations.outside(ACCOUNT)
    assert (webhook.target, email.target) == (Target.WEBHOOK, Target.EMAIL)
    assert await escalations.begin(webhook)
    assert not await escalations.begin(webhook)
    await escalations.postpone(webhook, clock() + timedelta(seconds=5), "answered 503")
    await escalations.begin(email)
    await escalations.told(email, NoticeState.SENT)
    assert await escalations.outside(ACCOUNT) == []
    clock.forward(5)
    [again] = await escalations.outside(ACCOUNT)
    assert (again.target, again.attempts) == (Target.WEBHOOK, 1)
    await ledger.record([answer(9)])
    await escalations.due(ACCOUNT)
    assert await escalations.outside(ACCOUNT) == []
    assert not await escalations.begin(again)


async def test_a_death_while_telling_leaves_it_uncertain_and_only_ones_own(
    ledger: SqlLedger, escalations: SqlEscalations, stored: Store, clock: Clock
) -> None:
    await analysed(ledger, message(1))
    await escalations.tell_outside(await first_due(escalations), Level.OUTSIDE, [Target.EMAIL])
    [email] = await escalations.outside(ACCOUNT)
    await escalations.begin(email)
    other = SqlEscalations(escalations._store, clock, "somebody else")
    assert await other.abandoned() == 0
    assert await escalations.abandoned() == 1
    assert await escalations.outside(ACCOUNT) == []
    assert [row.state for row in await stored.rows(_NOTICES)] == ["uncertain"]


async def test_an_open_breaker_says_that_whatsapp_cannot_be_used(
    escalations: SqlEscalations, stored: Store, clock: Clock
) -> None:
    assert await escalations.limited(ACCOUNT) is None
    await stored.execute(
        "INSERT INTO send_breakers (account, open_until, opened_at) VALUES (:account, :until, :at)",
        account=ACCOUNT,
        until="2026-03-01 13:00:00",
        at="2026-03-01 12:00:00",
    )
    assert await escalations.limited(ACCOUNT) is not None
    assert await escalations.limited("+900000000000") is None
    clock.forward(3601)
    assert await escalations.limited(ACCOUNT) is None


async def test_counts_and_the_list_show_how_far_each_has_gone(
    ledger: SqlLedger, escalations: SqlEscalations, store_url: str
) -> None:
    assert (await counts_of(ledger).stats()).escalations == {
        "open": 0,
        "waiting": 0,
        "owner": 0,
        "second": 0,
        "outside": 0,
    }
    await analysed(ledger, message(1, "Frenim tutmuyor"), in_group(2, chat_name="İzer Management"))
    one, _ = await escalations.due(ACCOUNT)
    await escalations.pass_over(one, Level.OWNER, "WhatsApp: banned")
    counted = (await counts_of(ledger).stats()).escalations
    assert (counted["open"], counted["waiting"], counted["owner"]) == (2, 1, 1)
    async with EscalationRegister(store_url) as register:
        await check_register(register)


async def check_register(register: EscalationRegister) -> None:
    first, second = await register.list()
    assert (first.row_id, first.level, first.state) == (1, Level.OWNER, EscalationState.OPEN)
    assert [(one.target, one.state, one.error) for one in first.told] == [
        (Target.OWNER, NoticeState.SKIPPED, "WhatsApp: banned")
    ]
    assert second.told == ()
    assert await register.close([2]) == [2]
    assert await register.close([2, 3]) == []
    assert [one.row_id for one in await register.list()] == [1]
    assert len(await register.list(ended_too=True)) == 2
