"""`izer-bridge dlq`: messages that no agent accepted, and events that could not be recorded.

The messages are rows of the store and have its numbers; the events are in this bridge's inbox, and
their ids begin with `e`.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from izer_bridge.config import Config
from izer_bridge.console.console import Printer
from izer_bridge.console.listing import fixed, number, text
from izer_bridge.domain.errors import UsageError
from izer_bridge.inbox.set_aside import AsideEvent, SetAside
from izer_bridge.pipeline.store.dead_letters import DeadLetter, DeadLetters
from izer_bridge.whatsapp.event_codes import EventCode

_ID = re.compile(r"(e?)([0-9]{1,18})")
_KNOWN = {int(code) for code in EventCode}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The operator's selection: rows of the store, and events of the inbox."""

    rows: Sequence[int]
    events: Sequence[int]

    @classmethod
    def of(cls, ids: Sequence[str]) -> Self:
        """Parse what was typed. Raises UsageError."""
        found = {text: _ID.fullmatch(text) for text in ids}
        if wrong := [text for text, match in found.items() if match is None]:
            raise UsageError(f"{wrong[0]!r} is no id; expected one such as 12, or e12 of an event")
        parts = [match.groups() for match in found.values() if match]
        return cls(
            [int(number) for sort, number in parts if not sort],
            [int(number) for sort, number in parts if sort],
        )


async def show(config: Config, console: Printer, *, as_json: bool) -> None:
    """Print them all, without anything that somebody wrote."""
    events = _aside(config).list()
    async with DeadLetters(config.store_url) as store:
        letters = await store.list()
    if as_json:
        found = [*map(_plain_letter, letters), *map(_plain_event, events)]
        console.json(found)
        return
    if letters:
        _print_letters(letters, console)
    if events:
        _print_events(events, console)
    if not (letters or events):
        console.print("There are no dead letters.")


async def retry(config: Config, chosen: Chosen | None) -> int:
    """Retry these, or all. Raises UsageError if some do not exist."""
    found = await _there(config, chosen)
    async with DeadLetters(config.store_url) as store:
        return _aside(config).retry(found.events) + await store.retry(found.rows)


async def drop(config: Config, chosen: Chosen) -> int:
    """Give these up. Raises UsageError if some do not exist."""
    found = await _there(config, chosen)
    async with DeadLetters(config.store_url) as store:
        return _aside(config).drop(found.events) + await store.drop(found.rows)


async def _there(config: Config, chosen: Chosen | None) -> Chosen:
    """The same ids, or all if none are named; each must exist."""
    events = [one.sequence for one in _aside(config).list()]
    if chosen is not None and not chosen.rows:
        letters = []
    else:
        async with DeadLetters(config.store_url) as store:
            letters = [one.row_id for one in await store.list()]
    if chosen is None:
        return Chosen(letters, events)
    wrong = [str(one) for one in chosen.rows if one not in letters]
    wrong += [f"e{one}" for one in chosen.events if one not in events]
    if wrong:
        raise UsageError(f"no dead letter has the id {', '.join(wrong)}; see: izer-bridge dlq list")
    return chosen


def _aside(config: Config) -> SetAside:
    return SetAside(config.state_dir / "inbox.db")


def _plain_letter(one: DeadLetter) -> dict[str, Any]:
    return {"id": str(one.row_id), "sort": "message", **asdict(one)}


def _plain_event(one: AsideEvent) -> dict[str, Any]:
    named = {"id": f"e{one.sequence}", "sort": "event", "event": _event_name(one.code)}
    return named | asdict(one)


def _event_name(code: int) -> str:
    return EventCode(code).name.lower() if code in _KNOWN else str(code)


def _print_letters(found: Sequence[DeadLetter], console: Printer) -> None:
    columns = [number("id"), text("chat"), number("tries"), fixed("died at"), text("why")]
    rows = [
        (
            *(str(one.row_id), one.chat_name, str(one.attempts)),
            *(console.time(one.died_at), one.error),
        )
        for one in found
    ]
    console.listing(columns, rows, "Messages that no agent took")


def _print_events(found: Sequence[AsideEvent], console: Printer) -> None:
    columns = [number("id"), fixed("event"), fixed("came at"), fixed("error"), text("why")]
    rows = [
        (
            *(f"e{one.sequence}", _event_name(one.code), console.time(one.received_at)),
            *(one.kind, one.reason),
        )
        for one in found
    ]
    console.listing(columns, rows, "Events that could not be recorded")
