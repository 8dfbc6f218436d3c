"""Replies to danger on both stores: warning first, sent at once, never displaced by calm words."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

import pytest

from izer_bridge.agents.safety_words import warning
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import OutboxKind
from izer_bridge.domain.outgoing import HandedOver
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.owner_verdict import OwnerDecision, OwnerVerdict
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, ANALYSIS, ATTEMPT, RECORD, in_group, message

HOURS = "Hafta içi 09.00–19.00 arası açığız."
WARNING = warning([Danger.RIDE], "tr")
RIDE = WARNING.split("\n")[0]
LED = f"{RIDE}\n{HOURS}"
SURE = {"reply": HOURS, "confidence": 0.9}
ASKING = {"reply": HOURS, "needs_human": True}
BRAKE = "Frenim tutmuyor"
OWNER = "+905550000099"


def policy(mode: Mode, **fields: Any) -> ReplyPolicy:
    return replace(
        ReplyPolicy(mode=mode, quiet=QuietHours(zone=UTC), per_chat_per_hour=2), **fields
    )


class Shop:
    """A ledger whose clock the test moves, and the agent's answers."""

    def __init__(self, url: str, clock: Clock, replies: ReplyPolicy) -> None:
        screening = Screening(ImportanceRules.of([], []), True, replace(replies, owner=OWNER))
        self.ledger = SqlLedger(url, screening, "me", clock=clock)
        self.clock = clock
        self.store = Store(url)
        self.sent = 0
        self.notices: list[str] = []

    async def hear(
        self,
        one: Message,
        answer: dict[str, Any] | None = SURE,
        dangers: tuple[Danger, ...] = (),
        language: str = "tr",
    ) -> None:
        """A message arrives, is analysed, and an agent answers so; None: the agent is down."""
        await self.ledger.record([one])
        [work] = await self.ledger.claim(1)
        analysis = replace(ANALYSIS, dangers=dangers, language=language)
        await self.ledger.analysed(work, replace(RECORD, analysis=analysis))
        work = replace(work, state=State.ANALYSED, analysis=analysis)
        if answer is None:
            await self.ledger.postpone(work, self.clock() + timedelta(hours=1), "down")
            return
        await self.ledger.attempted(work, replace(ATTEMPT, response=answer), State.DISPATCHED)
        await self.ledger.settle(replace(work, state=State.DISPATCHED))

    async def send(self) -> list[str]:
        """Send everything that may leave now; returns what customers get."""
        outbox = self.ledger.outbox()
        texts: list[str] = []
        while due := await outbox.next_due(ACCOUNT):
            if claimed := await outbox.claim(due.row_id, bytes(32)):
                self.sent += 1
                handed = HandedOver(f"3EBSENT{self.sent}", self.clock())
                await outbox.sent(claimed, handed)
                is_reply = claimed.kind is OutboxKind.REPLY
                (texts if is_reply else self.notices).append(claimed.text)
        return texts

    async def replies(self) -> list[tuple[str, str]]:
        rows = await self.store.rows("SELECT * FROM outbox WHERE kind = 'reply' ORDER BY id")
        return [(row.state, row.proposed_text) for row in rows]


@pytest.fixture
async def sending(store_url: str, clock: Clock) -> AsyncIterator[Shop]:
    shop = Shop(store_url, clock, policy(Mode.SEND))
    await shop.ledger.open()
    yield shop
    await shop.ledger.close()


@pytest.fixture
async def drafting(store_url: str, clock: Clock) -> AsyncIterator[Shop]:
    shop = Shop(store_url, clock, policy(Mode.DRAFT, allow_groups=True))
    await shop.ledger.open()
    yield shop
    await shop.ledger.close()


def own(number: int, text: str) -> Message:
    return message(number, text, from_me=True)


async def test_brake_invoice_hours_each_is_led_until_a_person_has_answered(sending: Shop) -> None:
    await sending.hear(message(1, BRAKE), ASKING, (Danger.RIDE,))
    assert await sending.send() == [WARNING], "at once; the rest asks for a person"
    await sending.hear(message(13, "fatura da lazım"), SURE)
    sending.clock.forward(20)
    assert await sending.send() == [LED]
    sending.clock.forward(600)
    await sending.hear(message(620, "kaçta kapatıyorsunuz"), SURE)
    sending.clock.forward(20)
    assert await sending.send() == [], "two an hour; it is the third, and has been told"
    assert (await sending.replies())[-1] == ("draft", LED)
    await sending.ledger.record([own(700, "Ahmet Usta arıyor")])
    sending.clock.forward(7200)
    await sending.hear(message(8000, "kaçta kapatıyorsunuz"), SURE)
    sending.clock.forward(20)
    assert await sending.send() == [HOURS]


async def test_what_is_sure_goes_out_whole_and_at_once(sending: Shop) -> None:
    await sending.hear(message(1, BRAKE), SURE, (Danger.RIDE,))
    assert await sending.send() == [LED]


@pytest.mark.parametrize("hours", [11, 0])
async def test_neither_night_nor_cap_holds_a_warning_back(sending: Shop, hours: int) -> None:
    for number in (1, 2):
        await sending.hear(message(number))
        sending.clock.forward(20)
        assert await sending.send() == [HOURS]
    sending.clock.forward(3600 * hours)
    await sending.hear(
        message(50, BRAKE, sent_at=sending.clock() - timedelta(seconds=1)), SURE, (Danger.RIDE,)
    )
    assert await sending.send() == [WARNING]


async def test_who_writes_again_before_it_is_sent_gets_it_all_the_same(sending: Shop) -> None:
    await sending.hear(message(1, BRAKE), SURE, (Danger.RIDE,))
    await sending.hear(message(2, "fatura da lazım"), {"needs_human": True})
    assert await sending.send() == [LED]


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"reply": None, "needs_human": True}, {"reply": ["x"]}, {"reply": "<b>x</b>"}],
)
async def test_where_no_agent_says_anything_the_customer_is_warned(
    sending: Shop, answer: dict[str, Any] | None
) -> None:
    await sending.hear(message(1, BRAKE), answer, (Danger.RIDE,))
    assert await sending.send() == [WARNING]


async def test_an_agent_that_says_it_first_is_left_its_words(sending: Shop) -> None:
    said = "Lütfen binmeyin; hemen bakalım."
    await sending.hear(message(1, BRAKE), SURE | {"reply": said}, (Danger.RIDE,))
    assert await sending.send() == [said]


async def test_a_new_danger_is_as_pressing_as_the_first(sending: Shop) -> None:
    await sending.hear(message(1, BRAKE), ASKING, (Danger.RIDE,))
    assert await sending.send() == [WARNING]
    await sending.hear(message(2, "batarya da şişti"), ASKING, (Danger.BATTERY,))
    assert await sending.send() == [warning([Danger.BATTERY, Danger.RIDE], "tr")]
    await sending.hear(message(3, "fren hiç tutmuyor"), ASKING, (Danger.RIDE,))
    assert await sending.send() == [], "told twice already; a person looks at the rest"


async def test_it_is_in_the_customers_language(sending: Shop) -> None:
    await sending.hear(message(1, "My brakes failed"), ASKING, (Danger.RIDE,), "en")
    assert await sending.send() == [warning([Danger.RIDE], "en")]


async def test_a_draft_stays_though_calm_words_follow_and_is_announced_at_night(
    drafting: Shop,
) -> None:
    drafting.clock.forward(3600 * 11)
    late = drafting.clock()
    await drafting.hear(message(1, BRAKE, sent_at=late), ASKING, (Danger.RIDE,))
    assert await drafting.send() == []
    [announced] = drafting.notices
    assert announced.startswith("🚨 ACİL taslak 1: +905551112233 «Ayşe»")
    calm = message(2, "kaçta kapatıyorsunuz", sent_at=late + timedelta(seconds=1))
    await drafting.hear(calm, SURE)
    assert await drafting.replies() == [("draft", LED), ("draft", LED)]
    await drafting.send()
    assert drafting.notices == [announced], "of the second nobody is woken"
    decided = await drafting.ledger.drafts().decide(1, OwnerDecision(OwnerVerdict.APPROVE, "owner"))
    assert str(decided.state) == "approved"
    assert await drafting.send() == [LED], "also at night"


async def test_a_persons_answer_and_a_deleted_message_end_it(drafting: Shop) -> None:
    await drafting.hear(message(1, BRAKE), ASKING, (Danger.RIDE,))
    await drafting.ledger.record([own(9, "Binmeyin, geliyoruz")])
    assert await drafting.replies() == [("cancelled", LED)]


async def test_in_a_group_each_is_warned_of_their_own(drafting: Shop) -> None:
    await drafting.hear(in_group(1, BRAKE), ASKING, (Danger.RIDE,))
    other = message(9).sender
    await drafting.hear(in_group(2, "Saatleriniz?", sender=other, sender_alt=None), SURE)
    await drafting.hear(in_group(3, "Saatleriniz?"), SURE)
    assert [text for _, text in await drafting.replies()][-1] == LED
