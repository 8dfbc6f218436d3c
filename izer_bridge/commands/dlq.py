"""`izer-bridge dlq`: what became of the messages that no agent took."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from izer_bridge.model.errors import ConfigError
from izer_bridge.store.dead_letters import DeadLetter, DeadLetters


async def show(url: str, console: Console, *, as_json: bool) -> None:
    """Print the dead letters; texts of messages are not shown."""
    async with DeadLetters(url) as letters:
        found = await letters.list()
    if as_json:
        console.print_json(json.dumps([asdict(one) for one in found], default=str))
    elif found:
        console.print(_table(found))
    else:
        console.print("There are no dead letters.")


async def retry(url: str, row_ids: Sequence[int] | None) -> int:
    """Begin anew with these rows, or with all. Raises ConfigError when some are no dead letters."""
    async with DeadLetters(url) as letters:
        await _must_be_there(letters, row_ids)
        return await letters.retry(row_ids)


async def drop(url: str, row_ids: Sequence[int]) -> int:
    """Give these rows up. Raises ConfigError when some are no dead letters."""
    async with DeadLetters(url) as letters:
        await _must_be_there(letters, row_ids)
        return await letters.drop(row_ids)


async def _must_be_there(letters: DeadLetters, row_ids: Sequence[int] | None) -> None:
    known = {one.row_id for one in await letters.list()}
    wrong = [str(row_id) for row_id in row_ids or () if row_id not in known]
    if wrong:
        raise ConfigError(
            f"no dead letter has the id {', '.join(wrong)}; see: izer-bridge dlq list"
        )


def _table(found: Sequence[DeadLetter]) -> Table:
    table = Table()
    for heading in ("id", "chat", "tries", "died at (UTC)", "why"):
        table.add_column(heading, justify="right" if heading in ("id", "tries") else "left")
    for one in found:
        died = f"{one.died_at:%Y-%m-%d %H:%M}"
        table.add_row(str(one.row_id), one.chat_name, str(one.attempts), died, one.error)
    return table
