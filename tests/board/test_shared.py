"""Many who ask the same at once share an answer, and nobody gets one older than the question."""

import asyncio

import pytest

from izer_bridge.board.shared import SharedAnswers
from izer_bridge.domain.errors import TransientError


class Slow:
    """Answers by the number of the answer, once it may."""

    def __init__(self) -> None:
        self.begun = 0
        self.is_begun = asyncio.Event()
        self.may = asyncio.Event()

    async def __call__(self) -> str:
        self.begun += 1
        number = self.begun
        self.is_begun.set()
        await self.may.wait()
        return str(number)


async def test_fifty_who_ask_cost_two_answers_at_most() -> None:
    shared, slow = SharedAnswers(), Slow()
    first = asyncio.create_task(shared.get("list", slow))
    await slow.is_begun.wait()
    others = [asyncio.create_task(shared.get("list", slow)) for _ in range(49)]
    apart = asyncio.create_task(shared.get("another", Slow()))
    others[0].cancel()
    slow.may.set()
    assert await first == "1"
    # They came after the first was begun, which may not show what they ask for.
    assert await asyncio.gather(*others[1:]) == ["2"] * 48
    assert slow.begun == 2
    assert await shared.get("list", slow) == "3"
    apart.cancel()


async def test_an_error_is_told_to_all_and_not_kept() -> None:
    shared = SharedAnswers()

    async def away() -> str:
        raise TransientError("the store is away")

    asking = [asyncio.create_task(shared.get("list", away)) for _ in range(3)]
    assert all(
        isinstance(one, TransientError)
        for one in await asyncio.gather(*asking, return_exceptions=True)
    )
    with pytest.raises(TransientError):
        await shared.get("list", away)

    async def there() -> str:
        return "there"

    assert await shared.get("list", there) == "there"
