"""The command `izer-bridge tail`, and how stored messages are shown in a terminal."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from izer_bridge import config
from izer_bridge.console import times
from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    settings_from,
    told_errors,
)
from izer_bridge.domain.analysis import Category
from izer_bridge.domain.errors import UsageError

if TYPE_CHECKING:
    from rich.text import Text

    from izer_bridge.pipeline.store.browsing import MessageFilter, Read

Chat = Annotated[
    str | None, typer.Option(help="Part of its name, or the number, LID or JID of it.")
]
Urgency = Annotated[int | None, typer.Option(min=1, max=10, help="So urgent at least.")]
All = Annotated[
    bool, typer.Option("--all", help="Old history and what the shop's own people got, too.")
]
Agent = Annotated[str | None, typer.Option(help="Handed to this agent.")]


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
        wanted = wanted_of(zone, chat, urgency=urgency, agent=agent, own_people=own)

        def show_one(one: "Read") -> None:
            show([one], zone, json_output)

        asyncio.run(tail_run.tail(url, wanted, count, show_one, follow=follow))


def wanted_of(
    zone: ZoneInfo,
    chat: str | None,
    since: str | None = None,
    until: str | None = None,
    *,
    urgency: int | None = None,
    agent: str | None = None,
    category: str | None = None,
    person: str | None = None,
    own_people: frozenset[str] | None = None,
) -> "MessageFilter":
    """What the options ask for. Raises UsageError, naming the option."""
    from izer_bridge.pipeline.store.browsing import MessageFilter

    if agent is not None and agent not in config.AGENT_NAMES:
        raise UsageError(f"--agent {agent!r}: allowed: {', '.join(config.AGENT_NAMES)}")
    if category is not None and category not in [*Category]:
        raise UsageError(f"--category {category!r}: allowed: {', '.join(Category)}")
    now = datetime.now(UTC)
    return MessageFilter(
        chat,
        urgency,
        agent,
        times.typed("--since", since, zone, now),
        times.typed("--until", until, zone, now),
        own_people=own_people,
        with_customers=own_people is not None,
        person=person,
        category=category,
    )


def show(found: "Iterable[Read]", zone: ZoneInfo, as_json: bool) -> None:
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
