"""`izer-bridge forget` on both stores: the person is gone, the others and the proof are not."""

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media
from izer_bridge.host import state_directory
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.store.database import Database
from izer_bridge.store.tables import metadata
from izer_bridge.whatsapp import erase_person, session_copy
from tests.console.typed import Said, typed
from tests.end_to_end.stored import Store
from tests.store.filled import fill
from tests.store.messages import LID, NUMBER, in_group, message

HANS = Jid.parse("4915550100266@s.whatsapp.net")
MESSAGES = [
    message(1, "gizli bir söz"),
    message(2, "cevabımız", from_me=True, sender=Jid.parse("905550000001@s.whatsapp.net")),
    in_group(3, "grupta gizli"),
    message(4, "Hallo", chat=HANS, sender_name="Hans"),
    in_group(5, "Hans burada", sender=HANS, sender_alt=None, sender_name="Hans"),
    message(6, "resim", kind=Kind.IMAGE, media=Media("image/jpeg", 9, None, b"source")),
]


_WRITTEN = """
INSERT INTO outbox (purpose, kind, state, account, chat_id, chat_jid, not_before)
SELECT 'hand:{jid}', 'hand', 'approved', '+905550000001', min(chat_id), '{jid}', '2026-03-01'
FROM webhook_messages WHERE chat_jid = '{jid}'
"""
_WITH_FILE = """
INSERT INTO outbox_files (outbox_id, path, sha256, found_type, name, size)
SELECT id, 'media/ab/unsent.pdf', 'ab', 'application/pdf', 'Ayşe faturası.pdf', 4 FROM outbox
"""


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state" / "media" / "ab").mkdir(parents=True)
    (tmp_path / "state" / "media" / "ab" / "abc.jpg").write_bytes(b"picture")
    asyncio.run(fill(store_url, MESSAGES))
    found = Store(store_url)
    path = "UPDATE media SET path = 'media/ab/abc.jpg', state = 'kept'"
    asyncio.run(found.execute(path))
    asyncio.run(
        found.execute(
            "INSERT INTO posted_history (webhook_message_id, sender, content, timestamp,"
            " message_type, from_me) SELECT id, 'Ayşe', 'gizli alıntı', chat_time, 'text', 0"
            " FROM webhook_messages WHERE message_id = '3EB0000005'"
        )
    )
    typed("vip", "add", "0555 111 22 33")
    return found


def forget(*arguments: str) -> Said:
    return typed("forget", *arguments)


def everything(url: str) -> str:
    """The contents of every table."""

    async def read() -> str:
        async with Database(url) as database:
            parts: list[Any] = []
            for table in metadata.sorted_tables:
                rows = await database.read(lambda one, t=table: one.execute(select(t)))  # type: ignore[misc]
                parts += [tuple(row) for row in rows]
            return str(parts)

    return asyncio.run(read())


def test_nothing_of_the_person_is_left_in_any_table(store: Store, tmp_path: Path) -> None:
    before = everything(store.url)
    assert "gizli" in before
    said = forget("0555 111 22 33", "--yes", "--json")
    assert said.code == 0
    left = everything(store.url)
    for word in ("gizli", "Ayşe", NUMBER.user, LID.user, "cevabımız"):
        assert word not in left
    report = json.loads(said.out)
    assert report["rows"]["webhook_messages"] == 4
    assert report["rows"]["important_customers"] == 1
    assert report["files"] == 1
    assert not (tmp_path / "state" / "media" / "ab" / "abc.jpg").exists()


def test_others_and_the_proof_stay(store: Store) -> None:
    forget("Ayşe", "--yes")
    texts = [one.current_message for one in asyncio.run(store.messages())]
    assert texts == ["Hallo", "Hans burada"]
    assert typed("verify").code == 0


def test_a_dry_run_counts_the_same_and_changes_nothing(store: Store) -> None:
    before = everything(store.url)
    would = json.loads(forget(f"{LID.user}@lid", "--dry-run", "--json").out)
    assert everything(store.url) == before
    did = json.loads(forget("Ayşe", "--yes", "--json").out)
    assert (would["rows"], would["files"]) == (did["rows"], did["files"])


def test_what_was_set_aside_is_said_to_stay_while_the_bridge_runs(
    store: Store, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    state.mkdir(exist_ok=True)
    inbox = SqliteInbox(state / "inbox.db")
    inbox.append([(17, b"x")])
    inbox.set_aside(inbox.pending(1)[0], "OverflowError", "the store does not take it")
    inbox.close()
    with state_directory.prepare(state):
        stays = json.loads(forget("Ayşe", "--yes", "--json").out)["stays"]
    text = "what is among 1 events that could not be recorded: izer-bridge dlq drop"
    assert text in stays


def test_it_is_done_once_and_nobody_twice(store: Store) -> None:
    forget("Ayşe", "--yes")
    said = forget("Ayşe", "--yes")
    assert (said.code, len(said.err.splitlines())) == (2, 1)


def test_without_a_terminal_it_wants_to_be_told(store: Store) -> None:
    said = forget("Ayşe")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert len(asyncio.run(store.messages())) == len(MESSAGES)


def test_a_file_that_another_message_has_too_stays(store: Store, tmp_path: Path) -> None:
    more = message(7, "", chat=HANS, sender_name="Hans", kind=Kind.IMAGE, media=MESSAGES[5].media)
    asyncio.run(fill(store.url, [more]))
    asyncio.run(store.execute("UPDATE media SET path = 'media/ab/abc.jpg'"))
    assert json.loads(forget("Ayşe", "--yes", "--json").out)["files"] == 0
    assert (tmp_path / "state" / "media" / "ab" / "abc.jpg").exists()


@pytest.mark.parametrize("is_for_another", [False, True])
def test_a_file_that_was_to_be_sent_goes_unless_another_gets_it(
    store: Store, tmp_path: Path, is_for_another: bool
) -> None:
    file = tmp_path / "state" / "media" / "ab" / "unsent.pdf"
    file.write_bytes(b"%PDF")
    people = (NUMBER, HANS) if is_for_another else (NUMBER,)
    for jid in people:
        asyncio.run(store.execute(_WRITTEN.format(jid=jid)))
    asyncio.run(store.execute(_WITH_FILE))
    before = json.loads(forget("Ayşe", "--dry-run", "--json").out)
    report = json.loads(forget("Ayşe", "--yes", "--json").out)
    assert before["files"] == report["files"] == (1 if is_for_another else 2)
    assert report["rows"]["outbox_files"] == 1
    assert file.exists() is is_for_another
    left = asyncio.run(store.rows("SELECT id FROM outbox_files"))
    assert len(left) == is_for_another


def test_the_session_loses_the_names_unless_a_bridge_runs(tmp_path: Path) -> None:
    file = tmp_path / "session.db"
    with closing(sqlite3.connect(file)) as session, session:
        session.execute("CREATE TABLE whatsmeow_contacts (our_jid, their_jid, push_name)")
        people = [
            (f"{NUMBER}", "Ayşe"),
            (f"{NUMBER.user}:7@{NUMBER.server}", "A"),
            (f"{HANS}", "H"),
        ]
        session.executemany("INSERT INTO whatsmeow_contacts VALUES ('me', ?, ?)", people)
    assert erase_person.forget(file, [str(NUMBER)], is_dry=True) == 2
    assert erase_person.forget(file, [str(NUMBER)], is_dry=False) == 2
    with closing(sqlite3.connect(file)) as session:
        [left] = session.execute("SELECT push_name FROM whatsmeow_contacts").fetchall()
    assert left == ("H",)


def test_the_copies_of_the_session_lose_the_names_too(store: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    with closing(sqlite3.connect(state / "session.db")) as session, session:
        session.execute("PRAGMA journal_mode=WAL")
        session.execute("CREATE TABLE whatsmeow_device (jid, registration_id)")
        session.execute("INSERT INTO whatsmeow_device VALUES ('905550000001@s.whatsapp.net', 7)")
        session.execute("CREATE TABLE whatsmeow_contacts (our_jid, their_jid, push_name)")
        people = [("me", str(NUMBER), "Ayşegül Gizli"), ("me", str(HANS), "Hans")]
        session.executemany("INSERT INTO whatsmeow_contacts VALUES (?, ?, ?)", people)
    copy = session_copy.keep(state / "session.db", state / "sessions", 5)
    assert copy is not None
    os.utime(copy, (7, 7))
    report = json.loads(forget("Ayşe", "--yes", "--json").out)
    assert report["session"] == 2
    for file in (state / "session.db", copy):
        assert "Ayşegül".encode() not in file.read_bytes()
        assert b"Hans" in file.read_bytes()
    assert copy.stat().st_mtime == 7
    assert list(copy.parent.iterdir()) == [copy]


def test_what_a_running_bridge_holds_is_said_to_stay(store: Store, tmp_path: Path) -> None:
    (tmp_path / "state" / "session.db").touch()
    with state_directory.prepare(tmp_path / "state"):
        said = forget("Ayşe", "--yes")
    assert "stays: names in the session of the bridge that runs" in said.out


def test_the_session_is_cleared_afterwards_when_the_bridge_has_stopped(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "state" / "session.db"
    with closing(sqlite3.connect(file)) as session, session:
        session.execute("CREATE TABLE whatsmeow_contacts (our_jid, their_jid, push_name)")
        session.execute("CREATE TABLE whatsmeow_lid_map (lid, pn)")
        session.execute("INSERT INTO whatsmeow_lid_map VALUES (?, ?)", (LID.user, NUMBER.user))
        for address in (NUMBER, LID):
            session.execute("INSERT INTO whatsmeow_contacts VALUES ('me', ?, 'A')", (str(address),))
    with state_directory.prepare(tmp_path / "state"):
        forget("Ayşe", "--yes")
    assert json.loads(forget("0555 111 22 33", "--yes", "--json").out)["session"] == 3
    again = forget("0555 111 22 33", "--yes")
    assert (again.code, len(again.err.splitlines())) == (2, 1)
