"""The shop of these tests; what they start is theirs alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conditions.shop import WatchedShop, opened_shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[WatchedShop]:
    async with opened_shop(tmp_path) as one:
        yield one
