"""`izer-bridge forget`: erases a person, and says what could not be erased."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
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
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.host.plain_files import is_plain

if TYPE_CHECKING:
    from izer_bridge.upkeep.store.forget import Forgotten

RISKS_FILE = "risks.jsonl"
_ALWAYS_STAYS = (
    "backups that were made before, and what lies aside after damage or a restore (backups/, "
    "….corrupt-N, before-restore-…), until they are removed",
    "the client's encryption keys for that number, which it needs to read what comes next",
    "what agents and other programs were told",
)


@dataclass(slots=True)
class ForgetReport:
    """Rows by table, files, rows of the session and of its copies; what stays and why."""

    rows: Mapping[str, int]
    files: int
    session: int
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
    """Erase a person: messages, what was made of them, media, quotations, contact, session.

    The proof that nothing else was lost still holds. Who writes again is recorded again.
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
            "files": report.files,
            "session": report.session,
            "stays": report.stays,
        }
        typer.echo(json_text(document, indent=2))
    else:
        _show(report, "would be removed" if dry_run else "removed")


def _ask(report: ForgetReport) -> None:
    if not sys.stdin.isatty():
        raise ConfigError("this cannot be undone; say --yes, or see what would go with --dry-run")
    _show(report, "would be removed")
    typer.confirm("Remove it for good?", abort=True)


async def _run(settings: config.Config, text: str, *, is_dry: bool) -> ForgetReport:
    from izer_bridge.upkeep.store.forget import NOBODY, Forgetting

    async with Forgetting(settings.store_url) as store:
        person = await store.who(text)
        found = await store.count(person)
        files = len(found.files)
        if found.rows and not is_dry:
            found = await store.erase(person, datetime.now(UTC))
            unused = await store.unused(sorted(found.files))
            files = _removed(settings.state_dir, unused)
    report = ForgetReport(found.rows, files, 0)
    _forget_session(settings.state_dir, person, report, is_dry=is_dry)
    if not (person.contact_ids or report.rows or report.session):
        raise ConfigError("; ".join([NOBODY, *report.stays]))
    report.stays += _in_the_risks(settings.state_dir)
    report.stays += [*_in_the_inbox(settings.state_dir), *_in_the_settings(settings, person)]
    report.stays += _ALWAYS_STAYS
    return report


def _removed(state_dir: Path, paths: Sequence[str]) -> int:
    count = 0
    for path in (state_dir / one for one in paths):
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise TransientError(f"{path}: {error.strerror}; run it again") from None
        count += 1
    return count


def _forget_session(
    state_dir: Path, person: "Forgotten", report: ForgetReport, *, is_dry: bool
) -> None:
    from izer_bridge.host import state_directory
    from izer_bridge.whatsapp.client import erase_person
    from izer_bridge.whatsapp.session_copies import FOLDER

    try:
        copies = sorted((state_dir / FOLDER).glob("session-*.db"))
    except OSError as error:
        raise TransientError(f"{state_dir / FOLDER}: {error.strerror}") from None
    files = [one for one in (state_dir / "session.db", *copies) if is_plain(one)]
    if not files:
        return
    if state_directory.holder(state_dir) is not None:
        report.stays.append(
            "names in the session of the bridge that runs, and in its copies: stop it, and say "
            "this once more with the number or the LID"
        )
        return
    for file in files:
        report.session += erase_person.forget(file, person.addresses, is_dry=is_dry)


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


def _in_the_risks(state_dir: Path) -> list[str]:
    """Who sent what was being decrypted when the bridge ended; the next start empties it."""
    file = state_dir / RISKS_FILE
    if not is_plain(file) or not file.stat().st_size:
        return []
    return [f"who sent what was under way, with keys, in {RISKS_FILE} until the bridge starts"]


def _in_the_settings(settings: config.Config, person: "Forgotten") -> list[str]:
    named = {*settings.vip.numbers, *(one.number for one in settings.vip.customers)}
    return ["the number in [vip] of the settings: remove it there"] if named & person.keys else []


def _show(report: ForgetReport, what: str) -> None:
    for table, count in sorted(report.rows.items()):
        say(f"{table}: {count} rows {what}")
    say(f"media: {report.files} files {what}")
    say(f"session and its copies: {report.session} rows {what}")
    for one in report.stays:
        say(f"stays: {one}")
