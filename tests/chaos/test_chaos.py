"""The short, seeded part of `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos.arena import arena
from tests.chaos.boundaries import BOUNDARIES, REPLY_STEPS, STEPS, WRITING_STEPS
from tests.chaos.replying import reply_arena
from tests.chaos.writing import writing_arena

SEED = 20261123


@pytest.mark.timeout(240)
async def test_kills_in_bursts_lose_and_double_nothing(store_url: str, tmp_path: Path) -> None:
    async with arena(tmp_path, store_url, SEED, in_one_go=True) as one:
        for count in (40, 80, 40):
            await one.killed_in_a_burst(count)
            await one.killed_again()
            await one.revived()


# Ten messages are decrypted one by one, but may all be appended and recorded at once.
@pytest.mark.parametrize(
    ("boundary", "count"),
    [("decrypting:after", 3), ("append:after", 1), ("record:after", 1), ("finish:after", 1)],
)
async def test_deaths_between_two_steps_lose_and_double_nothing(
    boundary: str, count: int, tmp_path: Path
) -> None:
    async with arena(tmp_path, "", SEED, in_one_go=True) as one:
        assert await one.died_at(boundary, count, messages=10)
        await one.revived()


def test_there_are_boundaries_enough_and_each_is_there() -> None:
    assert len(set(BOUNDARIES)) >= 50
    steps = STEPS | REPLY_STEPS | WRITING_STEPS
    assert all(callable(getattr(owner, name)) for owner, name in steps.values())


@pytest.mark.timeout(240)
async def test_deaths_while_answering_answer_nobody_twice(tmp_path: Path) -> None:
    async with reply_arena(tmp_path, "", SEED) as one:
        while one.kills < 6:
            await one.killed_somewhere()
    assert one.received


@pytest.mark.timeout(240)
async def test_deaths_while_people_write_send_nothing_twice(tmp_path: Path) -> None:
    """After the row but before the answer; around the upload; and once WhatsApp has it."""
    async with writing_arena(tmp_path, "", SEED) as one:
        for step in ("written", "upload_call", "uploaded", "reply_call"):
            await one.killed_somewhere(f"{step}:after")
    assert one.outcomes["sent"]
