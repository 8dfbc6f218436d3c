"""`izer-bridge status`: how the bridge stands."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from izer_bridge import config
from izer_bridge.conditions.status_report import (
    Attention,
    Endangered,
    StatusFacts,
    Stopped,
    Unconfirmed,
    sentences,
)
from izer_bridge.conditions.told import conditions_without, said_by
from izer_bridge.console.options import AsJson, ConfigFile, json_text, settings_from, told_errors
from izer_bridge.domain.errors import BridgeError, PermanentError, TransientError

if TYPE_CHECKING:
    from rich.table import Table

    from izer_bridge.reports.store.stats import StoredStats

_EVERY_SECONDS = 2.0
_SPOKEN_OF = timedelta(days=7)
_STYLES = {Attention.GOOD: "green", Attention.NOTE: "yellow", Attention.BAD: "bold red"}
_SIGNS = {Attention.GOOD: "✔", Attention.NOTE: "·", Attention.BAD: "✘"}


def status(
    once: Annotated[bool, typer.Option("--once", help="Show it once; so it is piped.")] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show how the bridge stands, on a terminal live until Ctrl+C.

    Exit code 1: a person must do something; 3: something should be looked at; 0: all is well.
    """
    from rich.live import Live

    from izer_bridge.console.console import printer

    console = printer()
    with told_errors():
        settings = settings_from(config_file)
        zone = settings.shop.zone
        facts = asyncio.run(look(settings))
        if json_output:
            typer.echo(json_text(_plain(facts, zone), indent=2))
        elif once or not console.is_terminal:
            console.print(_table(facts, zone))
        else:
            with Live(_table(facts, zone), console=console, auto_refresh=False) as live:
                while True:
                    time.sleep(_EVERY_SECONDS)
                    facts = asyncio.run(look(settings))
                    live.update(_table(facts, zone), refresh=True)
    raise typer.Exit(facts.exit_code)


async def look(settings: config.Config) -> StatusFacts:
    """Ask the bridge and, if it does not answer, its files and the store."""
    from izer_bridge.host import state_directory
    from izer_bridge.web.own_api import RunningBridge

    folder = settings.state_dir
    pid = state_directory.holder(folder)
    bridge = RunningBridge(settings.api.host, settings.api.port, folder)
    async with bridge:
        try:
            health = await bridge.health()
        except (TransientError, PermanentError) as error:
            return await _stopped(settings, str(error), pid)
        try:
            counts, why = await bridge.stats(), ""
        except (TransientError, PermanentError) as error:
            counts, why = None, str(error)
    memory = None if pid is None else _memory_mb(pid)
    told = said_by(health)
    return StatusFacts(health, None, told, counts, why, pid, memory, *await _named(settings))


async def _stopped(settings: config.Config, why: str, pid: int | None) -> StatusFacts:
    from izer_bridge.inbox.inbox import waiting_in
    from izer_bridge.whatsapp import session

    folder = settings.state_dir
    try:
        depth = waiting_in(folder / "inbox.db")
    except TransientError:
        depth = None
    is_linked = session.account_of(folder / "session.db") is not None
    stopped = Stopped(str(folder), is_linked, depth)
    told = await conditions_without(settings, why, pid)
    try:
        counts, _, in_danger, unconfirmed = await _stored(settings)
    except BridgeError as error:
        return StatusFacts(None, stopped, told, None, str(error), pid, None, None)
    return StatusFacts(None, stopped, told, counts, "", pid, None, in_danger, unconfirmed)


async def _named(
    settings: config.Config,
) -> tuple[Sequence[Endangered] | None, Sequence[Unconfirmed]]:
    """Asked of the store: the bridge's HTTP interface reveals nobody's name."""
    from izer_bridge.reports.store.stats import StoredStats

    try:
        async with asyncio.timeout(_EVERY_SECONDS), StoredStats(settings.store_url) as stored:
            return await _in_danger(stored), await unconfirmed_groups(settings, stored)
    except (BridgeError, TimeoutError):
        return None, ()


async def _in_danger(stored: "StoredStats") -> Sequence[Endangered]:
    found = await stored.in_danger()
    return [Endangered(one.row_id, one.chat_name, one.since) for one in found]


async def unconfirmed_groups(
    settings: config.Config, stored: "StoredStats"
) -> Sequence[Unconfirmed]:
    """A group that the shop has left is no longer listed a week later."""
    since = datetime.now(UTC) - _SPOKEN_OF
    found = await stored.unconfirmed(settings.importance, since)
    return [Unconfirmed(str(one.jid), one.name) for one in found]


async def _stored(
    settings: config.Config,
) -> tuple[dict[str, Any], int, Sequence[Endangered], Sequence[Unconfirmed]]:
    from izer_bridge.reports.store.stats import StoredStats

    async with StoredStats(settings.store_url) as stored:
        day = await stored.last_day(datetime.now(UTC), settings.openai.budget)
        named = await _in_danger(stored), await unconfirmed_groups(settings, stored)
        return asdict(day), await stored.open_gaps(), *named


def _memory_mb(pid: int) -> float | None:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return None
    found = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
    return next((int(kib) / 1024 for kib in found), None)


def _plain(facts: StatusFacts, zone: tzinfo) -> dict[str, Any]:
    return {
        "running": facts.health is not None,
        "well": facts.is_well,
        "sentences": [asdict(one) for one in sentences(facts, zone)],
        **asdict(facts),
    }


def _table(facts: StatusFacts, zone: tzinfo) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    for one in sentences(facts, zone):
        style = _STYLES[one.mark]
        table.add_row(Text(_SIGNS[one.mark], style), one.about, Text(one.text, overflow="fold"))
    return table
