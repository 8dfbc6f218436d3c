"""`izer-bridge restore`: puts a backup back and keeps the previous state aside."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    load_as_root,
    say,
    told_errors,
)
from izer_bridge.domain.errors import TransientError, UsageError

if TYPE_CHECKING:
    from izer_bridge.config import Config
    from izer_bridge.upkeep.replace_files import Restoration

_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class OpenBackup:
    """An open backup, and what may be needed to read it."""

    name: Path
    file: IO[bytes]
    identities: str | None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, when it had been saved (empty: a copy of a session does not state it), and
    where the previous state is now.
    """

    parts: list[str]
    saved_at: str
    aside: str


def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A backup, or a copy out of sessions/.")
    ] = None,
    database_only: Annotated[
        bool, typer.Option("--database-only", help="Leave session and inbox as they are.")
    ] = False,
    identity: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Opens a backup encrypted with age.")
    ] = None,
    onward: Annotated[
        bool, typer.Option("--go-on", help="End a restore that was interrupted.")
    ] = False,
    back: Annotated[
        bool, typer.Option("--go-back", help="Undo a restore that was interrupted.")
    ] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Put a backup back while the bridge does not run; the previous state is kept beside it."""
    if [file is not None, onward, back].count(True) != 1:
        raise typer.BadParameter("give a FILE, or --go-on, or --go-back")
    with told_errors():
        settings = load_as_root(config_file)
        if file is None:
            restored = _end(settings, is_back=back)
        else:
            with _opened(settings.state_dir, file, identity) as source:
                restored = put_back(settings, source, database_only)
    if json_output:
        typer.echo(json_text(asdict(restored)))
        return
    if back:
        say("Gone back: all is as it was before the restore.")
        return
    of = f", as it was saved at {restored.saved_at}" if restored.saved_at else ""
    say(f"Put back: {', '.join(restored.parts)}{of}.")
    say(f"What was there before lies in {restored.aside}")


@contextmanager
def _opened(state_dir: Path, file: Path, identity: Path | None) -> Iterator[OpenBackup]:
    """From here on nobody is root.

    Files that the state directory's owner controls are opened as that owner, all others before.
    """
    from izer_bridge.host import privilege

    within = [one for one in (file, identity) if one and privilege.is_within_reach(one, state_dir)]
    early = {one: _open(one) for one in (file, identity) if one and one not in within}
    privilege.step_down(state_dir)
    opened = early | {one: _open(one) for one in within}
    try:
        yield OpenBackup(
            file, opened[file], _text_of(identity, opened[identity]) if identity else None
        )
    finally:
        for each in opened.values():
            each.close()


def _open(path: Path) -> IO[bytes]:
    """Opened without blocking, whatever it is. Raises ConfigError."""
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise UsageError(f"{path} is no file")
    return file


def _text_of(path: Path, file: IO[bytes]) -> str:
    try:
        return file.read(1024 * 1024).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{path}: expected what age-keygen wrote") from None


def put_back(config: "Config", source: OpenBackup, database_only: bool) -> Restored:
    """Raises ConfigError or TransientError; nothing changes until the last hash is checked."""
    from izer_bridge.host import stage, state_directory
    from izer_bridge.upkeep import replace_files

    state_dir = config.state_dir
    try:
        with state_directory.prepare(state_dir):
            stage.sweep(state_dir)
            with stage.stage(state_dir, "restore") as folder:
                restoration = _staged(config, source, folder, database_only)
                replace_files.begin(state_dir, folder, restoration)
                replace_files.go_on(state_dir, config.store_url, restoration)
    except OSError as error:
        raise _cannot(state_dir, source.name, error) from error
    return _restored(state_dir, restoration)


def _end(config: "Config", *, is_back: bool) -> Restored:
    """Raises ConfigError if no restore was interrupted, TransientError."""
    from izer_bridge.host import privilege, state_directory
    from izer_bridge.upkeep import replace_files

    state_dir = config.state_dir
    privilege.step_down(state_dir)
    end = replace_files.go_back if is_back else replace_files.go_on
    try:
        with state_directory.prepare(state_dir, is_restore=True):
            restoration = replace_files.begun(state_dir)
            end(state_dir, config.store_url, restoration)
    except OSError as error:
        raise _cannot(state_dir, state_dir, error) from error
    return _restored(state_dir, restoration)


def _restored(state_dir: Path, restoration: "Restoration") -> Restored:
    aside = str(state_dir / restoration.aside)
    return Restored(sorted(restoration.parts), restoration.saved_at, aside)


def _cannot(state_dir: Path, file: Path, error: OSError) -> TransientError:
    from izer_bridge.host.state_directory import RESTORE_MARK

    more = ""
    if (state_dir / RESTORE_MARK).exists():
        more = "; then `izer-bridge restore --go-on`, or `izer-bridge restore --go-back`"
    return TransientError(f"{file} cannot be put back: {error.strerror or error}{more}")


def _staged(
    config: "Config", source: OpenBackup, folder: Path, database_only: bool
) -> "Restoration":
    """Stage all that is put back, checked, and create the folder for the previous state."""
    from izer_bridge.upkeep.replace_files import PARTS, STORES, Restoration, staged_store

    is_session = source.file.read(len(_SQLITE)) == _SQLITE
    source.file.seek(0)
    saved_at = _unpack_session(source, folder) if is_session else _unpack(config, source, folder)
    found = {one.name for one in folder.iterdir()} & PARTS
    if database_only and not (found := found & STORES):
        raise UsageError(f"{source.name} holds no database")
    store = staged_store(config.store_url, folder)
    if store is not None and store.parent != folder and (folder / "bridge.db").exists():
        shutil.copyfile(folder / "bridge.db", store)
    # To the microsecond: after a way back the next restore may come within the second.
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}"
    return Restoration(f".restoring-{now}", f"before-restore-{now}", tuple(sorted(found)), saved_at)


def _unpack(config: "Config", source: OpenBackup, folder: Path) -> str:
    """When it was saved. Raises ConfigError if this version cannot restore it."""
    from izer_bridge.store import sqlite_copy
    from izer_bridge.store.versions import foreign_writer
    from izer_bridge.upkeep import archive, dump_check
    from izer_bridge.upkeep.store import whole_store

    with _plain(source, folder) as plain:
        manifest = archive.unpack(plain, folder, str(source.name))
    if manifest.schema is not None and (whose := foreign_writer(manifest.schema)) is not None:
        raise UsageError(
            f"{source.name} was saved by {whose} ({manifest.version}); install that one"
        )
    here = whole_store.file_name(config.store_url)
    if manifest.names & {whole_store.SQLITE_FILE, whole_store.DUMP_FILE} - {here}:
        there, is_there = ("SQLite", "MySQL") if here == "database.sql" else ("MySQL", "SQLite")
        raise UsageError(f"{source.name} holds a {there} store, and store.url is {is_there}")
    for path in folder.glob("*.db"):
        try:
            sqlite_copy.check(path)
        except sqlite3.Error as error:
            raise UsageError(f"{source.name}: {path.name}: {error}") from None
    if (sql := folder / whole_store.DUMP_FILE).exists():
        dump_check.refuse_active(sql)
    return manifest.created_at


@contextmanager
def _plain(source: OpenBackup, folder: Path) -> Iterator[IO[bytes]]:
    """The backup before its encryption. Raises ConfigError."""
    from izer_bridge.upkeep import encryption

    if not encryption.is_sealed(source.file):
        yield source.file
        return
    if source.identities is None:
        raise UsageError(f"{source.name} is encrypted; name what opens it: --identity FILE")
    path = folder / ".plain"
    with path.open("w+b") as plain:
        path.unlink()
        encryption.unseal(source.file, plain, source.identities)
        plain.seek(0)
        yield plain


def _unpack_session(source: OpenBackup, folder: Path) -> str:
    from izer_bridge.store import sqlite_copy

    session = folder / "session.db"
    with session.open("xb") as file:
        shutil.copyfileobj(source.file, file)
    try:
        sqlite_copy.check(session)
    except sqlite3.Error as error:
        raise UsageError(f"{source.name}: {error}") from None
    return ""
