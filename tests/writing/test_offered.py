"""Offered drafts on both stores and over HTTP: a person decides each, and nothing else is sent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Origin
from izer_bridge.domain.outgoing import Outgoing
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from izer_bridge.replies.decide import QuietHours, ReplyPolicy
from izer_bridge.replies.owner_verdict import OwnerDecision, OwnerVerdict
from izer_bridge.writing.errors import NotAllowedError, NotTheSameError
from izer_bridge.writing.offer_api import OfferOperations
from izer_bridge.writing.store.offered import OfferedReply, SqlOffering
from tests.conversations.shop import customer
from tests.end_to_end.stored import Store
from tests.replies.test_outbox import answered
from tests.store.ledgers import Clock
from tests.store.messages import ACCOUNT, IN_DANGER, RECORD, message
from tests.store.whole_way import OWNER
from tests.web.operations import serving

POLICY = ReplyPolicy(mode=Mode.DRAFT, quiet=QuietHours(zone=UTC))
OFFER = OfferedReply(1, "Cuma hazır olur.", "fiyat listesi", "Asistan", "key-1")


@pytest.fixture
async def ledger(store_url: str, clock: Clock) -> AsyncIterator[SqlLedger]:
    screening = Screening(ImportanceRules.of([], []), False, POLICY)
    one = SqlLedger(store_url, screening, "me", lease_seconds=60, clock=clock)
    await one.open()
    yield one
    await one.close()


@pytest.fixture
def offering(ledger: SqlLedger) -> SqlOffering:
    return SqlOffering(ledger.store, ledger.clock, POLICY)


async def outbox(stored: Store) -> list[Any]:
    return await stored.rows("SELECT * FROM outbox ORDER BY id")


async def test_it_waits_as_a_draft_until_a_person_approves(
    ledger: SqlLedger, offering: SqlOffering, stored: Store
) -> None:
    await ledger.record([message(1, "Ne zaman hazır?")])
    row_id = await offering.offer(OFFER)
    [draft] = await ledger.drafts().open()
    assert (draft.id, draft.text, draft.asked) == (row_id, OFFER.text, "Ne zaman hazır?")
    assert (draft.agent, draft.reason) == ("Asistan", "offered by Asistan: fiyat listesi")
    assert await ledger.outbox().next_due(ACCOUNT) is None
    await ledger.drafts().decide(row_id, OwnerDecision(OwnerVerdict.APPROVE, "Elif"))
    [row] = await outbox(stored)
    assert (row.state, row.decided_by, row.quoted_id) == ("approved", "Elif", "3EB0000001")
    assert await ledger.outbox().next_due(ACCOUNT) is not None


async def test_the_same_request_offers_once(
    ledger: SqlLedger, offering: SqlOffering, stored: Store
) -> None:
    await ledger.record([message(1)])
    assert await offering.offer(OFFER) == await offering.offer(OFFER)
    with pytest.raises(NotTheSameError):
        await offering.offer(replace(OFFER, text="Yarın."))
    assert len(await outbox(stored)) == 1


async def test_it_replaces_the_agents_draft_and_earlier_offers(
    ledger: SqlLedger, offering: SqlOffering, stored: Store
) -> None:
    await answered(ledger, message(1))
    second = await offering.offer(OFFER)
    third = await offering.offer(replace(OFFER, key="key-2", text="Yarın."))
    states = [(row.id, row.state, row.about_id) for row in await outbox(stored)]
    assert states == [(1, "renewed", second), (second, "renewed", third), (third, "draft", None)]


async def test_what_a_person_has_decided_stays(
    ledger: SqlLedger, offering: SqlOffering, stored: Store
) -> None:
    await ledger.record([message(1)])
    first = await offering.offer(OFFER)
    await ledger.drafts().decide(first, OwnerDecision(OwnerVerdict.REFUSE, "Elif"))
    await offering.offer(replace(OFFER, key="key-2"))
    assert [row.state for row in await outbox(stored)] == ["refused", "draft"]


async def test_a_danger_is_warned_of_first(ledger: SqlLedger, offering: SqlOffering) -> None:
    await ledger.record([message(1, "Fren patladı, yaralıyım!")])
    [work] = await ledger.claim(1)
    await ledger.analysed(work, replace(RECORD, analysis=IN_DANGER))
    await offering.offer(OFFER)
    [draft] = await ledger.drafts().open()
    assert "112" in draft.text
    assert draft.text.endswith(OFFER.text)
    assert draft.text != OFFER.text


async def test_the_owner_is_told_on_whatsapp_of_the_last_one_and_may_approve_it_there(
    ledger: SqlLedger, clock: Clock
) -> None:
    policy = replace(POLICY, owner=f"+{OWNER.user}")
    offering = SqlOffering(ledger.store, ledger.clock, policy)
    await ledger.record([message(1, "Ne zaman hazır?", sender_name="Ayşe")])
    await offering.offer(OFFER)
    second = await offering.offer(replace(OFFER, key="key-2", text="Yarın hazır olur."))
    assert await ledger.outbox().next_due(ACCOUNT) is None
    clock.forward(policy.burst.total_seconds())
    [told] = await claimed(ledger)
    assert told.chat == OWNER
    for part in (f"Taslak {second}: +905551112233 «Ayşe»", "«Ne zaman hazır?»", "Yarın hazır"):
        assert part in told.text


async def claimed(ledger: SqlLedger) -> list[Outgoing]:
    """What is sent of all that is due."""
    found: list[Outgoing] = []
    while (due := await ledger.outbox().next_due(ACCOUNT)) is not None:
        sent = await ledger.outbox().claim(due.row_id, b"s" * 32)
        found += [sent] if sent is not None else []
    return found


async def test_an_offer_beside_a_danger_is_told_at_once(ledger: SqlLedger, stored: Store) -> None:
    policy = replace(POLICY, owner=f"+{OWNER.user}")
    await ledger.record([message(1, "Fren patladı, yaralıyım!")])
    [work] = await ledger.claim(1)
    await ledger.analysed(work, replace(RECORD, analysis=IN_DANGER))
    await SqlOffering(ledger.store, ledger.clock, policy).offer(OFFER)
    [told] = await claimed(ledger)
    assert "ACİL taslak" in told.text


async def refused(offering: SqlOffering, **changes: Any) -> str:
    with pytest.raises(NotAllowedError) as error:
        await offering.offer(replace(OFFER, **changes))
    return str(error.value)


async def test_whom_a_person_has_answered_nobody_is_offered_more(
    ledger: SqlLedger, offering: SqlOffering, clock: Clock
) -> None:
    await ledger.record([message(1), message(300, "Cuma.", from_me=True)])
    assert await refused(offering) == "the chat is paused: a person answers there"
    clock.forward(2 * 3_600)
    assert await refused(offering) == "a person has answered"


async def test_where_only_the_shop_or_history_has_written_nothing_is_offered(
    ledger: SqlLedger, offering: SqlOffering, stored: Store
) -> None:
    await ledger.record([message(1, from_me=True), message(2, origin=Origin.HISTORY)])
    assert "no customer has written" in await refused(offering)
    with pytest.raises(LookupError, match="no chat 4711"):
        await offering.offer(replace(OFFER, chat_id=4711))
    with pytest.raises(ValueError, match="HTML"):
        await offering.offer(replace(OFFER, text="<b>Cuma</b>"))
    assert await outbox(stored) == []


async def test_a_program_that_runs_away_is_held_as_replies_are(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    policy = replace(POLICY, per_chat_per_hour=2, per_hour=3)
    offering = SqlOffering(ledger.store, ledger.clock, policy)
    await ledger.record([message(1), message(2, **customer(1)), message(3, **customer(2))])
    offers = [
        replace(OFFER, chat_id=chat, key=f"key-{chat}-{n}") for chat in (1, 2) for n in (1, 2)
    ]
    for one in offers[:2]:
        await offering.offer(one)
    assert await refused(offering, key="more") == (
        "enough drafts in this chat this hour (reply.per_chat_per_hour)"
    )
    # The same request is the same draft, and none more.
    await offering.offer(offers[0])
    await offering.offer(offers[2])
    assert (
        await refused(offering, chat_id=3, key="more") == "enough drafts this hour (reply.per_hour)"
    )
    assert len(await outbox(stored)) == 3
    clock.forward(3_600)
    await offering.offer(offers[3])


async def test_while_replies_are_off_there_are_no_drafts(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(1)])
    off = SqlOffering(ledger.store, ledger.clock, ReplyPolicy())
    assert "reply.mode is off" in await refused(off)
    assert await outbox(stored) == []


async def test_it_lapses_as_other_drafts_do(
    ledger: SqlLedger, offering: SqlOffering, clock: Clock
) -> None:
    await ledger.record([message(1)])
    clock.forward(3 * 86_400)
    await offering.offer(OFFER)
    assert len(await ledger.drafts().open()) == 1
    clock.forward(POLICY.draft_lasts.total_seconds() + 1)
    assert await ledger.drafts().open() == []


async def test_over_http_it_has_the_name_of_whose_token_it_was(
    ledger: SqlLedger, offering: SqlOffering
) -> None:
    await ledger.record([message(1)])
    path, key = "/v1/conversations/1/drafts", {"Idempotency-Key": "a"}
    async with serving(OfferOperations(offering).all()) as api:
        body = {"text": OFFER.text, "why": "stokta var"}
        first = await api.request("POST", path, json=body, headers=key)
        assert first.status == 201
        assert (await api.request("POST", path, json=body, headers=key)).json == first.json
        wrong = await api.request("POST", path, json={"text": "x", "send": True})
        assert (wrong.status, wrong.fields) == (422, ["send"])
        missing = await api.request("POST", "/v1/conversations/9/drafts", json={"text": "x"})
        assert missing.status == 404
    [draft] = await ledger.drafts().open()
    assert (draft.id, draft.agent) == (first.json["draft_id"], "HTTP")
