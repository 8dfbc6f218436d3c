"""`izer-bridge import-legacy`: imports the replaced system's data and counts it."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from izer_bridge import config
from izer_bridge.console.options import AsJson, ConfigFile, json_text, settings_from, told_errors
from izer_bridge.domain.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from izer_bridge.upkeep.legacy.store.source import LegacySource
    from izer_bridge.upkeep.legacy.store.take_over import Import, Tally

_MOST_SHOWN = 10


def import_legacy(
    url: Annotated[str, typer.Argument(metavar="URL", help="mysql://user:password@host/database")],
    zone: Annotated[
        str, typer.Option(help="Where the old server's clock stood; of times without a zone.")
    ] = "UTC",
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Import the replaced system's tables as history; may be repeated and interrupted.

    The old database is only read. Exit code 1 if rows could not be imported. A password that the
    URL lacks is the secret `legacy_password`, or is asked for: anything typed as an argument is
    visible in the list of processes.
    """
    with told_errors():
        settings = settings_from(config_file)
        tallies = asyncio.run(_run(settings, _with_password(url), _zone(zone)))
    has_refused = any(one.refused or one.orphans for one in tallies.values())
    if json_output:
        document = {name: asdict(one) for name, one in tallies.items()}
        typer.echo(json_text(document, indent=2))
    else:
        _show(tallies)
    raise typer.Exit(1 if has_refused else 0)


def _with_password(url: str) -> str:
    user, has_user, place = url.partition("://")[2].partition("@")
    if not has_user or ":" in user:
        return url
    if (secret := config.secret("legacy_password")) is not None:
        password = secret.get_secret_value()
    elif sys.stdin.isatty():
        password = typer.prompt("Password of the old database", hide_input=True, default="")
    else:
        return url
    return f"{url.partition('://')[0]}://{user}:{quote(password, safe='')}@{place}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"--zone {name!r}: there is no such zone; expected one such as Europe/Istanbul"
        ) from None


async def _run(settings: config.Config, url: str, zone: ZoneInfo) -> "Mapping[str, Tally]":
    from izer_bridge.console.console import progress
    from izer_bridge.pipeline.store.record import Screening
    from izer_bridge.upkeep.legacy.store.source import CHILDREN, MESSAGES, REGISTERS, LegacySource
    from izer_bridge.upkeep.legacy.store.take_over import Import, Tally

    screening = Screening(settings.importance, settings.groups.analyse_all)
    tallies = {name: Tally() for name in (MESSAGES, *CHILDREN)}
    target = Import(settings.store_url, screening, datetime.now(UTC))
    async with LegacySource(url, zone) as source, target:
        before = await target.count()
        with progress() as bar:
            task = bar.add_task("Importing", total=await source.count(MESSAGES))
            async for batch, children in source.messages():
                await target.messages(batch, children, tallies)
                bar.advance(task, len(batch))
        for name in REGISTERS:
            tallies[name] = await target.register(name, await source.all(name))
        await _verify(source, target, tallies, before)
    return tallies


async def _verify(
    source: "LegacySource", target: "Import", tallies: "Mapping[str, Tally]", before: int
) -> None:
    """Everything read must be accounted for, and everything new must be here."""
    from izer_bridge.upkeep.legacy.store.source import MESSAGES

    for name, tally in tallies.items():
        there = await source.count(name)
        if tally.total < there:
            tally.orphans = there - tally.total
    now = await target.count()
    if now - before < tallies[MESSAGES].new:
        raise ConfigError(
            f"{tallies[MESSAGES].new} messages were imported and {now - before} are here; "
            "run it again, then: izer-bridge verify"
        )


def _show(tallies: "Mapping[str, Tally]") -> None:
    from izer_bridge.console.console import printer
    from izer_bridge.console.listing import fixed, number

    console = printer()
    headings = ("new", "here already", "not taken over", "of no message")
    rows = [
        (name, *map(str, (one.new, one.known, len(one.refused), one.orphans)))
        for name, one in tallies.items()
    ]
    console.listing([fixed("table"), *map(number, headings)], rows)
    for name, one in tallies.items():
        for row_id, why in list(one.refused.items())[:_MOST_SHOWN]:
            console.print(f"{name} row {row_id} {why}")
        if len(one.refused) > _MOST_SHOWN:
            console.print(f"{name}: … (all of them: --json)")
