"""`izer-bridge forget`: erases a person, and says what could not be erased."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge import config
from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.domain.counted import counted
from izer_bridge.domain.errors import TransientError, UsageError
from izer_bridge.host.plain_files import is_plain

if TYPE_CHECKING:
    from izer_bridge.upkeep.store.person import Forgotten

RISKS_FILE = "risks.jsonl"
_ALWAYS_STAYS = ("copies that lie elsewhere, and what agents and other programs were told",)


@dataclass(slots=True)
class ForgetReport:
    """Rows that are removed and rows that lose words, by table; files, rows of the session and of
    its copies, events on their way; what stays and why.
    """

    rows: Mapping[str, int]
    cleared: Mapping[str, int]
    files: int
    session: int = 0
    inbox: int = 0
    stays: list[str] = field(default_factory=list)


def forget(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Number, LID, or whole name.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be removed.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Erase a person: messages, analyses and replies, media, quotations, contact, session.

    The proof that nothing else was lost still holds. A person who writes again is recorded again.
    """
    with told_errors():
        settings = settings_from(config_file)
        if not (dry_run or yes):
            _ask(asyncio.run(_run(settings, person, is_dry=True)))
        report = asyncio.run(_run(settings, person, is_dry=dry_run))
    if json_output:
        document = {
            "dry_run": dry_run,
            "rows": report.rows,
            "cleared": report.cleared,
            "files": report.files,
            "session": report.session,
            "inbox": report.inbox,
            "stays": report.stays,
        }
        typer.echo(json_text(document, indent=2))
    else:
        _show(report, "would be removed" if dry_run else "removed")


def _ask(report: ForgetReport) -> None:
    if not sys.stdin.isatty():
        raise UsageError("this cannot be undone; say --yes, or see what would go with --dry-run")
    _show(report, "would be removed")
    typer.confirm("Remove it for good?", abort=True)


async def _run(settings: config.Config, text: str, *, is_dry: bool) -> ForgetReport:
    from izer_bridge.store import free_pages
    from izer_bridge.upkeep import forget_files
    from izer_bridge.upkeep.store.forget import Forgetting, sweep_words
    from izer_bridge.upkeep.store.person import NOBODY

    async with Forgetting(settings.store_url) as store:
        person = await store.who(text)
        found = await store.count(person)
        unused = await store.unused(found)
        files = sum((settings.state_dir / one).is_file() for one in unused)
        report = ForgetReport(found.rows, found.cleared, files)
        # First: only while the store knows the contact are name and LID known.
        _forget_beside(settings.state_dir, person, report, is_dry=is_dry)
        if (found.rows or found.cleared) and not is_dry:
            await store.erase(person, found, datetime.now(UTC))
            report.files = forget_files.media(settings.state_dir, unused)
    is_somebody = person.contact_ids or found.rows or found.cleared
    if not (is_somebody or report.session or report.inbox):
        raise UsageError("; ".join([NOBODY, *report.stays]))
    if not is_dry:
        await sweep_words(settings.store_url)
    if not is_dry and (left := free_pages.sweep(settings.store_url)):
        report.stays.append(left)
    report.stays += _in_the_risks(settings.state_dir)
    report.stays += [*_in_the_settings(settings, person), *_one_word(person)]
    report.stays += forget_files.copies(settings.state_dir, settings.shop.zone)
    report.stays += _ALWAYS_STAYS
    return report


def _forget_beside(
    state_dir: Path, person: "Forgotten", report: ForgetReport, *, is_dry: bool
) -> None:
    """Session and inbox, which belong to the bridge while it runs."""
    from izer_bridge.host import state_directory
    from izer_bridge.upkeep import forget_files

    if state_directory.holder(state_dir) is None:
        report.session = forget_files.session(state_dir, person, is_dry=is_dry)
        report.inbox = forget_files.inbox(state_dir, person, is_dry=is_dry)
        return
    report.stays += _in_the_inbox(state_dir)
    if forget_files.session_files(state_dir):
        report.stays.append(
            "names in the session of the bridge that runs, and in its copies: stop it, and say "
            "this once more with the number or the LID"
        )


def _in_the_risks(state_dir: Path) -> list[str]:
    """Senders of messages under decryption when the bridge ended; the next start empties it."""
    file = state_dir / RISKS_FILE
    if not is_plain(file) or not file.stat().st_size:
        return []
    return [f"who sent what was under way, with keys, in {RISKS_FILE} until the bridge starts"]


def _one_word(person: "Forgotten") -> list[str]:
    names = sorted(one for one in person.names - person.whole_names if not one.isdigit())
    names = [one for one in names if not one.startswith("+")]
    if not names:
        return []
    return [f"{', '.join(names)} where others wrote it: somebody else may be meant"]


def _in_the_inbox(state_dir: Path) -> list[str]:
    from izer_bridge.inbox.inbox import waiting_in
    from izer_bridge.inbox.set_aside import kinds_in

    inbox = state_dir / "inbox.db"
    try:
        depth, aside = waiting_in(inbox), sum(kinds_in(inbox).values())
    except TransientError:
        return []
    stays = [f"what is among {depth} events that are not recorded yet"] if depth else []
    if aside:
        hint = "izer-bridge dlq drop"
        stays.append(f"what is among {aside} events that could not be recorded: {hint}")
    return stays


def _in_the_settings(settings: config.Config, person: "Forgotten") -> list[str]:
    named = {*settings.vip.numbers, *(one.number for one in settings.vip.customers)}
    return ["the number in [vip] of the settings: remove it there"] if named & person.keys else []


def _show(report: ForgetReport, what: str) -> None:
    for table, count in sorted(report.rows.items()):
        say(f"{table}: {counted(count, 'row', 'rows')} {what}")
    for table, count in sorted(report.cleared.items()):
        rows = counted(count, "row", "rows")
        say(f"{table}: number or name {what} in {rows} of others")
    say(f"media: {counted(report.files, 'file', 'files')} {what}")
    say(f"session and its copies: {counted(report.session, 'row', 'rows')} {what}")
    say(f"events on their way: {report.inbox} {what}")
    for one in report.stays:
        say(f"stays: {one}")
