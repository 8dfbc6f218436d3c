"""All the store's statements on messages' ways: one case for each kind of what arrives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from izer_bridge.domain.cost import Budget
from izer_bridge.domain.escalation import Due, Level, Why
from izer_bridge.domain.event import EVERY_TYPE, Subscriptions
from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Media, Message, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import ReceiptKind
from izer_bridge.domain.outgoing import HandedOver, Receipt
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.work import AnalysisRecord, Worked
from izer_bridge.media.decide import MediaState
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_verdict import OwnerDecision, OwnerVerdict
from tests.store.ledgers import SCREENING, Clock, counts_of, sums_of
from tests.store.messages import ACCOUNT, ATTEMPT, IN_DANGER, RECORD, message

OWNER = Jid.parse("905550000009@s.whatsapp.net")
# The customer with the big chat in a store that `many.fill` has filled.
CUSTOMER = Jid.parse("905551000000@s.whatsapp.net")
_SCREENING = replace(
    SCREENING,
    replies=ReplyPolicy(mode=Mode.DRAFT, burst=timedelta(0), owner=f"+{OWNER.user}"),
)
ANSWERED = replace(ATTEMPT, response={"reply": "Bisikletiniz hazır.", "confidence": 0.9})


@asynccontextmanager
async def opened(url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    """A ledger that drafts, notifies its owner, and emits an event for everything."""
    ledger = SqlLedger(
        url,
        _SCREENING,
        "me",
        subscriptions=Subscriptions({"crm": EVERY_TYPE}),
        clock=clock,
    )
    try:
        await ledger.open()
        yield ledger
    finally:
        await ledger.close()


async def counts(ledger: SqlLedger, clock: Clock) -> None:
    """The queries of `/stats`, `/metrics` and `/health`."""
    await counts_of(ledger, Budget(cap=1_000_000)).stats()
    await ledger.open_gaps()
    await counts_of(ledger, Budget(cap=1_000_000)).waiting()
    await counts_of(ledger, Budget(cap=1_000_000)).day()
    await ledger.spent_since(clock() - timedelta(hours=12))


@dataclass
class Way:
    """Takes every step, in the big chat. `first` numbers its messages: each way has its own 100."""

    ledger: SqlLedger
    clock: Clock
    first: int = 0

    async def go(self) -> None:
        await self._in_a_run()
        await self._in_steps()
        await self._around()
        await self._answered()
        await self._escalated()
        await self._beside()
        await counts(self.ledger, self.clock)

    def _said(self, number: int, text: str = "Merhaba", **fields: object) -> Message:
        return message(self.first + number, text, **({"chat": CUSTOMER} | fields))

    async def _in_a_run(self) -> None:
        await self.ledger.record([self._said(1), self._said(2)])
        await self._finished()

    async def _finished(self) -> None:
        while works := await self.ledger.claim(16, run=50, context=20):
            await self.ledger.finish([Worked(one, RECORD, ANSWERED) for one in works])

    async def _in_steps(self) -> None:
        """One that has reported danger, and one that ends up dead."""
        ledger, asked = self.ledger, self._said(3)
        await ledger.record([asked, self._said(4)])
        [work] = await ledger.claim(16, context=20)
        await ledger.context(work.row_id, 20)
        await ledger.postpone(work, self.clock(), "busy")
        due = Due(asked.sent_at, Why.DANGER)
        await self._settled(replace(RECORD, analysis=IN_DANGER, due=due))
        [work] = await ledger.claim(16, [0], context=20)
        await ledger.give_back([work])
        [work] = await ledger.claim(16, context=20)
        await ledger.bury(work, "no agent")
        await ledger.outcome(work.row_id)

    async def _settled(self, record: AnalysisRecord = RECORD) -> None:
        [work] = await self.ledger.claim(16, context=20)
        await self.ledger.analysed(work, record)
        work = replace(work, state=State.ANALYSED, analysis=record.analysis)
        await self.ledger.attempted(work, ANSWERED, State.DISPATCHED)
        await self.ledger.settle(replace(work, state=State.DISPATCHED))

    async def _around(self) -> None:
        """A gap, a photo, a webhook's message, an edit, a reaction, an own answer, a revoke."""
        ledger, one, two = self.ledger, self._said(1).message_id, self._said(2).message_id
        missing = self._said(5, kind=Kind.IMAGE, media=Media("image/jpeg", 9, source=b"there"))
        at = missing.sent_at
        await ledger.notice([Gap(ACCOUNT, missing.message_id, GapReason.UNAVAILABLE, at, CUSTOMER)])
        await ledger.record([missing])
        [file] = await ledger.media().due(ACCOUNT, 10)
        await ledger.media().postpone(file, self.clock(), "busy")
        await ledger.media().end(file, MediaState.FAILED, "gone")
        posted = self._said(6, origin=Origin.WEBHOOK)
        before = HistoryEntry("Ali", "Fren?", at, "text", False)
        await ledger.record_webhook(WebhookMessage(posted, "", (before,), {}))
        own = Jid.parse(f"{ACCOUNT[1:]}@s.whatsapp.net")
        for said in (
            self._said(7, "Fren tutmuyor", kind=Kind.EDIT, target_id=one),
            self._said(8, "👍", kind=Kind.REACTION, target_id="OLD20"),
            self._said(9, "Bakıyoruz", sender=own, from_me=True),
            self._said(10, "", kind=Kind.REVOKE, target_id=two),
        ):
            await ledger.record([said])
        self.clock.forward(3600)
        await self._finished()

    async def _answered(self) -> None:
        """A draft that its owner is told of and approves on WhatsApp, and that is read."""
        other, notice, reply = Jid.parse("905551000001@s.whatsapp.net"), *self._ids()
        await self.ledger.record([self._said(11, "Fren ne kadar?", chat=other)])
        await self._settled()
        outbox, drafts = self.ledger.outbox(), self.ledger.drafts()
        await outbox.abandoned()
        await outbox.lapse()
        draft = (await drafts.open())[-1]
        await self._sent(notice)
        await self.ledger.record([self._said(12, "evet", chat=OWNER, target_id=notice)])
        await drafts.decide(draft.id, OwnerDecision(OwnerVerdict.APPROVE, "test"))
        await self._sent(reply)
        known = (reply, "NOBODYS")
        read = Receipt(ACCOUNT, other, known, ReceiptKind.READ, self.clock())
        await self.ledger.receive([read])

    def _ids(self) -> tuple[str, str]:
        return f"NOTICE{self.first}", f"REPLY{self.first}"

    async def _sent(self, whatsapp_id: str) -> None:
        """Everything that is due, the first one under this id."""
        outbox, number = self.ledger.outbox(), 0
        while (due := await outbox.next_due(ACCOUNT)) is not None:
            claimed = await outbox.claim(due.row_id, b"s" * 32)
            if claimed is not None:
                name = f"{whatsapp_id}-{number}" if number else whatsapp_id
                await outbox.sent(claimed, HandedOver(name, self.clock()))
                number += 1

    async def _escalated(self) -> None:
        self.clock.forward(60)
        await self.ledger.record([self._said(70, "Alo?", sent_at=self.clock())])
        await self._settled(replace(RECORD, due=Due(self.clock(), Why.URGENT)))
        escalations = self.ledger.escalations()
        await escalations.abandoned()
        [one] = await escalations.due(ACCOUNT)
        await escalations.tell_on_whatsapp(one, Level.OWNER, OWNER, "Bekliyor")
        await escalations.under_way(ACCOUNT)
        await escalations.outside(ACCOUNT)
        await escalations.limited(ACCOUNT)

    async def _beside(self) -> None:
        """Events that are brought, second opinions, and the hours' sums."""
        deliveries = self.ledger.deliveries()
        first, second = await deliveries.claim("crm", 2, 60)
        await deliveries.delivered(first)
        await deliveries.postpone(second, self.clock(), "busy")
        await sums_of(self.ledger).fold()
        await self.ledger.second_opinions().wanted(self.clock() - timedelta(hours=12), 10, 20)
