"""A sender chooses a message's id: nobody hides, changes or answers another's by it."""

from typing import Any

import pytest

from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.pipeline.store.gaps import Gaps
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.upkeep.store.verify import Verification
from tests.end_to_end.stored import Store
from tests.store.messages import ACCOUNT, GROUP, LID, NOON, NUMBER, in_group, message

OWN = Jid.parse("905550000001@s.whatsapp.net")
ALI: dict[str, Any] = {
    "sender": Jid.parse("100000000000077@lid"),
    "sender_alt": None,
    "sender_name": "Ali",
}


def shops(number: int, text: str = "Hazır", **fields: Any) -> Any:
    return message(number, text, sender=OWN, from_me=True, **fields)


async def texts(stored: Store) -> list[tuple[str, bool]]:
    return [(row.current_message, bool(row.from_me)) for row in await stored.messages()]


@pytest.mark.attack("a customer writes under the id of one of the shop's messages")
@pytest.mark.parametrize("origin", [Origin.LIVE, Origin.SENT])
async def test_a_customer_under_the_shops_id_has_a_row(
    ledger: SqlLedger, stored: Store, origin: Origin
) -> None:
    await ledger.record([shops(1, origin=origin)])
    await ledger.record([message(1, "Fren tutmuyor", media=Media("image/jpeg", 9))])
    assert await texts(stored) == [("Hazır", True), ("Fren tutmuyor", False)]
    assert [one.message.text for one in await ledger.claim(5)] == ["Fren tutmuyor"]


@pytest.mark.attack("a customer takes an id before the shop's message has it")
async def test_the_shops_message_under_a_customers_id_has_a_row(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, "Merhaba"), shops(1)])
    assert await texts(stored) == [("Merhaba", False), ("Hazır", True)]


@pytest.mark.attack("two members of a group use one id")
@pytest.mark.parametrize("is_one_batch", [True, False])
async def test_two_members_with_one_id_have_their_rows(
    ledger: SqlLedger, stored: Store, is_one_batch: bool
) -> None:
    """Even if the first of them has sent only keys yet."""
    said = [
        in_group(1, "", kind=Kind.PROTOCOL),
        in_group(1, "Benim", **ALI),
        in_group(1, "Toplantı"),
        in_group(1, "Benim", **ALI),
    ]
    for batch in [said] if is_one_batch else [[one] for one in said]:
        await ledger.record(batch)
    assert sorted(await texts(stored)) == [("Benim", False), ("Toplantı", False)]


async def test_history_then_live_of_each_writer(ledger: SqlLedger, stored: Store) -> None:
    old = [shops(1, origin=Origin.HISTORY), message(1, "Fren", origin=Origin.HISTORY)]
    await ledger.record(old)
    await ledger.record([message(1, "Fren")])
    rows = await stored.messages()
    assert [(row.from_me, row.origin) for row in rows] == [(True, "history"), (False, "live")]
    await ledger.record([message(1, "Fren"), shops(1)])
    assert len(await stored.messages()) == 2


async def test_the_shops_devices_are_one_writer(ledger: SqlLedger, stored: Store) -> None:
    own_lid = Jid.parse("100000000000001@lid")
    await ledger.record([shops(1), message(1, "Hazır", sender=own_lid, from_me=True)])
    assert len(await stored.messages()) == 1


async def test_one_person_by_number_and_by_lid_is_one_writer(
    ledger: SqlLedger, stored: Store
) -> None:
    """A message recorded of both addresses before that was known stays once."""
    await ledger.record([in_group(1, sender=NUMBER, sender_alt=None)])
    await ledger.record([in_group(1, sender=LID, sender_alt=None)])
    await ledger.record([in_group(2)])
    assert [row.message_id for row in await stored.messages()] == ["3EB0000001", "3EB0000002"]


@pytest.mark.attack("a customer edits the shop's message by its id")
@pytest.mark.parametrize("kind", [Kind.EDIT, Kind.REVOKE])
async def test_each_changes_what_is_theirs(ledger: SqlLedger, stored: Store, kind: Kind) -> None:
    await ledger.record([shops(1), message(1, "Merhaba")])
    await ledger.record([message(2, "Yeni", kind=kind, target_id="3EB0000001")])
    rows = await stored.rows("SELECT from_me, edited_text, revoked_at FROM webhook_messages")
    changed = [bool(row.from_me) for row in rows if row.edited_text or row.revoked_at]
    assert changed == [False]


async def test_an_edit_that_came_first_waits_for_its_writers_message(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(2, "Yeni", kind=Kind.EDIT, target_id="3EB0000001")])
    await ledger.record([message(1, "Merhaba"), shops(1)])
    rows = await stored.rows("SELECT from_me, edited_text FROM webhook_messages ORDER BY id")
    assert [(bool(row.from_me), row.edited_text) for row in rows if row.edited_text] == [
        (False, "Yeni")
    ]


@pytest.mark.attack("a quotation of an id that two have used")
async def test_a_quotation_of_a_shared_id_is_worked(ledger: SqlLedger) -> None:
    await ledger.record([shops(1), message(1, "Merhaba", origin=Origin.HISTORY)])
    await ledger.record([message(2, "Bu", target_id="3EB0000001")])
    [work] = await ledger.claim(5)
    assert work.message.context.quoted is not None


@pytest.mark.attack("a known id hides that another's message is missing")
async def test_another_writers_row_settles_no_gap(ledger: SqlLedger, store_url: str) -> None:
    await ledger.record([shops(1), in_group(2, **ALI)])
    missing = [
        Gap(ACCOUNT, "3EB0000001", GapReason.UNDECRYPTABLE, NOON, LID, LID),
        Gap(ACCOUNT, "3EB0000002", GapReason.UNDECRYPTABLE, NOON, GROUP, LID),
    ]
    assert len(await ledger.notice(missing)) == 2
    assert not await ledger.notice(missing)
    await ledger.record([in_group(2, "yine", **ALI), shops(1)])
    async with Gaps(store_url) as gaps:
        assert len(await gaps.list()) == 2
        await ledger.record([message(1, chat=LID, chat_alt=NUMBER, sender_alt=NUMBER)])
        assert [one.message_id for one in await gaps.list()] == ["3EB0000002"]
        await ledger.record([in_group(2)])
        assert not await gaps.list()


async def test_a_gap_that_one_of_two_has_is_no_other_ones(ledger: SqlLedger) -> None:
    first = Gap(ACCOUNT, "3EB0000001", GapReason.UNDECRYPTABLE, NOON, GROUP, LID)
    other = Gap(ACCOUNT, "3EB0000001", GapReason.UNDECRYPTABLE, NOON, GROUP, ALI["sender"])
    assert len(await ledger.notice([first, other])) == 2
    await ledger.record([in_group(1, **ALI)])
    assert await ledger.open_gaps() == 1


async def test_verify_tells_a_shared_id_from_a_changed_row(
    ledger: SqlLedger, stored: Store, store_url: str
) -> None:
    await ledger.record([shops(1), message(1, "Merhaba"), message(2)])
    await ledger.record([in_group(3, ""), in_group(3, "iki", **ALI), in_group(4)])

    async def problems() -> list[Any]:
        async with Verification(store_url) as verification:
            return [one async for one in verification.problems(lambda _: None)]

    assert not await problems()
    await stored.execute("UPDATE webhook_messages SET current_message = 'x' WHERE from_me")
    assert len(await problems()) == 1
