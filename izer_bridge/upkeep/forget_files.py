"""A person's data outside the store: session, inbox, media, and copies."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from izer_bridge.domain.errors import TransientError
from izer_bridge.host.plain_files import is_plain
from izer_bridge.inbox.erase import erase
from izer_bridge.upkeep.store.person import Forgotten
from izer_bridge.whatsapp import erase_person
from izer_bridge.whatsapp.session_copies import FOLDER

_INBOX = "inbox.db"
# Complete copies that a command or a start has put aside.
_COPIES = ("backups/*", "before-restore-*", "*.corrupt-*")


def media(state_dir: Path, paths: Sequence[str]) -> int:
    """How many of these files existed and are removed. Raises TransientError."""
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


def session_files(state_dir: Path) -> list[Path]:
    """The session with WhatsApp and its copies. Raises TransientError."""
    try:
        copies = sorted((state_dir / FOLDER).glob("session-*.db"))
    except OSError as error:
        raise TransientError(f"{state_dir / FOLDER}: {error.strerror}") from None
    return [one for one in (state_dir / "session.db", *copies) if is_plain(one)]


def session(state_dir: Path, person: Forgotten, *, is_dry: bool) -> int:
    """How many rows of them were removed, or would be; no bridge may run."""
    names = person.traces.names
    return sum(
        erase_person.forget(file, person.addresses, names, is_dry=is_dry)
        for file in session_files(state_dir)
    )


def inbox(state_dir: Path, person: Forgotten, *, is_dry: bool) -> int:
    """How many events of them were removed, or would be; no bridge may run."""
    return erase(state_dir / _INBOX, person.traces.is_in, is_dry=is_dry)


def copies(state_dir: Path, zone: ZoneInfo) -> Iterator[str]:
    """Each existing copy, with its date."""
    for path in sorted(one for pattern in _COPIES for one in state_dir.glob(pattern)):
        made = datetime.fromtimestamp(path.lstat().st_mtime, zone)
        yield (
            f"{path.relative_to(state_dir)} of {made:%d.%m.%Y %H:%M}, made before: "
            "remove it when you need it no more"
        )
