"""`izer-bridge backup`: all irreplaceable data in one file, even while the bridge runs."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    load_as_root,
    say,
    told_errors,
)
from izer_bridge.domain.errors import ConfigError, TransientError, UsageError
from izer_bridge.host.plain_files import is_plain
from izer_bridge.upkeep.kept_backups import FOLDER, our_backups

if TYPE_CHECKING:
    from izer_bridge.config import Config
    from izer_bridge.host.new_file import NewFile
    from izer_bridge.upkeep.archive import Manifest

_LOOK_SECONDS, _MOST_LOOKS = 0.1, 20


@dataclass(frozen=True, slots=True)
class BackupContents:
    """What a backup contains besides session and inbox."""

    media: bool
    database: bool


def backup(
    target: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE|DIR]", help="Default: backups/ in the state directory."),
    ] = None,
    media: Annotated[
        bool, typer.Option("--media", help="Also the files that came with messages.")
    ] = False,
    database: Annotated[
        bool, typer.Option("--database/--no-database", help="Without: session and inbox alone.")
    ] = True,
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Then remove all but so many of the newest in the directory."),
    ] = None,
    json_output: AsJson = False,
    config_file: ConfigFile = None,
) -> None:
    """Save session, inbox and database into one file, even while the bridge runs.

    Anybody with the file can read the messages and be this linked device. It contains no other
    secret.
    """
    with told_errors():
        settings = load_as_root(config_file)
        with _destination(settings, target, keep) as new:
            manifest = make(settings, new, BackupContents(media, database))
            size, removed = new.size, list(new.older)
            new.appear()
    if json_output:
        facts = {"file": str(new.path), "bytes": size, "schema": manifest.schema}
        more = {"files": sorted(manifest.names), "removed": removed}
        typer.echo(json_text(facts | more))
        return
    say(f"{new.path}: {', '.join(_told(manifest))}; {size / 1e6:.2f} MB.")
    if settings.backup.recipients:
        say("It is encrypted; only the identities of backup.recipients open it.")
    if not media:
        typer.echo("Files that came with messages are not in it; --media adds them.")
    if removed:
        say(f"Removed the oldest: {', '.join(removed)}.")


@contextmanager
def _destination(settings: "Config", target: Path | None, keep: int | None) -> "Iterator[NewFile]":
    """The backup's destination. From here on nobody is root. Raises ConfigError, TransientError."""
    from izer_bridge.host import new_file, privilege, state_directory

    state_dir = settings.state_dir
    if not state_dir.is_dir():
        raise ConfigError(f"state_dir = {state_dir}: there is nothing to save")
    state_directory.refuse_half_restored(state_dir)
    if target is None:
        privilege.step_down(state_dir)
    path = _path(settings, target)
    if target is None:
        new_file.sweep(path.parent)
    try:
        with privilege.new_file(state_dir, path) as new:
            new.older = _older(path.parent, keep - 1) if keep else ()
            yield new
    except OSError as error:
        raise TransientError(f"{path} cannot be written: {error.strerror or error}") from error


def make(config: "Config", new: "NewFile", wanted: BackupContents) -> "Manifest":
    """Write a backup into `new`. Raises ConfigError, TransientError or OSError."""
    from izer_bridge import __version__
    from izer_bridge.config.redacted import redacted
    from izer_bridge.host import stage
    from izer_bridge.upkeep import archive, encryption
    from izer_bridge.upkeep.store import whole_store

    state_dir, url = config.state_dir, config.store_url
    os.umask(0o077)
    stage.sweep(state_dir)
    schema = whole_store.version_of(url) if wanted.database else None
    with stage.stage(state_dir, "backup") as folder:
        # In this order: an event that leaves the inbox meanwhile is in the database, and every file
        # that a row names is there.
        for source in ("session.db", "inbox.db"):
            if os.path.lexists(state_dir / source):
                whole_store.copy_file(state_dir / source, folder / source)
        if schema is not None:
            whole_store.save(url, folder / whole_store.file_name(url))
        if wanted.media:
            _link_media(state_dir, folder)
        names = sorted(str(one.relative_to(folder)) for one in folder.rglob("*.*"))
        if not names:
            raise ConfigError(f"state_dir = {state_dir}: there is nothing to save")
        settings = json.dumps(redacted(config), indent=1, ensure_ascii=False)
        (folder / archive.SETTINGS_FILE).write_text(settings, "utf-8")
        manifest = archive.manifest_of(
            folder,
            [archive.SETTINGS_FILE, *names],
            version=__version__,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            schema=schema,
        )
        if keys := config.backup.recipients:
            encryption.seal(lambda plain: archive.pack(plain, folder, manifest), new.file, keys)
        else:
            archive.pack(new.file, folder, manifest)
    return manifest


def _path(settings: "Config", target: Path | None) -> Path:
    """The backup's path. Raises ConfigError."""
    if target is None:
        target = settings.state_dir / FOLDER
        try:
            target.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise ConfigError(f"{target}: {error.strerror}; it must be writable") from None
    if target.is_dir():
        ending = ".tar.gz.age" if settings.backup.recipients else ".tar.gz"
        # Names have one-second resolution: the second of two backups waits for the next second.
        for _ in range(_MOST_LOOKS):
            if not os.path.lexists(path := target / f"{_name()}{ending}"):
                break
            time.sleep(_LOOK_SECONDS)
        return path
    if os.path.lexists(target):
        raise UsageError(f"{target} is there already; name another file, or a directory")
    if not target.parent.is_dir():
        raise UsageError(f"the directory {target.parent} does not exist")
    return target


def _name() -> str:
    return f"izer-bridge-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"


def _link_media(state_dir: Path, folder: Path) -> None:
    """The files as they are now; they never change, so hard links are enough."""
    for file in (state_dir / "media").glob("??/*.*"):
        if not is_plain(file):
            continue
        path = folder / file.relative_to(state_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, path)
        except FileNotFoundError:  # removed since
            continue
        except OSError:  # the backup goes to another disk
            shutil.copyfile(file, path)


def _older(folder: Path, keep: int) -> list[str]:
    """Our backups that go if so many stay beside the new one."""
    ours = our_backups(folder)
    return ours[: max(0, len(ours) - keep)]


def _told(manifest: "Manifest") -> list[str]:
    names = manifest.names
    known = {
        "session": "session.db",
        "inbox": "inbox.db",
        "database": "bridge.db" if "bridge.db" in names else "database.sql",
    }
    told = [word if name in names else f"no {word}" for word, name in known.items()]
    count = sum(name.startswith("media/") for name in names)
    return [*told, f"{count} files of messages"] if count else told
