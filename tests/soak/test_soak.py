"""The short part of `make soak`."""

from pathlib import Path

from tests.chaos.arena import arena
from tests.servers.mariadb import MariaDB
from tests.soak.trials import balance, is_balanced, outage

SEED = 20261124


async def test_what_was_received_is_the_sum_of_what_became_of_it(
    store_url: str, tmp_path: Path
) -> None:
    async with arena(tmp_path, store_url, SEED) as shop:
        balanced = await balance(shop, 400, lambda _: None, parts=1)
        assert is_balanced(balanced.stats)
        assert balanced.stats["received"] == len(shop.sent)
        assert balanced.stats["settled"] == len(shop.sent)


async def test_a_store_that_is_away_is_waited_for(tmp_path: Path, mariadb: MariaDB) -> None:
    async with arena(tmp_path, mariadb.store(), SEED) as shop:
        gone = await outage(shop, mariadb, seconds=3, rate=40, done=lambda _: None)
        assert gone.messages >= 100
