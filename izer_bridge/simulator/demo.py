"""`make demo`: the whole way of a message on a simulated WhatsApp, offline, in a minute."""

import asyncio
import json
import shutil
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from izer_bridge.config import PATH_VARIABLE
from izer_bridge.simulator.demo_day import CRITICAL_GROUP, VIP_NUMBER, DemoDay
from izer_bridge.simulator.process import BridgeProcess, NotPrintedError
from izer_bridge.simulator.simulator import Simulator

FOLDER = Path(".demo")
SETTINGS = FOLDER / "config.toml"
_PACE_SECONDS = 0.7
_URGENT = ((8, "bold red"), (5, "yellow"), (0, "green"))
_ROWS = """
SELECT m.chat_name, m.sender_name, m.current_message, m.media_mimetype, m.context_count,
       m.is_vip_customer, m.is_critical_group, a.urgency_score, a.category, a.sentiment,
       r.agent_type
FROM webhook_messages m
LEFT JOIN analytics_results a ON a.webhook_message_id = m.id
LEFT JOIN agent_routing r ON r.webhook_message_id = m.id AND r.routing_success
WHERE m.origin = 'live' ORDER BY m.id
"""


async def demo(console: Console) -> None:
    """Raises NotPrintedError if the bridge does not do what it should."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    state = FOLDER / "state"
    (FOLDER / "whatsapp").mkdir(parents=True)
    async with Simulator(FOLDER / "whatsapp") as whatsapp:
        SETTINGS.write_text(_settings(state), "utf-8")
        environment = {
            **whatsapp.environment,
            PATH_VARIABLE: str(SETTINGS),
            "OPENAI_API_KEY": "",
        }
        async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
            try:
                await _play(console, whatsapp, bridge, state / "bridge.db")
                await bridge.stop()
            finally:
                (FOLDER / "bridge.log").write_text(bridge.output)


def _settings(state: Path) -> str:
    """For the bridge, and for commands that are tried afterwards. JSON strings are TOML's too."""
    vip, groups = json.dumps([VIP_NUMBER]), json.dumps([CRITICAL_GROUP], ensure_ascii=False)
    return (
        f"state_dir = {json.dumps(str(state.resolve()))}\n"
        "[api]\nport = 0\n"
        f"[vip]\nnumbers = {vip}\n"
        f"[groups]\ncritical = {groups}\n"
    )


async def _play(
    console: Console, whatsapp: Simulator, bridge: BridgeProcess, database: Path
) -> None:
    console.rule("[bold]1  The bridge starts and shows its code")
    code = await bridge.code()
    console.print(_screen(bridge.output), highlight=False, markup=False, no_wrap=True, crop=False)
    console.rule("[bold]2  A simulated phone scans what stands above")
    await whatsapp.scan(code)
    await bridge.line("state=connected")
    console.print("Linked. The phone sends the history of three chats.")
    day = DemoDay(whatsapp)
    history = day.history(datetime.now(UTC))
    await whatsapp.send_history(history)
    await bridge.line("from_history=")
    count = sum(map(len, history.values()))
    console.print(f"{count} old messages are recorded; they are the context of what follows.")
    console.rule("[bold]3  Customers write")
    await _show_messages(console, day, whatsapp, bridge, database)
    console.print()
    console.rule("[bold]4  Summary")
    _summarise(console, _read(database))


async def _show_messages(
    console: Console, day: DemoDay, whatsapp: Simulator, bridge: BridgeProcess, database: Path
) -> None:
    with Live(console=console, refresh_per_second=8) as live:
        for number, step in enumerate(day.steps(), start=1):
            await whatsapp.say(step.sender, step.content, to=step.to)
            await bridge.printed(partial(_has_dispatched, number))
            live.update(_table(_read(database)))
            if console.is_terminal:
                await asyncio.sleep(_PACE_SECONDS)


def _has_dispatched(count: int, output: str) -> bool:
    return output.count("message_dispatched") >= count


def _screen(output: str) -> str:
    """The bridge's output from the begin of the code to the end of its instructions."""
    head, _, rest = output.partition("(Linked devices →")
    *before, how = head.splitlines()
    drawn = [*takewhile(lambda line: set(line) <= set(" █▀▄"), reversed(before))]
    after = f"{how}(Linked devices →{rest}".splitlines()[:3]
    return "\n".join([*reversed(drawn), *after])


def _read(database: Path) -> list[Any]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute(_ROWS).fetchall()


def _table(rows: list[Any]) -> Table:
    table = Table(expand=True)
    table.add_column("From", max_width=18)
    table.add_column("Message", ratio=1, no_wrap=True)
    table.add_column("Context", justify="right")
    table.add_column("Urgency", justify="right")
    for heading in ("Category", "VIP", "Agent"):
        table.add_column(heading)
    for row in rows:
        table.add_row(*_cells(row))
    return table


def _cells(row: Any) -> list[str]:
    urgency = row["urgency_score"]
    style = next(style for least, style in _URGENT if (urgency or 0) >= least)
    medium = f"[dim]{row['media_mimetype']}[/] " if row["media_mimetype"] else ""
    important = "VIP" if row["is_vip_customer"] else "group" if row["is_critical_group"] else ""
    return [
        row["sender_name"] or row["chat_name"],
        f"{medium}{escape(row['current_message'])}",
        f"{row['context_count']}/20",
        f"[{style}]{urgency}[/]",
        row["category"] or "…",
        important,
        row["agent_type"] or "…",
    ]


def _summarise(console: Console, rows: list[Any]) -> None:
    urgent = sum(row["urgency_score"] >= 8 for row in rows)
    important = sum(row["is_vip_customer"] or row["is_critical_group"] for row in rows)
    agents = sorted({row["agent_type"] for row in rows})
    console.print(
        f"{len(rows)} messages recorded, analysed without any network, and dispatched: "
        f"{urgent} urgent, {important} of a VIP or a critical group, agents {', '.join(agents)}."
    )
    console.print(f"The bridge's log: {FOLDER / 'bridge.log'}", highlight=False)
    console.print(
        f"Its store: .venv/bin/izer-bridge tail --no-follow --config {SETTINGS}", highlight=False
    )
    console.print("For a real phone: make run. As a service, and all settings: README.md")


def main() -> None:
    console = Console(width=None if sys.stdout.isatty() else 110)
    try:
        asyncio.run(demo(console))
    except NotPrintedError as error:
        last = str(error).strip().splitlines()[-5:]
        console.print("The demo stopped; the bridge's last lines were:", *last, sep="\n")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
