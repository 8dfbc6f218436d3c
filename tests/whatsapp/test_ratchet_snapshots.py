"""Ratchets are saved before a decryption, and putting them back restores the session."""

import json
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from izer_bridge.domain.errors import TransientError
from izer_bridge.whatsapp.crash_safety import ratchet_snapshots, snapshot_process
from izer_bridge.whatsapp.crash_safety.ratchet_snapshots import AtRisk, RatchetKeeper, undo
from izer_bridge.whatsapp.library.log_lines import Stanza

OWN = "905550000000:1@s.whatsapp.net"
AYSE = Stanza("A1", "100000000000033@lid", "100000000000033@lid", 1)
IN_GROUP = replace(AYSE, id="G1", chat="120363035006544934@g.us")
# The client's own tables (whatsmeow, `store/sqlstore/upgrades`), as far as they matter here.
SESSION = """
CREATE TABLE whatsmeow_sessions (our_jid TEXT, their_id TEXT, session BLOB);
CREATE TABLE whatsmeow_sender_keys (
    our_jid TEXT, chat_id TEXT, sender_id TEXT, sender_key BLOB
);
CREATE TABLE whatsmeow_pre_keys (
    jid TEXT, key_id INTEGER, key BLOB, uploaded INTEGER, PRIMARY KEY (jid, key_id)
);
CREATE TABLE whatsmeow_lid_map (lid TEXT PRIMARY KEY, pn TEXT);
INSERT INTO whatsmeow_lid_map VALUES ('100000000000033', '905551112233');
INSERT INTO whatsmeow_pre_keys VALUES ('own', 7, x'07', 1);
"""


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def session(tmp_path: Path) -> Path:
    path = tmp_path / "session.db"
    change(path, SESSION)
    return path


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "risks.jsonl"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(session: Path, journal: Path, clock: Clock) -> Iterator[RatchetKeeper]:
    keeper = RatchetKeeper(session, journal, clock)
    yield keeper
    keeper.close()


def change(session: Path, statements: str) -> None:
    with closing(sqlite3.connect(session)) as connection:
        connection.executescript(statements)


def give_one_time_key(session: Path, key: bytes) -> None:
    with closing(sqlite3.connect(session)) as connection, connection:
        connection.execute("INSERT INTO whatsmeow_pre_keys VALUES ('own', 8, ?, 1)", [key])


def set_ratchet(session: Path, ratchet: int) -> None:
    """As a decryption does."""
    row = (OWN, "100000000000033_1:0", bytes([ratchet]))
    with closing(sqlite3.connect(session)) as connection, connection:
        connection.execute("DELETE FROM whatsmeow_sessions")
        connection.execute("INSERT INTO whatsmeow_sessions VALUES (?, ?, ?)", row)


def undone(session: Path, journal: Path) -> list[str]:
    told: list[AtRisk] = []
    done = undo(session, journal, told.extend)
    assert list(done) == told
    assert all(one.sender == AYSE.sender for one in done if one.message_id != "A1")
    return [one.message_id for one in done]


def ratchet(session: Path) -> int | None:
    with closing(sqlite3.connect(session)) as connection:
        row = connection.execute("SELECT session FROM whatsmeow_sessions").fetchone()
    return row[0][0] if row else None


def test_a_message_that_was_lost_can_be_decrypted_again(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    set_ratchet(session, 1)
    keeper.note(AYSE)
    set_ratchet(session, 2)
    keeper.close()
    assert undone(session, journal) == ["A1"]
    assert ratchet(session) == 1
    assert undone(session, journal) == []


def test_what_is_on_the_disk_is_not_undone(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    set_ratchet(session, 1)
    keeper.note(AYSE)
    set_ratchet(session, 2)
    keeper.done([AYSE])
    keeper.close()
    assert undone(session, journal) == []
    assert ratchet(session) == 2


def test_a_first_message_gives_its_one_time_key_back(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    keeper.note(AYSE)
    set_ratchet(session, 1)
    change(session, "DELETE FROM whatsmeow_pre_keys")
    keeper.close()
    undone(session, journal)
    assert ratchet(session) is None
    with closing(sqlite3.connect(session)) as connection:
        assert connection.execute("SELECT key_id FROM whatsmeow_pre_keys").fetchall() == [(7,)]


def test_a_senders_other_address_is_undone_too(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    set_ratchet(session, 1)
    number = "905551112233@s.whatsapp.net"
    keeper.note(replace(AYSE, chat=number, sender=number))
    set_ratchet(session, 2)
    keeper.close()
    undone(session, journal)
    assert ratchet(session) == 1


def test_in_a_burst_the_copy_before_its_first_message_serves_for_all(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    for number in range(1, 6):
        set_ratchet(session, number)
        keeper.note(replace(AYSE, id=f"A{number}"))
    for number in (1, 2, 4):
        keeper.done([replace(AYSE, id=f"A{number}")])
    keeper.close()
    assert journal.read_bytes().count(b'"ratchets"') == 1
    assert undone(session, journal) == ["A3", "A5"]
    assert ratchet(session) == 1


def test_a_copy_is_not_used_after_a_second_nor_after_a_reply(
    session: Path, journal: Path, keeper: RatchetKeeper, clock: Clock
) -> None:
    for number in range(1, 4):
        set_ratchet(session, number)
        keeper.note(replace(AYSE, id=f"A{number}"))
        keeper.done([replace(AYSE, id=f"A{number}")])
        clock.seconds += 1
    keeper.sent()
    clock.seconds -= 1
    set_ratchet(session, 4)
    keeper.note(replace(AYSE, id="A4"))
    set_ratchet(session, 5)
    keeper.close()
    undone(session, journal)
    assert ratchet(session) == 4


def test_a_message_goes_when_nothing_is_at_risk_whose_undoing_would_put_its_ratchet_back(
    keeper: RatchetKeeper,
) -> None:
    keeper.note(AYSE)
    going = threading.Thread(target=keeper.sent)
    going.start()
    # It waits: for longer than this if nothing reaches the disk.
    going.join(0.1)
    assert going.is_alive()
    keeper.done([AYSE])
    going.join(1)
    assert not going.is_alive()


def test_a_disk_that_refuses_does_not_stop_all_answers(
    keeper: RatchetKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ratchet_snapshots, "_LONGEST_HOLD_SECONDS", 0.01)
    keeper.note(AYSE)
    keeper.sent()


@pytest.mark.parametrize("first", [AYSE, IN_GROUP])
def test_what_brings_a_key_that_the_next_will_not_bring_has_a_copy_of_its_own(
    session: Path, journal: Path, keeper: RatchetKeeper, first: Stanza
) -> None:
    """After a person's first message there is a session, after a group's first one its key."""
    if first.chat.endswith("@g.us"):
        set_ratchet(session, 1)
    keeper.note(first)
    set_ratchet(session, 2)
    keeper.done([first])
    keeper.note(replace(first, id="A2"))
    set_ratchet(session, 3)
    keeper.close()
    assert undone(session, journal) == ["A2"]
    assert ratchet(session) == 2


@pytest.mark.attack("a stranger sends under the id of another customer's message")
def test_two_messages_of_one_id_are_undone_each_by_its_own_copy(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    stranger = "100000000000066@lid"
    keeper.note(replace(AYSE, chat=stranger, sender=stranger))
    set_ratchet(session, 1)
    keeper.note(AYSE)
    set_ratchet(session, 2)
    keeper.done([replace(AYSE, chat=stranger, sender=stranger)])
    keeper.close()
    assert undone(session, journal) == ["A1"]
    assert ratchet(session) == 1


@pytest.mark.attack("a LID that reads like a customer's number")
def test_a_lid_is_looked_for_among_lids_only(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    set_ratchet(session, 1)
    stranger = "905551112233@lid"
    keeper.note(replace(AYSE, chat=stranger, sender=stranger))
    set_ratchet(session, 2)
    keeper.close()
    undo(session, journal, lambda _: None)
    assert ratchet(session) == 2


def test_a_torn_record_is_passed_over(session: Path, journal: Path, keeper: RatchetKeeper) -> None:
    set_ratchet(session, 1)
    keeper.note(AYSE)
    set_ratchet(session, 2)
    keeper.close()
    with journal.open("ab") as file:
        file.write(b'\n{"note": "A2", "ch')
    assert undone(session, journal) == ["A1"]
    assert ratchet(session) == 1


def test_the_journal_does_not_grow_for_ever(
    session: Path, journal: Path, keeper: RatchetKeeper, clock: Clock
) -> None:
    give_one_time_key(session, bytes(1 << 20))
    for number in range(12):
        keeper.note(replace(AYSE, id=f"A{number}"))
        keeper.done([replace(AYSE, id=f"A{number}")])
    assert journal.stat().st_size < 6 * (1 << 20)
    keeper.note(AYSE)
    set_ratchet(session, 1)
    keeper.close()
    assert undone(session, journal) == ["A1"]
    assert ratchet(session) is None


def test_a_session_that_cannot_be_read_is_said(tmp_path: Path, journal: Path) -> None:
    path = tmp_path / "session.db"
    path.write_bytes(b"")
    keeper = RatchetKeeper(path, journal)
    with pytest.raises(TransientError, match="no such table"):
        keeper.note(AYSE)
    keeper.close()
    with pytest.raises(TransientError, match="gone"):
        keeper.note(AYSE)


def test_undoing_waits_for_the_keeper_of_a_bridge_that_was_killed(
    session: Path, journal: Path, keeper: RatchetKeeper
) -> None:
    set_ratchet(session, 1)
    keeper.note(AYSE)
    with pytest.raises(TransientError, match="does not end"):
        undone(session, journal)


def test_a_keeper_whose_bridge_waits_no_longer_ends_without_a_word(
    session: Path, journal: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bridge, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    note = [AYSE.id, AYSE.chat, AYSE.sender]
    bridge.send(json.dumps({"note": note, "copy": "1"}).encode())
    bridge.close()
    with other:
        arguments = [str(other.fileno()), str(session), str(journal)]
        ended = subprocess.run(
            [sys.executable, "-I", str(snapshot_process.__file__), *arguments],
            pass_fds=[other.fileno()],
            check=False,
        )
    assert ended.returncode == 0
    assert capfd.readouterr().err == ""
    assert b'"note"' in journal.read_bytes()
