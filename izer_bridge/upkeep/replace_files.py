"""Replaces existing files by checked ones, so that a kill at any moment loses none.

A note is on disk from before the first change until after the last. No bridge starts beside it
(`statedir.refuse_half_restored`); from every point in between, the way forward and the way back are
open. Each step moves one name; which files lie where shows whether it is done.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from izer_bridge.domain.errors import ConfigError, UsageError
from izer_bridge.host.new_file import NewFile
from izer_bridge.host.plain_files import read_plain
from izer_bridge.host.state_directory import RESTORE_MARK
from izer_bridge.upkeep.store import whole_store

SESSION, INBOX, MEDIA = "session.db", "inbox.db", "media"
STORES = frozenset({whole_store.SQLITE_FILE, whole_store.DUMP_FILE})
PARTS = frozenset({SESSION, INBOX, MEDIA}) | STORES
_RISKS = "risks.jsonl"
_JOURNALS = ("-wal", "-shm", "-journal")
_LOADED = "loaded.sql"
_MOST_BYTES = 16 * 1024
_OURS = re.compile(r"\.restoring-\w+|before-restore-[\dTZ]+")


@dataclass(frozen=True, slots=True)
class Restoration:
    """A restore: the staging folder, the folder for the previous state, and its parts.

    `saved_at` is empty if the backup does not state it.
    """

    stage: str
    aside: str
    parts: tuple[str, ...]
    saved_at: str


@dataclass(frozen=True, slots=True)
class Place:
    """One SQLite file: where it belongs, where the new one waits, where the old one goes."""

    target: Path
    staged: Path
    aside: Path
    # Files beside the old one; they mean nothing beside another.
    beside: tuple[Path, ...] = ()

    def put(self) -> None:
        if not self.staged.exists():
            return
        for path in (self.target, *_journals(self.target), *self.beside):
            if os.path.lexists(path):
                _move(path, self.aside / path.name)
        self.staged.rename(self.target)

    def put_back(self) -> None:
        if not self.staged.exists():
            for path in _journals(self.target):
                path.unlink(missing_ok=True)
            self.target.rename(self.staged)
        for path in (self.target, *_journals(self.target), *self.beside):
            if os.path.lexists(self.aside / path.name):
                _move(self.aside / path.name, path)


def begin(state_dir: Path, stage: Path, restoration: Restoration) -> None:
    """Begin with the staged files, which are on disk before the note is. Raises OSError."""
    (state_dir / restoration.aside).mkdir(mode=0o700)
    stage.rename(state_dir / restoration.stage)
    for folder in (state_dir / restoration.stage, state_dir / restoration.aside, state_dir):
        _sync(folder)
    with NewFile(state_dir / RESTORE_MARK) as note:
        note.file.write(json.dumps(asdict(restoration)).encode())
        note.appear()


def begun(state_dir: Path) -> Restoration:
    """The interrupted restore. Raises ConfigError if there is none that can be read."""
    mark = state_dir / RESTORE_MARK
    try:
        said = json.loads(read_plain(mark, _MOST_BYTES))
        found = Restoration(said["stage"], said["aside"], tuple(said["parts"]), said["saved_at"])
        if not (_OURS.fullmatch(found.stage) and _OURS.fullmatch(found.aside)):
            raise ValueError(found.stage)
    except FileNotFoundError:
        raise UsageError("no restore was interrupted here; name a backup") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{mark} is no note of a restore: {error}") from None
    return found


def go_on(state_dir: Path, url: str, restoration: Restoration) -> None:
    """Do the steps that are not done. Raises OSError, ConfigError, TransientError."""
    stage, aside = state_dir / restoration.stage, state_dir / restoration.aside
    if whole_store.DUMP_FILE in restoration.parts:
        _load(url, stage, aside)
    for place in _places(state_dir, url, restoration):
        place.put()
    if MEDIA in restoration.parts:
        _add_media(stage / MEDIA, state_dir / MEDIA)
    _end(state_dir, stage, aside)


def go_back(state_dir: Path, url: str, restoration: Restoration) -> None:
    """Undo the steps that are done. Messages' files stay: nothing refers to them, and tonight's
    sweep finds them. Raises OSError, ConfigError, TransientError.
    """
    stage, aside = state_dir / restoration.stage, state_dir / restoration.aside
    if (before := aside / whole_store.DUMP_FILE).exists():
        if (loaded := stage / _LOADED).exists():
            loaded.rename(stage / whole_store.DUMP_FILE)
        whole_store.load(url, before)
    for place in _places(state_dir, url, restoration):
        place.put_back()
    _end(state_dir, stage, aside)


def staged_store(url: str, stage: Path) -> Path | None:
    """Where a new embedded store waits: on the old one's disk, so that one rename installs it."""
    target = whole_store.file_of(url)
    if target is None:
        return None
    if target.parent.stat().st_dev == stage.stat().st_dev:
        return stage / whole_store.SQLITE_FILE
    return target.with_name(f".{target.name}.restored")


def _places(state_dir: Path, url: str, restoration: Restoration) -> Iterator[Place]:
    stage, aside = state_dir / restoration.stage, state_dir / restoration.aside
    store, staged = whole_store.file_of(url), staged_store(url, stage)
    for name in (SESSION, INBOX):
        if name in restoration.parts:
            # It tells how to undo decryptions of the previous session.
            beside = (state_dir / _RISKS,) if name == SESSION else ()
            yield Place(state_dir / name, stage / name, aside, beside)
    if whole_store.SQLITE_FILE in restoration.parts and store is not None and staged is not None:
        yield Place(store, staged, aside)


def _load(url: str, stage: Path, aside: Path) -> None:
    new, before = stage / whole_store.DUMP_FILE, aside / whole_store.DUMP_FILE
    if not new.exists():
        return
    if not before.exists():
        saved = stage / "before.sql"
        saved.unlink(missing_ok=True)
        whole_store.save(url, saved)
        with saved.open("rb") as file:
            os.fsync(file.fileno())
        saved.rename(before)
        _sync(aside)
    whole_store.load(url, new)
    new.rename(stage / _LOADED)


def _add_media(staged: Path, media: Path) -> None:
    """They are named by content hash: an existing file is the same file."""
    if not staged.exists():
        return
    for file in sorted(staged.glob("??/*.*")):
        target = media / file.relative_to(staged)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not target.exists():
            _move(file, target)


def _end(state_dir: Path, stage: Path, aside: Path) -> None:
    for folder in (aside, state_dir):
        _sync(folder)
    (state_dir / RESTORE_MARK).unlink()
    _sync(state_dir)
    shutil.rmtree(stage, ignore_errors=True)
    if not any(aside.iterdir()):
        aside.rmdir()


def _journals(path: Path) -> Iterator[Path]:
    return (path.with_name(path.name + suffix) for suffix in _JOURNALS)


def _move(path: Path, target: Path) -> None:
    """It is whole under the new name before it is gone under the old one."""
    if path.lstat().st_dev == target.parent.stat().st_dev:
        path.rename(target)
        return
    with NewFile(target, replaces=True) as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy.file)
        copy.appear()
    path.unlink()


def _sync(folder: Path) -> None:
    """Make names in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
