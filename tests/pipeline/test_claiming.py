"""When the worker claims: once for a hint, and in the transaction of a recording beside it."""

import asyncio
from dataclasses import dataclass, field

import pytest
from sqlalchemy import event

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.work import Work
from izer_bridge.host.loop import Hint
from izer_bridge.pipeline.claiming import Claiming
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.store.messages import message


@dataclass
class Claims:
    """How many hints each claim had seen; `fails` as often as it says."""

    seen: list[int] = field(default_factory=list)
    fails: int = 0

    async def claim(self, seen: int) -> None:
        self.seen.append(seen)
        if self.fails:
            self.fails -= 1
            raise TransientError("the store is away")


@pytest.fixture
def claims() -> Claims:
    return Claims()


@pytest.fixture
def hint() -> Hint:
    return Hint()


@pytest.fixture
def claiming(claims: Claims, hint: Hint) -> Claiming:
    return Claiming(claims.claim, hint, None)


async def test_a_recording_that_was_claimed_is_not_claimed_again_at_its_hint(
    claiming: Claiming, claims: Claims, hint: Hint
) -> None:
    claiming.beside()
    await claiming.ended()
    hint()
    await claiming.at_a_hint()
    assert claims.seen == [1]
    # The next look finds that nothing covers it.
    await claiming.at_a_hint()
    assert claims.seen == [1, 1]


async def test_what_else_was_hinted_is_claimed(
    claiming: Claiming, claims: Claims, hint: Hint
) -> None:
    claiming.beside()
    await claiming.ended()
    hint()
    hint()
    await claiming.at_a_hint()
    assert claims.seen == [1, 2]


async def test_work_that_ends_between_a_recording_and_its_hint_is_followed(
    claiming: Claiming, claims: Claims, hint: Hint
) -> None:
    claiming.beside()
    await claiming.ended()
    hint()
    claiming.look_again()
    await claiming.at_a_hint()
    assert claims.seen == [1, 1]


async def test_a_claim_beside_that_fails_is_made_again_and_told(
    claiming: Claiming, claims: Claims, hint: Hint
) -> None:
    claims.fails = 2
    claiming.beside()
    await claiming.ended()
    assert hint.is_there.is_set()
    with pytest.raises(TransientError):
        await claiming.at_a_hint()
    assert len(claims.seen) == 2


async def test_a_burst_is_recorded_first(claims: Claims, hint: Hint) -> None:
    calm = asyncio.Event()
    claiming = Claiming(claims.claim, hint, calm)
    claiming.beside()
    await claiming.ended()
    assert not claims.seen
    calm.set()
    claiming.beside()
    await claiming.ended()
    assert claims.seen


async def test_who_claims_beside_is_given_what_is_recorded_in_one_transaction(
    ledger: SqlLedger,
) -> None:
    begun = 0
    engine, _ = (await ledger.store()).engines

    @event.listens_for(engine, "begin")
    def count(_: object) -> None:
        nonlocal begun
        begun += 1

    found: list[Work] = []

    async def claim(_: int) -> None:
        found.extend(await ledger.claim(10))

    claiming = Claiming(claim, Hint(), None)
    claiming.beside()
    await ledger.record([message(1)])
    await claiming.ended()
    assert [one.message.message_id for one in found] == ["3EB0000001"]
    assert begun == 1
