"""How a session's copy is named, and which copies are kept."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from izer_bridge.whatsapp.session_copy import keep


def session_of(device: str | None, path: Path) -> Path:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as session, session:
        session.execute("PRAGMA journal_mode=WAL")
        session.execute("CREATE TABLE whatsmeow_device (jid, registration_id)")
        if device is not None:
            session.execute("INSERT INTO whatsmeow_device VALUES (?, 7)", (device,))
    return path


def test_the_newest_linkings_are_kept_one_copy_each(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    kept = []
    for number in (1, 2, 2, 3, 4):
        device = f"905551112233:{number}@s.whatsapp.net"
        path = keep(session_of(device, tmp_path / "session.db"), folder, 3)
        assert path is not None
        os.utime(path, (number, number))
        kept.append(path)
    assert set(folder.iterdir()) == set(kept[1:])
    assert len(set(kept[1:])) == 3
    assert not any("905551112233" in one.name for one in kept)


def test_what_is_not_linked_replaces_no_copy(tmp_path: Path) -> None:
    folder = tmp_path / "sessions"
    path = keep(session_of("90:1@s.whatsapp.net", tmp_path / "session.db"), folder, 3)
    assert keep(session_of(None, tmp_path / "session.db"), folder, 3) is None
    assert list(folder.iterdir()) == [path]


def test_a_damaged_session_replaces_no_copy(tmp_path: Path) -> None:
    folder, session = tmp_path / "sessions", tmp_path / "session.db"
    path = keep(session_of("90:1@s.whatsapp.net", session), folder, 3)
    session.write_bytes(session.read_bytes()[:1000] + b"\0" * 3000)
    with pytest.raises(sqlite3.DatabaseError):
        keep(session, folder, 3)
    assert list(folder.iterdir()) == [path]
