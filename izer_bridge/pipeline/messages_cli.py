"""The commands `izer-bridge tail`, `search` and `export`: stored messages, with their texts."""

import asyncio
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from izer_bridge import config
from izer_bridge.console import times
from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    Since,
    Until,
    destination,
    json_text,
    load_as_root,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.domain.errors import ConfigError

if TYPE_CHECKING:
    from rich.text import Text

    from izer_bridge.pipeline.store.search import MessageFilter, Read

Chat = Annotated[
    str | None, typer.Option(help="Part of its name, or the number, LID or JID of it.")
]
Urgency = Annotated[int | None, typer.Option(min=1, max=10, help="So urgent at least.")]
All = Annotated[
    bool, typer.Option("--all", help="Old history and what the shop's own people got, too.")
]
Agent = Annotated[str | None, typer.Option(help="Handed to this agent.")]


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def tail(
    chat: Chat = None,
    urgency: Urgency = None,
    agent: Agent = None,
    count: Annotated[int, typer.Option("-n", min=0, max=10_000, help="So many to begin.")] = 10,
    follow: Annotated[bool, typer.Option(help="Go on until Ctrl+C.")] = True,
    everything: All = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Show customers' settled messages, one per line: what was said and what became of it."""
    from izer_bridge.pipeline import tail_run

    with told_errors():
        settings = settings_from(config_file)
        url, zone = settings.store_url, settings.shop.zone
        own = None if everything or chat else settings.own_people
        wanted = _wanted(zone, chat, urgency=urgency, agent=agent, own_people=own)

        def show(one: "Read") -> None:
            _show([one], zone, json_output)

        asyncio.run(tail_run.tail(url, wanted, count, show, follow=follow))


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Every word, in any spelling.")],
    chat: Chat = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 20,
    everything: All = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Find messages by their words: "ACİL" finds "acil", "sarj" finds "şarj"."""
    with told_errors():
        if not text.strip():
            raise ConfigError("TEXT: expected a word at least")
        settings = settings_from(config_file)
        url, zone = settings.store_url, settings.shop.zone
        own = None if everything or chat else settings.own_people
        wanted = _wanted(zone, chat, since, until, own_people=own)
        found = asyncio.run(_search(url, wanted, text, limit))
    _show(found, zone, json_output)
    if not found:
        hint = (
            "" if everything else " among customers' new messages; --all looks in the others, too"
        )
        say(f"Nothing{hint}.", err=True)
        raise typer.Exit(1)


def export(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Else it is printed.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="A line a message.")] = Format.JSONL,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV as Excel in Turkish opens it: semicolons, UTF-8.")
    ] = False,
    chat: Chat = None,
    since: Since = None,
    until: Until = None,
    config_file: ConfigFile = None,
) -> None:
    """Write messages and their outcomes into a new file that only its owner can read."""
    from izer_bridge.pipeline import export_run

    with told_errors():
        settings = (load_as_root if output else settings_from)(config_file)
        url, wanted = settings.store_url, _wanted(settings.shop.zone, chat, since, until)
        with destination(settings.state_dir, output) if output else nullcontext() as file:
            as_csv = excel or format_ is Format.CSV
            exported = export_run.export(url, wanted, file, as_csv=as_csv, for_excel=excel)
            count = asyncio.run(exported)
    if output is not None:
        say(f"{count} messages are in {output}.")


def _wanted(
    zone: ZoneInfo,
    chat: str | None,
    since: str | None = None,
    until: str | None = None,
    *,
    urgency: int | None = None,
    agent: str | None = None,
    own_people: frozenset[str] | None = None,
) -> "MessageFilter":
    from izer_bridge.pipeline.store.search import MessageFilter

    if agent is not None and agent not in config.AGENT_NAMES:
        raise ConfigError(f"--agent {agent!r}: allowed: {', '.join(config.AGENT_NAMES)}")
    now = datetime.now(UTC)
    return MessageFilter(
        chat,
        urgency,
        agent,
        times.typed("--since", since, zone, now),
        times.typed("--until", until, zone, now),
        own_people=own_people,
        with_customers=own_people is not None,
    )


async def _search(url: str, wanted: "MessageFilter", text: str, limit: int) -> "list[Read]":
    from izer_bridge.pipeline.store.search import Browsing

    found: list[Read] = []
    async with Browsing(url) as stored:
        async for one in stored.search(wanted, text):
            found.append(one)
            if len(found) == limit:
                break
    return found[::-1]


def _show(found: "Iterable[Read]", zone: ZoneInfo, as_json: bool) -> None:
    from izer_bridge.console.console import printer

    console = printer()
    for one in found:
        if as_json:
            typer.echo(json_text(one.plain))
        else:
            console.print(_line(one, zone), soft_wrap=True)


def _line(one: "Read", zone: ZoneInfo) -> "Text":
    from rich.text import Text

    from izer_bridge.domain.plain_text import line

    # A customer's text must not control the terminal.
    chat, sender, text = map(line, (one.chat, one.sender, one.text))
    who = chat if sender == chat or one.from_me else f"{chat}, {sender}"
    return Text.assemble(
        (f"{times.shown(one.sent_at, zone, datetime.now(UTC))} ", "dim"),
        (f"#{one.row_id} ", "dim"),
        (f"{who}{' ←' if one.from_me else ''}: ", "bold magenta" if one.vip else "bold"),
        text or f"[{one.kind}]",
        (f"  ({line(_fate(one))})", _style(one)),
    )


def _fate(one: "Read") -> str:
    """What became of it, for example `technical 9/10 critical → business_workflow`."""
    if one.state == "skipped":
        return f"skipped: {one.skip_reason}"
    judged = "" if one.urgency is None else f"{one.category} {one.urgency}/10 {one.priority}"
    handed = f"→ {one.agent}" if one.agent else ""
    at_rest = "" if one.state == "settled" else f"{one.state}{f': {one.error}' * bool(one.error)}"
    return " ".join(part for part in (judged, handed, at_rest) if part)


def _style(one: "Read") -> str:
    if one.state in ("dead", "uncertain") or (one.urgency or 0) >= 8:
        return "bold red"
    return "dim" if one.state == "skipped" else "cyan"
