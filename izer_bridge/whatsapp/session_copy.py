"""Makes one copy of the client's session file per linking; runs as a separate program.

Arguments: the session file, the folder of the copies, and how many linkings are kept. A copy's name
contains a hash of the linking's identity, so that a new one never replaces the copy of an older
one. It needs nothing but the standard library (see `sqlite_copy`).
"""

import hashlib
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

if __name__ == "__main__":  # as a program it has no package around it
    sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
    from sqlite_copy import copy  # type: ignore[import-not-found]
else:
    from izer_bridge.store.sqlite_copy import copy

NOT_LINKED = 3
_DEVICE = "SELECT jid, registration_id FROM whatsmeow_device"


def keep(session_file: Path, folder: Path, linkings: int) -> Path | None:
    """The new copy, which is the newest in `folder`; None if nothing is linked.

    Raises sqlite3.Error or OSError.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished = folder / f".{os.getpid()}.part"
    try:
        copy(session_file, unfinished)
        address = f"{unfinished.absolute().as_uri()}?immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            device = connection.execute(_DEVICE).fetchone()
        if device is None:
            return None
        name = hashlib.sha256(repr(device).encode()).hexdigest()[:12]
        kept = folder / f"session-{name}.db"
        unfinished.replace(kept)
    finally:
        unfinished.unlink(missing_ok=True)
    newest_first = sorted(folder.glob("session-*.db"), key=lambda one: -one.stat().st_mtime_ns)
    for old in newest_first[linkings:]:
        old.unlink()
    return kept


if __name__ == "__main__":
    try:
        path = keep(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
    except (sqlite3.Error, OSError) as error:
        sys.exit(str(error))
    if path is None:
        sys.exit(NOT_LINKED)
    print(path)  # noqa: T201
