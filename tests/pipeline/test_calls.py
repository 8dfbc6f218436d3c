"""All signs of one call are one row, in whatever order and however often they arrive."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from izer_bridge.domain.call import CallSign
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.end_to_end.stored import Store
from tests.store.ledgers import Clock
from tests.store.messages import GROUP, LID, NUMBER, in_group, message


def rings(clock: Clock) -> Message:
    settles_at = clock() + timedelta(seconds=30)
    return ringing(settles_at=settles_at)


OVER = message(1, "[cevapsız sesli arama]", kind=Kind.CALL, call=CallSign(is_entry=False))
TAKEN = message(1, "[cevaplanan arama]", kind=Kind.PROTOCOL, call=CallSign(is_entry=False))


def ringing(number: int = 1, *, is_video: bool = False, **fields: Any) -> Message:
    sign = CallSign(is_entry=False, is_video=is_video, is_beginning=True)
    return message(number, "[cevapsız sesli arama]", kind=Kind.CALL, call=sign, **fields)


def missed(number: int, *, is_video: bool = False, **fields: Any) -> Message:
    """Its entry in the chat's log."""
    sign = CallSign(is_entry=True, is_video=is_video)
    return message(number, "[cevapsız sesli arama]", kind=Kind.CALL, call=sign, **fields)


def spoken(number: int, seconds: int, **fields: Any) -> Message:
    sign = CallSign(is_entry=True, is_video=False, seconds=seconds)
    return message(number, "[sesli arama: 3:12]", kind=Kind.PROTOCOL, call=sign, **fields)


async def recorded(ledger: SqlLedger, signs: Sequence[Message], *, at_once: bool) -> None:
    for batch in [signs] if at_once else [[sign] for sign in signs]:
        await ledger.record(batch)


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_a_call_that_was_taken_is_worked_by_nobody(
    ledger: SqlLedger, stored: Store, clock: Clock, order: tuple[int, ...], at_once: bool
) -> None:
    """Its end comes last, with nothing that says that it was taken."""
    signs = (rings(clock), TAKEN, OVER)
    await recorded(ledger, [signs[one] for one in order], at_once=at_once)
    [row] = await stored.messages()
    assert (row.kind, row.state, row.skip_reason) == ("protocol", "skipped", "protocol")


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_call_that_nobody_took_waits_no_longer_than_it_rings(
    ledger: SqlLedger, stored: Store, clock: Clock, at_once: bool
) -> None:
    await ledger.record([rings(clock)])
    assert not await ledger.claim(1)
    await recorded(ledger, [rings(clock), OVER], at_once=at_once)
    [work] = await ledger.claim(1)
    assert work.message.kind is Kind.CALL
    assert len(await stored.messages()) == 1


async def test_nobody_needs_to_say_that_it_is_over(ledger: SqlLedger, clock: Clock) -> None:
    await ledger.record([rings(clock)])
    clock.forward(31)
    assert len(await ledger.claim(1)) == 1


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_a_call_and_its_entry_in_the_log_are_one_row(
    ledger: SqlLedger, stored: Store, order: tuple[int, ...], at_once: bool
) -> None:
    """By number or LID, and however often; with the entry there is no need to wait for its end."""
    by_lid: dict[str, Any] = {"chat": LID, "chat_alt": NUMBER, "sender": LID, "sender_alt": NUMBER}
    signs = (ringing(), OVER, missed(9, **by_lid))
    told = [signs[one] for one in order]
    await recorded(ledger, [*told, *told], at_once=at_once)
    [row] = await stored.messages()
    assert (row.kind, row.current_message) == ("call", "[cevapsız sesli arama]")
    assert len(await ledger.claim(9)) == 1


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("later", [0, 190])
async def test_a_call_that_people_spoke_in_is_worked_by_nobody_by_whichever_sign(
    ledger: SqlLedger, stored: Store, order: tuple[int, ...], later: int
) -> None:
    """Its entry has the time of its begin or of its end."""
    signs = (ringing(), TAKEN, spoken(1 + later, 192, message_id="3EB0ENTRY"))
    for sign in [signs[one] for one in order]:
        await ledger.record([sign])
    [row] = await stored.messages()
    assert (row.kind, row.state) == ("protocol", "skipped")
    assert not await ledger.claim(9)


async def test_the_next_call_is_a_row_of_its_own(ledger: SqlLedger, stored: Store) -> None:
    """Two calls within a minute have one entry each; a third entry is a separate row."""
    await ledger.record([ringing(), ringing(50), missed(11, sent_at=ringing().sent_at)])
    await ledger.record([missed(61, sent_at=ringing(50).sent_at)])
    await ledger.record([ringing(90), missed(11), missed(61)])
    assert [row.message_id for row in await stored.messages()] == [
        "3EB0000001",
        "3EB0000050",
        "3EB0000090",
    ]


@pytest.mark.parametrize(
    "other",
    [
        missed(9, is_video=True),
        missed(400),
        missed(9, from_me=True),
        in_group(9, "[cevapsız sesli arama]", kind=Kind.CALL, call=missed(9).call),
        message(9, "[cevapsız arama]", kind=Kind.CALL),
    ],
    ids=["video", "later", "own", "group", "unknown"],
)
async def test_what_may_be_another_call_is_not_lost(
    ledger: SqlLedger, stored: Store, other: Message
) -> None:
    await ledger.record([ringing(), other])
    await ledger.record([other, ringing()])
    assert len(await stored.messages()) == 2


async def test_what_history_says_of_a_call_that_is_known_is_the_same_call(
    ledger: SqlLedger, stored: Store
) -> None:
    history: dict[str, Any] = {"origin": Origin.HISTORY}
    await ledger.record([ringing(), missed(9, **history)])
    await ledger.record([spoken(800, 192, **history), ringing(801)])
    rows = await stored.messages()
    assert [(row.kind, row.state) for row in rows] == [
        ("call", "recorded"),
        ("protocol", "skipped"),
    ]


async def test_an_entry_under_the_calls_own_id_is_the_same_row(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([ringing(), missed(600, message_id=ringing().message_id)])
    assert len(await stored.messages()) == 1


async def test_a_groups_call_is_joined_there(ledger: SqlLedger, stored: Store) -> None:
    both = [
        in_group(one.sent_at.second, one.text, kind=Kind.CALL, call=one.call)
        for one in (ringing(), missed(9))
    ]
    await ledger.record(both)
    [row] = await stored.messages()
    assert row.chat_jid == str(GROUP)
