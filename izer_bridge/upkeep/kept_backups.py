"""The backups that were made, by their names."""

import re
from datetime import datetime
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.kept_backup import KeptBackup

FOLDER = "backups"
_NAME = re.compile(r"izer-bridge-\d{8}T\d{6}Z\.tar\.gz(?:\.age)?")


def our_backups(folder: Path) -> list[str]:
    """The names of ours, oldest first. Raises OSError."""
    return sorted(one.name for one in folder.iterdir() if _NAME.fullmatch(one.name))


def newest_backup(state_dir: Path) -> KeptBackup | None:
    """The newest where `izer-bridge backup` puts them. Raises TransientError."""
    folder = state_dir / FOLDER
    try:
        if not folder.is_dir() or not (names := our_backups(folder)):
            return None
        size = (folder / names[-1]).stat().st_size
    except OSError as error:
        raise TransientError(f"{folder}: {error.strerror}") from None
    made_at = datetime.strptime(names[-1][12:28], "%Y%m%dT%H%M%S%z")
    return KeptBackup(made_at, size)
