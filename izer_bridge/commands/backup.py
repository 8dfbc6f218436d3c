"""`izer-bridge backup`: what cannot be had again in one file, also while the bridge runs."""

import json
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from izer_bridge.commands.typed import AsJson, ConfigFile, json_text, say, told_errors
from izer_bridge.model.errors import ConfigError, TransientError

if TYPE_CHECKING:
    from izer_bridge.config import Config
    from izer_bridge.edges.archive import Manifest

FOLDER = "backups"
_NAME = re.compile(r"izer-bridge-\d{8}T\d{6}Z\.tar\.gz")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What goes into a backup beside session and inbox."""

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
    """Save session, inbox and database into one file, also while the bridge runs.

    Whoever has the file can read the messages and be this linked device. It holds no other secret.
    """
    from izer_bridge import config

    with told_errors():
        settings = config.load(config_file)
        path = _path(settings.state_dir, target)
        manifest = make(settings, path, Wanted(media, database))
        removed = _remove_older(path.parent, keep) if keep else []
    if json_output:
        facts = {"file": str(path), "bytes": path.stat().st_size, "schema": manifest.schema}
        more = {"files": sorted(manifest.names), "removed": removed}
        typer.echo(json_text(facts | more))
        return
    say(f"{path}: {', '.join(_told(manifest))}; {path.stat().st_size / 1e6:.2f} MB.")
    if not media:
        typer.echo("Files that came with messages are not in it; --media adds them.")
    if removed:
        say(f"Removed the oldest: {', '.join(removed)}.")


def make(config: "Config", path: Path, wanted: Wanted) -> "Manifest":
    """Write a backup to `path`. Raises ConfigError or TransientError, and then nothing is there."""
    from izer_bridge import __version__
    from izer_bridge.config.redacted import redacted
    from izer_bridge.edges import archive, statedir
    from izer_bridge.store import saving

    state_dir, url = config.state_dir, config.store_url
    os.umask(0o077)
    schema = saving.version_of(url) if wanted.database else None
    try:
        with tempfile.TemporaryDirectory(prefix=".izer-bridge-", dir=path.parent) as name:
            folder = Path(name)
            # In this order: what leaves the inbox meanwhile is in the database, and every file
            # that a row names is there.
            for source in ("session.db", "inbox.db"):
                if (state_dir / source).exists():
                    saving.copy_file(state_dir / source, folder / source)
            if schema is not None:
                saving.save(url, folder / saving.file_name(url))
            if wanted.media:
                _link_media(state_dir, folder)
            names = sorted(str(one.relative_to(folder)) for one in folder.rglob("*.*"))
            if not names:
                raise ConfigError(f"state_dir = {state_dir}: there is nothing to save")
            settings = json.dumps(redacted(config), indent=1, ensure_ascii=False)
            (folder / archive.SETTINGS_FILE).write_text(settings, "utf-8")
            manifest = archive.pack(
                path,
                folder,
                [archive.SETTINGS_FILE, *names],
                version=__version__,
                created_at=datetime.now(UTC).isoformat(timespec="seconds"),
                schema=schema,
            )
        statedir.give(path, like=path.parent)
    except OSError as error:
        raise TransientError(f"{path} cannot be written: {error.strerror or error}") from error
    return manifest


def _path(state_dir: Path, target: Path | None) -> Path:
    """Where the backup goes. Raises ConfigError."""
    from izer_bridge.edges import statedir

    if not state_dir.is_dir():
        raise ConfigError(f"state_dir = {state_dir}: there is nothing to save")
    if target is None:
        target = state_dir / FOLDER
        target.mkdir(exist_ok=True, mode=0o700)
        statedir.give(target, like=state_dir)
    if target.is_dir():
        return target / f"izer-bridge-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    if target.exists():
        raise ConfigError(f"{target} is there already; name another file, or a directory")
    if not target.parent.is_dir():
        raise ConfigError(f"the directory {target.parent} does not exist")
    return target


def _link_media(state_dir: Path, folder: Path) -> None:
    """The files as they are now; they never change, so that another name for each will do."""
    for file in (state_dir / "media").glob("??/*.*"):
        path = folder / file.relative_to(state_dir)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(file, path)
        except FileNotFoundError:  # removed since
            continue
        except OSError:  # the backup goes to another disk
            shutil.copyfile(file, path)


def _remove_older(folder: Path, keep: int) -> list[str]:
    ours = sorted(one.name for one in folder.iterdir() if _NAME.fullmatch(one.name))
    for name in ours[:-keep]:
        (folder / name).unlink(missing_ok=True)
    return ours[:-keep]


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
