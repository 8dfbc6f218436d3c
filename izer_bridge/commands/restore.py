"""`izer-bridge restore`: a backup put back; what was there before is kept aside."""

import shutil
import sqlite3
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.commands.typed import AsJson, ConfigFile, json_text, say, told_errors
from izer_bridge.model.errors import ConfigError, TransientError

if TYPE_CHECKING:
    from izer_bridge.config import Config

_SQLITE = b"SQLite format 3\0"
_SESSION, _INBOX, _RISKS, _MEDIA = "session.db", "inbox.db", "risks.jsonl", "media"
_STORES = {"bridge.db", "database.sql"}


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, when it had been saved (empty: a copy of a session does not say it), and
    where that lies which was there before."""

    parts: list[str]
    saved_at: str
    aside: str


def restore(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A backup, or a copy out of sessions/.")
    ],
    database_only: Annotated[
        bool, typer.Option("--database-only", help="Leave session and inbox as they are.")
    ] = False,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Put a backup back while the bridge does not run; what was there is kept beside it."""
    from izer_bridge import config

    with told_errors():
        restored = put_back(config.load(config_file), file, database_only)
    if json_output:
        typer.echo(json_text(asdict(restored)))
        return
    of = f", as it was saved at {restored.saved_at}" if restored.saved_at else ""
    say(f"Put back: {', '.join(restored.parts)}{of}.")
    say(f"What was there before lies in {restored.aside}")


def put_back(config: "Config", file: Path, database_only: bool) -> Restored:
    """Raises ConfigError or TransientError; up to the hash of the last file nothing has changed."""
    from izer_bridge.edges import statedir

    if not file.is_file():
        raise ConfigError(f"{file} does not exist or is no file")
    state_dir = config.state_dir
    try:
        with (
            statedir.prepare(state_dir),
            tempfile.TemporaryDirectory(prefix=".restore-", dir=state_dir) as name,
        ):
            return _put_back(config, file, Path(name), database_only)
    except OSError as error:
        raise TransientError(f"{file} cannot be put back: {error.strerror or error}") from error


def _put_back(config: "Config", file: Path, folder: Path, database_only: bool) -> Restored:
    from izer_bridge.store import saving

    state_dir = config.state_dir
    with file.open("rb") as content:
        is_session = content.read(len(_SQLITE)) == _SQLITE
    saved_at = _unpack_session(file, folder) if is_session else _unpack(config, file, folder)
    found = {one.name for one in folder.iterdir()} & ({_SESSION, _INBOX, _MEDIA} | _STORES)
    if database_only and not (found := found & _STORES):
        raise ConfigError(f"{file} holds no database")
    aside = state_dir / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    aside.mkdir(mode=0o700)
    for name in found & _STORES:
        saving.put_back(config.store_url, folder / name, aside)
    for name in found & {_SESSION, _INBOX}:
        saving.move_aside(state_dir / name, aside)
        shutil.move(folder / name, state_dir / name)
    if _SESSION in found and (state_dir / _RISKS).exists():
        # It tells how to undo decryptions of the session that was there.
        shutil.move(state_dir / _RISKS, aside / _RISKS)
    if _MEDIA in found:
        shutil.copytree(folder / _MEDIA, state_dir / _MEDIA, dirs_exist_ok=True)
    _give_all(config, aside)
    return Restored(sorted(found), saved_at, str(aside))


def _give_all(config: "Config", aside: Path) -> None:
    """To whom the state directory belongs; this command is mostly run by root."""
    from izer_bridge.edges import statedir
    from izer_bridge.store import saving

    state_dir = config.state_dir
    media = state_dir / _MEDIA
    paths = {state_dir / _SESSION, state_dir / _INBOX, saving.file_of(config.store_url)}
    for path in (*paths, media, *media.rglob("*"), aside, *aside.iterdir()):
        if path is not None and path.exists():
            statedir.give(path, like=state_dir)


def _unpack(config: "Config", file: Path, folder: Path) -> str:
    """When it was saved. Raises ConfigError for what this version cannot put back."""
    from izer_bridge.edges import archive
    from izer_bridge.store import saving, sqlite_copy
    from izer_bridge.store.versions import knows

    manifest = archive.unpack(file, folder)
    if manifest.schema is not None and not knows(manifest.schema):
        raise ConfigError(
            f"{file} was saved by izer-bridge {manifest.version}, which is newer; install that one"
        )
    here = saving.file_name(config.store_url)
    if manifest.names & _STORES - {here}:
        there, is_there = ("SQLite", "MySQL") if here == "database.sql" else ("MySQL", "SQLite")
        raise ConfigError(f"{file} holds a {there} store, and store.url is {is_there}")
    for path in folder.glob("*.db"):
        try:
            sqlite_copy.check(path)
        except sqlite3.Error as error:
            raise ConfigError(f"{file}: {path.name}: {error}") from None
    return manifest.created_at


def _unpack_session(file: Path, folder: Path) -> str:
    from izer_bridge.store import sqlite_copy

    shutil.copyfile(file, folder / _SESSION)
    try:
        sqlite_copy.check(folder / _SESSION)
    except sqlite3.Error as error:
        raise ConfigError(f"{file}: {error}") from None
    return ""
