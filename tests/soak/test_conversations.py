"""The short part of `make soak ARGS="--conversations 10000"`."""

from pathlib import Path

import pytest

from tests.soak.conversations import converse, street

SEED = 20261125


@pytest.mark.timeout(300)
async def test_nobody_is_answered_after_a_person_or_twice(tmp_path: Path) -> None:
    async with street(tmp_path, "", SEED) as one:
        found = await converse(one, 120, lambda _: None)
    assert found.by_hand > 30
    assert found.sent > 30
