"""Deciding drafts in the store: the first verdict counts, whoever gives it and by whatever way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import EarlierVerdict, Kind, Message
from izer_bridge.domain.message_state import State
from izer_bridge.domain.outbox_state import OutboxKind, OutboxState
from izer_bridge.domain.outgoing import HandedOver
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.replies.decide import ReplyPolicy
from izer_bridge.replies.owner_verdict import Decided, DecisionOutcome, OwnerDecision, OwnerVerdict
from izer_bridge.replies.store.drafts import drafts_at
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING, Clock
from tests.store.messages import ACCOUNT, ANALYSIS, ATTEMPT, NOON, RECORD, message

OWNER = Jid.parse("905550000009@s.whatsapp.net")
OWNERS_LID = Jid.parse("900000000000009@lid")
POLICY = ReplyPolicy(mode=Mode.DRAFT, burst=timedelta(0))
APPROVE, REFUSE = (
    OwnerDecision(verdict, "test") for verdict in (OwnerVerdict.APPROVE, OwnerVerdict.REFUSE)
)
CORRECT = OwnerDecision(OwnerVerdict.CORRECT, "test", "Yarın hazır.")
_OUTBOX = "SELECT * FROM outbox ORDER BY id"


@pytest.fixture
async def ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    screening = replace(SCREENING, replies=replace(POLICY, owner="+905550000009"))
    one = SqlLedger(store_url, screening, "me", clock=clock)
    await one.open()
    yield one
    await one.close()


async def drafted(ledger: SqlLedger, asked: Message) -> int:
    """The id of a draft that answers it; its notice is sent under the id `N` and the draft's."""
    await ledger.record([asked])
    [work] = await ledger.claim(1)
    await ledger.analysed(work, RECORD)
    work = replace(work, state=State.ANALYSED)
    attempt = replace(ATTEMPT, response={"reply": "Bisikletiniz hazır."})
    await ledger.attempted(work, attempt, State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))
    outbox = ledger.outbox()
    notice = await outbox.next_due(ACCOUNT)
    assert notice is not None
    claimed = await outbox.claim(notice.row_id, b"s" * 32)
    assert claimed is not None
    draft_id = (await ledger.drafts().open())[-1].id
    assert claimed.chat == OWNER
    assert "Önerilen yanıt:\nBisikletiniz hazır." in claimed.text
    await outbox.sent(claimed, HandedOver(f"N{draft_id}", asked.sent_at))
    return draft_id


def owners(number: int, text: str, quoted: str | None = None, **fields: Any) -> Message:
    values = {"chat": OWNERS_LID, "chat_alt": OWNER, "sender_alt": OWNER, "target_id": quoted}
    return message(number, text, **(values | fields))


async def states(stored: Store) -> list[str]:
    rows = await stored.rows(_OUTBOX)
    return [row.state for row in rows if row.kind == "reply"]


async def notes(stored: Store) -> list[str]:
    rows = await stored.rows(_OUTBOX)
    return [row.proposed_text for row in rows if row.purpose.startswith("decision:")]


@pytest.mark.parametrize(
    ("first", "second", "outcome"),
    [
        (APPROVE, APPROVE, DecisionOutcome.ALREADY),
        (APPROVE, REFUSE, DecisionOutcome.OTHERWISE),
        (CORRECT, CORRECT, DecisionOutcome.ALREADY),
        (CORRECT, APPROVE, DecisionOutcome.OTHERWISE),
        (REFUSE, CORRECT, DecisionOutcome.OTHERWISE),
    ],
)
async def test_the_first_word_counts(
    ledger: SqlLedger,
    stored: Store,
    first: OwnerDecision,
    second: OwnerDecision,
    outcome: DecisionOutcome,
) -> None:
    draft_id, drafts = await drafted(ledger, message(1)), ledger.drafts()
    refuses = first.verdict is OwnerVerdict.REFUSE
    now = OutboxState.REFUSED if refuses else OutboxState.APPROVED
    assert await drafts.decide(draft_id, first) == Decided(DecisionOutcome.DONE, now)
    assert await drafts.decide(draft_id, second) == Decided(outcome, now)
    draft = await drafts.get(draft_id)
    assert (draft.state, draft.decided_by, draft.corrected) == (now, "test", first.text)
    assert await drafts.open() == []


async def test_of_many_who_decide_at_once_one_does(ledger: SqlLedger, store_url: str) -> None:
    draft_id = await drafted(ledger, message(1))
    # Commands use the real clock, by which this day is over.
    await Store(store_url).execute("UPDATE outbox SET expires_at = NULL")
    words = [APPROVE, REFUSE, CORRECT] * 4

    async def decided(word: OwnerDecision) -> Decided:
        async with drafts_at(store_url) as drafts:
            return await drafts.decide(draft_id, word)

    # Each on a separate connection, as a bridge and commands beside it have.
    came_of = await asyncio.gather(*map(decided, words))
    assert [one.outcome for one in came_of].count(DecisionOutcome.DONE) == 1
    assert [one.outcome for one in came_of].count(DecisionOutcome.ALREADY) == 3


async def test_a_draft_that_is_over_is_not_sent(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    drafts = ledger.drafts()
    late = await drafted(ledger, message(1))
    clock.forward(13 * 3600)
    assert await drafts.open() == []
    over = Decided(DecisionOutcome.OTHERWISE, OutboxState.LAPSED, "it waited too long")
    assert await drafts.decide(late, CORRECT) == over
    assert await states(stored) == ["lapsed"]
    for row_id in (0, 999, late + 1):
        with pytest.raises(LookupError):
            await drafts.decide(row_id, APPROVE)


async def test_the_next_answer_renews_the_draft_and_the_older_notice_sends_nothing(
    ledger: SqlLedger, stored: Store
) -> None:
    first = await drafted(ledger, message(1))
    second = await drafted(ledger, message(2))
    third = await drafted(ledger, message(3))
    assert await states(stored) == ["renewed", "renewed", "draft"]
    assert [one.id for one in await ledger.drafts().open()] == [third]
    for renewed in (first, second):
        decided = await ledger.drafts().decide(renewed, CORRECT)
        assert decided.outcome is DecisionOutcome.OTHERWISE
        assert (decided.state, decided.renewed_as) == (OutboxState.RENEWED, third)
    await ledger.record([owners(5, "1", f"N{first}"), owners(6, "0", f"N{second}")])
    assert await states(stored) == ["renewed", "renewed", "draft"]
    assert await notes(stored) == [
        f"Müşteri yeniden yazdı: artık Taslak {old} değil, Taslak {third} geçerli. "
        "Gönderilmedi; lütfen yeni taslağın mesajını yanıtlayın."
        for old in (first, second)
    ]
    await ledger.record([owners(7, "1", f"N{third}")])
    assert await states(stored) == ["renewed", "renewed", "approved"]


async def test_until_it_is_renewed_a_draft_that_is_overtaken_is_neither_sent_nor_lost(
    ledger: SqlLedger, stored: Store
) -> None:
    draft_id = await drafted(ledger, message(1))
    await ledger.record([message(2, "Pardon, yarın")])
    await ledger.record([owners(5, "1", f"N{draft_id}")])
    assert await states(stored) == ["draft"]
    said = f"Müşteri bu arada yeniden yazdı; Taslak {draft_id} yenileniyor. Gönderilmedi."
    assert await notes(stored) == [said]


@pytest.mark.parametrize(
    "response", [{"reply": None}, {"needs_human": True}, {"reply": "<b>x</b>"}]
)
async def test_what_gets_no_answer_of_its_own_leaves_the_draft_to_be_decided(
    ledger: SqlLedger, stored: Store, response: dict[str, Any]
) -> None:
    draft_id = await drafted(ledger, message(1))
    await settled(ledger, message(2, "Teşekkürler"), response)
    decided = await ledger.drafts().decide(draft_id, APPROVE)
    assert decided == Decided(DecisionOutcome.DONE, OutboxState.APPROVED)
    claimed = await ledger.outbox().claim(draft_id, b"t" * 32)
    assert claimed is not None


async def test_a_one_without_a_quote_sends_no_draft_whose_notice_has_not_come(
    ledger: SqlLedger, stored: Store
) -> None:
    await drafted(ledger, message(1))
    await settled(ledger, message(2, "Bir de kask"), {"reply": "Bakıyoruz.", "confidence": 0.9})
    await ledger.record([owners(5, "1")])
    assert await states(stored) == ["renewed", "draft"]
    assert (await notes(stored))[0].startswith("Hangi taslak?")


@pytest.mark.parametrize("verdict", [REFUSE, APPROVE, None])
async def test_who_was_refused_or_answered_is_not_drafted_again(
    ledger: SqlLedger, verdict: OwnerDecision | None
) -> None:
    draft_id = await drafted(ledger, message(1, "İki kask alsak?"))
    if verdict is not None:
        await ledger.drafts().decide(draft_id, verdict)
    if verdict is APPROVE:
        outbox = ledger.outbox()
        claimed = await outbox.claim(draft_id, b"t" * 32)
        assert claimed is not None
        await outbox.sent(claimed, HandedOver("R1", NOON + timedelta(seconds=3)))
    await ledger.record([message(9, "Kaçta kapatıyorsunuz?")])
    [work] = await ledger.claim(1, context=20)
    asked = next(one for one in work.history if not one.from_me)
    assert asked.is_open is (verdict is None)
    assert asked.verdict == EarlierVerdict(
        str(ANALYSIS.category), ANALYSIS.urgency_score, "business_workflow"
    )


async def test_a_decision_is_confirmed_once_and_as_long_as_it_can_be_sent(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    draft_id = await drafted(ledger, message(1))
    for _ in range(2):
        await ledger.record([owners(5, "0", f"N{draft_id}")])
    assert await notes(stored) == [f"✓ Taslak {draft_id} iptal edildi, gönderilmeyecek."]
    clock.forward(11 * 60)
    await ledger.outbox().lapse()
    rows = await stored.rows(_OUTBOX)
    assert [row.state for row in rows if row.purpose.startswith("decision:")] == ["lapsed"]
    again = await drafted(ledger, message(6))
    await ledger.outbox().open_breaker(ACCOUNT, clock.now + timedelta(hours=1), "429")
    await ledger.record([owners(7, "1", f"N{again}")])
    assert len(await notes(stored)) == 1
    assert (await states(stored))[-1] == "approved"


async def test_a_one_too_many_sends_no_other_draft(ledger: SqlLedger, stored: Store) -> None:
    first = await drafted(ledger, message(1))
    other = Jid.parse("905550000077@s.whatsapp.net")
    await drafted(ledger, message(2, "Frenim?", chat=other))
    await ledger.record([owners(5, "1", f"N{first}")])
    outbox = ledger.outbox()
    claimed = None
    while claimed is None or claimed.kind is not OutboxKind.NOTICE:
        due = await outbox.next_due(ACCOUNT)
        assert due is not None
        claimed = await outbox.claim(due.row_id, b"u" * 32)
        assert claimed is not None
        handed = HandedOver(f"C{due.row_id}", NOON + timedelta(seconds=6))
        await outbox.sent(claimed, handed)
    assert claimed.text == f"✓ Taslak {first} onaylandı, gönderiliyor."
    await ledger.record([owners(7, "1")])
    assert await states(stored) == ["sent", "draft"]
    assert (await notes(stored))[-1].startswith("Hangi taslak?")


@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.REVOKE])
async def test_a_draft_lapses_when_its_message_is_changed(
    ledger: SqlLedger, stored: Store, kind: Kind
) -> None:
    first, other = message(1), message(2, "Frenim?", chat=OWNERS_LID)
    await drafted(ledger, first)
    await drafted(ledger, other)
    await ledger.record([message(3, "Merhabalar", kind=kind, target_id=first.message_id)])
    assert await states(stored) == ["lapsed", "draft"]


async def test_what_may_not_be_sent_leaves_the_draft_open(ledger: SqlLedger) -> None:
    draft_id, drafts = await drafted(ledger, message(1)), ledger.drafts()
    for text in ("", "  ", "x" * 5000, "<b>evet</b>", "a\x07"):
        with pytest.raises(ValueError, match="the text"):
            await drafts.decide(draft_id, OwnerDecision(OwnerVerdict.CORRECT, "test", text))
    [draft] = await drafts.open()
    assert (draft.asked, draft.chat_name, draft.agent) == ("Merhaba", "Ayşe", "business_workflow")


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (owners(5, "1", "N1"), "approved"),
        (owners(5, "1"), "approved"),
        (owners(5, "👍🏽", "N1", kind=Kind.REACTION), "approved"),
        (owners(5, "Tamam, gönder!", "N1"), "approved"),
        (owners(5, "0", "N1"), "refused"),
        (owners(5, "1", "N1", chat=OWNER, chat_alt=None, sender_alt=None), "approved"),
    ],
)
async def test_the_owners_word_is_carried_out_once_with_its_recording(
    ledger: SqlLedger, stored: Store, said: Message, state: str
) -> None:
    assert await drafted(ledger, message(1)) == 1
    for _ in range(2):
        await ledger.record([said])
    assert await states(stored) == [state]
    [confirmed] = await notes(stored)
    assert confirmed.startswith("✓ Taslak 1 ")
    row = (await stored.messages())[-1]
    assert (row.state, row.skip_reason) == ("skipped", "decision")
    assert not await ledger.claim(10)


@pytest.mark.parametrize(
    "said",
    [
        message(5, "1", chat=Jid.parse("905550000008@s.whatsapp.net"), target_id="N1"),
        message(5, "1", chat=Jid.parse("120363000000000042@g.us"), sender=OWNER, target_id="N1"),
        owners(
            5,
            "1",
            "N1",
            from_me=True,
            sender=Jid(ACCOUNT[1:], "s.whatsapp.net"),
            sender_alt=None,
        ),
        owners(5, "❤️", "N1", kind=Kind.REACTION),
        owners(5, "Kaç lira?"),
        owners(5, "Tamam"),
    ],
)
async def test_nothing_else_decides(ledger: SqlLedger, stored: Store, said: Message) -> None:
    await drafted(ledger, message(1))
    await ledger.record([said])
    assert await states(stored) == ["draft"]
    assert await notes(stored) == []
    assert (await stored.messages())[-1].skip_reason != "decision"


async def settled(ledger: SqlLedger, asked: Message, response: dict[str, Any]) -> None:
    await ledger.record([asked])
    [work] = await ledger.claim(1)
    await ledger.analysed(work, RECORD)
    work = replace(work, state=State.ANALYSED)
    await ledger.attempted(work, replace(ATTEMPT, response=response), State.DISPATCHED)
    await ledger.settle(replace(work, state=State.DISPATCHED))


async def test_the_owner_is_told_of_what_an_agent_leaves_to_a_person(
    ledger: SqlLedger, stored: Store
) -> None:
    await settled(ledger, message(1, "Avukatım arayacak"), {"needs_human": True})
    [notice] = await stored.rows(_OUTBOX)
    assert (notice.kind, notice.chat_jid, notice.about_id) == ("notice", str(OWNER), None)
    assert "Müşteri: «Avukatım arayacak»" in notice.proposed_text
    await settled(ledger, message(2, "Merhaba"), {"needs_human": False})
    await ledger.record([message(9, "Buyurun", from_me=True)])
    await settled(ledger, message(10, "Bir de fatura"), {"needs_human": True})
    assert len(await stored.rows(_OUTBOX)) == 1, "a person is in the chat"


async def test_the_owner_is_told_of_what_no_agent_has_seen_or_heard(
    ledger: SqlLedger, stored: Store
) -> None:
    """An agent's answer to a call, or to phone-only content, is not proposed."""
    call = message(1, "[cevapsız sesli arama]", kind=Kind.CALL)
    await settled(ledger, call, {"reply": "Bilmiyorum", "confidence": 0.9})
    [notice] = await stored.rows(_OUTBOX)
    assert (notice.kind, notice.chat_jid) == ("notice", str(OWNER))
    assert "cevapsız sesli arama" in notice.proposed_text


async def test_an_approved_reply_is_a_persons_answer(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    """The owner has seen the customer; nobody needs to be notified any longer."""
    await drafted(ledger, message(1))
    await stored.execute(
        "INSERT INTO escalations (webhook_message_id, account, why, state, since, next_at)"
        " VALUES (1, :account, 'vip', 'open', '2026-03-01 12:00:01', '2026-03-01 12:00:01')",
        account=ACCOUNT,
    )
    clock.forward(60)
    assert len(await ledger.escalations().due(ACCOUNT)) == 1
    await ledger.drafts().decide(1, APPROVE)
    outbox = ledger.outbox()
    claimed = await outbox.claim(1, b"t" * 32)
    assert claimed is not None
    await outbox.sent(claimed, HandedOver("R1", NOON + timedelta(seconds=60)))
    assert await ledger.escalations().due(ACCOUNT) == []
    [row] = await stored.rows("SELECT state FROM escalations")
    assert row.state == "answered"
