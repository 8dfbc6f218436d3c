"""`izer-bridge retention`: what is older than the settings keep it."""

import asyncio
from typing import Annotated

import typer

from izer_bridge.console.options import AsJson, ConfigFile, settings_from, told_errors


def retention(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would go, and remove nothing.")
    ] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Remove now what the bridge would remove tonight; files follow tonight."""
    from izer_bridge.domain.errors import ConfigError

    with told_errors():
        settings = settings_from(config_file)
        days = settings.retention.days
        if not days:
            raise ConfigError("everything is kept for ever; see [retention] in config.toml")
        found = asyncio.run(_run(settings.store_url, days, is_dry=dry_run))
    _print(found, is_dry=dry_run, as_json=json_output)


async def _run(url: str, days: dict[str, int], *, is_dry: bool) -> dict[str, int]:
    from izer_bridge.domain.retention import cutoffs
    from izer_bridge.host.clock import CLOCK
    from izer_bridge.store.database import Database
    from izer_bridge.store.opened import OpenedStore
    from izer_bridge.upkeep.retention_step import Retention
    from izer_bridge.upkeep.store.retention import SqlRetention

    async with OpenedStore(url) as opened:

        async def store() -> Database:
            return opened.database

        rows = SqlRetention(store)
        if is_dry:
            now = CLOCK.now()
            return await rows.count(cutoffs(days, now), now)
        removed = await Retention(rows, NoFiles(), CLOCK, days).remove()
        removed.pop("files", None)
        return removed


class NoFiles:
    """Only a running bridge knows which files it is about to refer to."""

    async def untouched(self) -> list[str]:
        return []

    async def remove(self, paths: object) -> int:
        return 0


def _print(found: dict[str, int], *, is_dry: bool, as_json: bool) -> None:
    from izer_bridge.console.console import printer
    from izer_bridge.console.listing import fixed, number

    console = printer()
    if as_json:
        console.json(found)
        return
    columns = [fixed("what"), number("would go" if is_dry else "gone")]
    console.listing(columns, [(name, str(count)) for name, count in found.items()])
