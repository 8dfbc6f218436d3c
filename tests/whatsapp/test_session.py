"""Questions to the client's session file, which the client has open with a SQLite of its own."""

import fcntl
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from izer_bridge.whatsapp import session
from izer_bridge.whatsapp.session import Secret

_TABLES = """
CREATE TABLE whatsmeow_device (jid TEXT, lid TEXT);
CREATE TABLE whatsmeow_lid_map (lid TEXT, pn TEXT);
CREATE TABLE whatsmeow_message_secrets (message_id TEXT, key BLOB, sender_jid TEXT);
INSERT INTO whatsmeow_device VALUES ('905550000001:7@s.whatsapp.net', '200000000000001:7@lid');
INSERT INTO whatsmeow_lid_map VALUES ('100000000000033', '905551112233');
INSERT INTO whatsmeow_message_secrets VALUES ('3EB0A1', x'0102', '905551112233@s.whatsapp.net');
INSERT INTO whatsmeow_message_secrets VALUES ('3EB0B2', x'0304', '905550000001@s.whatsapp.net');
"""
# From another process: whether nobody there keeps it from being locked.
_LOCK = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'rb+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "session.db"
    session.prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(_TABLES)
    return path


def test_a_secret_and_its_authors_addresses_are_found(file: Path) -> None:
    [theirs] = session.secrets_of(file, "3EB0A1")
    assert theirs.key == b"\x01\x02"
    addresses = ["905551112233@s.whatsapp.net", "100000000000033@lid"]
    assert list(map(str, theirs.authors)) == addresses
    [own] = session.secrets_of(file, "3EB0B2")
    assert sorted(map(str, own.authors)) == ["200000000000001@lid", "905550000001@s.whatsapp.net"]


def test_an_id_is_found_by_its_secret(file: Path) -> None:
    assert session.id_of(file, b"\x01\x02") == "3EB0A1"
    assert session.id_of(file, b"\x09") is None


@pytest.mark.parametrize("name", ["3EB0\0A1", "\ud800", "--help", "A" * 300_000])
def test_whatever_a_stranger_calls_a_message_is_asked_for(file: Path, name: str) -> None:
    assert session.secrets_of(file, name) == []


@pytest.mark.parametrize("name", ["missing.db", "damaged.db"])
def test_a_file_that_cannot_be_read_answers_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "damaged.db").write_bytes(b"no database")
    assert session.secrets_of(tmp_path / name, "3EB0A1") == []
    assert session.id_of(tmp_path / name, b"\x01\x02") is None


@pytest.mark.parametrize(
    "ask",
    [lambda path: session.secrets_of(path, "3EB0A1"), lambda path: session.id_of(path, b"\x01")],
)
def test_a_question_leaves_this_process_its_locks(
    file: Path, ask: Callable[[Path], Secret | str | None]
) -> None:
    """Closing the file here would drop them all, the client's too, which bridges died of."""
    with file.open("rb+") as held:
        fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1 << 32)
        ask(file)
        found = subprocess.run(
            [sys.executable, "-I", "-c", _LOCK, str(file)], capture_output=True, check=False
        )
    assert b"BlockingIOError" in found.stderr
