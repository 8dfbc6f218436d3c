"""The folder of knowledge files, read again when one has changed; it does not judge content."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from izer_bridge.agents.builtin.knowledge import NOTHING, Knowledge, Section, sections_in
from izer_bridge.domain.errors import ConfigError

log = structlog.get_logger(__name__)

LARGEST_FILE = 256 * 1024
MOST_FILES = 100


@dataclass(frozen=True, slots=True)
class _Read:
    """A file as it was at `stamp`; without sections if it could not be read."""

    stamp: tuple[int, int]
    sections: tuple[Section, ...]


class Library:
    """All `*.md` of a folder, sorted by name; without a folder there is nothing.

    A file that becomes unreadable is logged once, and keeps its last good text.
    """

    def __init__(self, folder: Path | None) -> None:
        """Raises ConfigError if there is no such folder."""
        if folder is not None and not folder.is_dir():
            raise ConfigError(f"agents_builtin.knowledge_dir: {folder} is no folder")
        self._folder = folder
        self._files: dict[Path, _Read] = {}
        self._knowledge = NOTHING
        self._looking = asyncio.Lock()

    async def knowledge(self) -> Knowledge:
        """What the files say now."""
        if self._folder is None:
            return self._knowledge
        async with self._looking:
            found = await asyncio.to_thread(_look, self._folder, self._files)
            if found != self._files:
                self._files = found
                sections = (one for read in found.values() for one in read.sections)
                self._knowledge = await asyncio.to_thread(Knowledge, sections)
        return self._knowledge


def _look(folder: Path, known: Mapping[Path, _Read]) -> dict[Path, _Read]:
    """Each file, read again if its time or size has changed."""
    found = {}
    for path in sorted(folder.glob("*.md"))[:MOST_FILES]:
        before = known.get(path)
        try:
            status = path.stat()
        except OSError:
            continue
        stamp = (status.st_mtime_ns, status.st_size)
        found[path] = before if before and before.stamp == stamp else _file(path, stamp, before)
    return found


def _file(path: Path, stamp: tuple[int, int], before: _Read | None) -> _Read:
    try:
        if stamp[1] > LARGEST_FILE:
            raise ValueError(f"is larger than {LARGEST_FILE // 1024} KiB")
        sections = sections_in(path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        reason = f"is not UTF-8 (byte {error.start})"
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except ValueError as error:
        reason = str(error)
    else:
        log.info("knowledge_read", file=path.name, sections=len(sections))
        return _Read(stamp, sections)
    log.warning("knowledge_unreadable", file=path.name, error=f"{path.name} {reason}")
    return _Read(stamp, before.sections if before else ())
