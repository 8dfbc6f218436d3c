"""The commands `izer-bridge search` and `export`: stored messages, with their texts."""

import asyncio
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    Since,
    Until,
    destination,
    load_as_root,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.pipeline.messages_cli import All, Chat, show, wanted_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from izer_bridge.pipeline.store.browsing import Read
    from izer_bridge.search.store.find import Search

Person = Annotated[
    str | None, typer.Option(help="Written by: part of their name, their number or LID.")
]
OfCategory = Annotated[str | None, typer.Option(help="Judged to be of this category.")]


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def search(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What words begin with, all of it.")],
    chat: Chat = None,
    person: Person = None,
    category: OfCategory = None,
    since: Since = None,
    until: Until = None,
    best: Annotated[bool, typer.Option("--best", help="The best first, not the newest.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The first so many.")] = 20,
    everything: All = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Find messages by their words: "ACİL" finds "acil", "fren" finds "frenim"."""
    from izer_bridge.search.store.find import Search

    with told_errors():
        settings = settings_from(config_file)
        url, zone = settings.store_url, settings.shop.zone
        own = None if everything or chat else settings.own_people
        wanted = wanted_of(
            zone, chat, since, until, category=category, person=person, own_people=own
        )
        found = asyncio.run(_search(url, Search(text, wanted, best), limit))
    show(found if best else found[::-1], zone, json_output)
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
    text: Annotated[
        str,
        typer.Option("--search", metavar="TEXT", help="Only what has these words, newest first."),
    ] = "",
    chat: Chat = None,
    person: Person = None,
    category: OfCategory = None,
    since: Since = None,
    until: Until = None,
    config_file: ConfigFile = None,
) -> None:
    """Write messages and their outcomes into a new file that only its owner can read."""
    from izer_bridge.search import export_run
    from izer_bridge.search.line_formats import ExportFormat
    from izer_bridge.search.store.find import Search

    with told_errors():
        settings = (load_as_root if output else settings_from)(config_file)
        wanted = wanted_of(settings.shop.zone, chat, since, until, category=category, person=person)
        with destination(settings.state_dir, output) if output else nullcontext() as file:
            as_what = ExportFormat.EXCEL if excel else ExportFormat(format_)
            exported = export_run.export(settings.store_url, Search(text, wanted), file, as_what)
            count = asyncio.run(exported)
    if output is not None:
        say(f"{count} messages are in {output}.")


async def _search(url: str, search: "Search", limit: int) -> "Sequence[Read]":
    from izer_bridge.search.store.find import Searching

    async with Searching(url) as stored:
        if unread := await stored.unread():
            say(f"{unread} messages wait for the bridge to read their words.", err=True)
        return await stored.first(search, limit)
