"""All that is said of one call is one row, in whatever order and however often it is said."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest

from izer_bridge.model.message import Kind, Message
from izer_bridge.store.ledger import SqlLedger
from tests.daemon.stored import Store
from tests.store.conftest import Clock
from tests.store.messages import message


def rings(clock: Clock) -> Message:
    settles_at = clock() + timedelta(seconds=30)
    return message(1, "[cevapsız sesli arama]", kind=Kind.CALL, settles_at=settles_at)


OVER = message(1, "[cevapsız sesli arama]", kind=Kind.CALL)
TAKEN = message(1, "[cevaplanan arama]", kind=Kind.PROTOCOL)


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
