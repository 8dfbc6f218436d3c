"""The inbox: durable, in order, from any thread, and never deleting what it cannot read."""

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from izer_bridge.domain.errors import TransientError
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.inbox.set_aside import SetAside, kinds_in


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inbox.db"


def test_events_come_back_in_order_after_the_process_is_gone(path: Path) -> None:
    """A second connection sees only what was committed, as a new process would."""
    inbox = SqliteInbox(path, clock=lambda: datetime(2026, 3, 1, tzinfo=UTC))
    for number in range(5):
        inbox.append([(17, bytes([number]))])
    again = SqliteInbox(path)
    assert [entry.payload for entry in again.pending(10)] == [bytes([n]) for n in range(5)]
    assert again.depth() == 5
    assert again.pending(1)[0].received_at == datetime(2026, 3, 1, tzinfo=UTC)


def test_every_append_is_synced_to_the_disk(path: Path) -> None:
    writer = SqliteInbox(path)._writer
    assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert writer.execute("PRAGMA synchronous").fetchone() == (2,)


def test_many_threads_append_and_nothing_is_missing(path: Path) -> None:
    inbox = SqliteInbox(path)

    def append_some(thread: int) -> None:
        for number in range(50):
            inbox.append([(17, f"{thread}:{number}".encode())])

    threads = [threading.Thread(target=append_some, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    payloads = [entry.payload for entry in inbox.pending(1000)]
    assert len(payloads) == len(set(payloads)) == inbox.depth() == 300
    for writer in range(6):
        own = [payload for payload in payloads if payload.startswith(f"{writer}:".encode())]
        assert own == [f"{writer}:{number}".encode() for number in range(50)]


def test_what_is_removed_is_gone_and_the_rest_stays(path: Path) -> None:
    inbox = SqliteInbox(path)
    inbox.append([(17, b"x")] * 3)
    sequences = [entry.sequence for entry in inbox.pending(9)]
    inbox.remove(sequences[:2])
    inbox.remove(sequences[:2])
    assert [entry.sequence for entry in inbox.pending(9)] == sequences[2:]
    assert inbox.depth() == 1


def test_an_event_that_cannot_be_read_is_set_aside_with_its_reason(path: Path) -> None:
    inbox = SqliteInbox(path)
    inbox.append([(17, b"broken")])
    [entry] = inbox.pending(1)
    inbox.set_aside(entry, "DecodeError", "it cannot be read")
    assert inbox.depth() == 0
    assert inbox.set_aside_by_kind() == kinds_in(path) == {"DecodeError": 1}
    [one] = SetAside(path).list()
    assert (one.code, one.size, one.kind) == (17, 6, "DecodeError")


def test_what_was_set_aside_arrives_once_more_in_the_bridge_that_runs(path: Path) -> None:
    inbox = SqliteInbox(path)
    inbox.append([(17, b"one"), (18, b"two"), (17, b"three")])
    for entry in inbox.pending(2):
        inbox.set_aside(entry, "ValueError", "it cannot be read")
    outside = SetAside(path)
    first, second = (one.sequence for one in outside.list())
    assert outside.retry([first, 4711]) == 1
    assert [one.sequence for one in outside.list()] == [second]
    assert inbox.set_aside_by_kind() == {"ValueError": 1}
    assert inbox.take_back() == 1
    assert inbox.take_back() == 0
    assert [entry.payload for entry in inbox.pending(9)] == [b"three", b"one"]
    assert (inbox.depth(), inbox.appended) == (2, 4)
    assert outside.drop([first]) == 0
    assert outside.drop([second]) == 1
    assert inbox.set_aside_by_kind() == {}


def test_what_is_wanted_once_more_waits_for_the_next_start(path: Path) -> None:
    inbox = SqliteInbox(path)
    inbox.append([(17, b"one")])
    inbox.set_aside(inbox.pending(1)[0], "ValueError", "it cannot be read")
    inbox.close()
    SetAside(path).retry([1])
    again = SqliteInbox(path)
    assert again.take_back() == again.depth() == 1


def test_without_an_inbox_nothing_is_set_aside(path: Path) -> None:
    assert SetAside(path).list() == ()
    assert not path.exists()


def test_a_corrupt_file_is_set_aside_and_never_deleted(path: Path) -> None:
    path.write_bytes(b"this is no database at all" * 500)
    inbox = SqliteInbox(path)
    inbox.append([(17, b"new")])
    assert inbox.corrupt_file is not None
    assert inbox.corrupt_file.read_bytes().startswith(b"this is no database")


def test_events_of_a_damaged_file_are_rescued_from_both_ends(path: Path) -> None:
    inbox = SqliteInbox(path)
    for number in range(200):
        inbox.append([(17, number.to_bytes(2) * 500)])
    inbox.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    again = SqliteInbox(path)
    assert again.corrupt_file is not None
    assert again.corrupt_file.exists()
    payloads = [entry.payload for entry in again.pending(1000)]
    assert 100 < again.rescued == again.depth() == len(payloads) < 200
    assert payloads[0] == bytes(2) * 500
    assert payloads[-1] == (199).to_bytes(2) * 500
    assert payloads == sorted(payloads)


def test_a_tail_that_was_cut_off_in_the_journal_costs_nothing_before_it(path: Path) -> None:
    inbox = SqliteInbox(path)
    for number in range(20):
        inbox.append([(17, bytes([number]))])
    copy = path.with_name("after-the-crash.db")
    copy.write_bytes(path.read_bytes())
    journal = path.with_name(path.name + "-wal").read_bytes()
    copy.with_name(copy.name + "-wal").write_bytes(journal[:-100])
    again = SqliteInbox(copy)
    assert again.corrupt_file is None
    assert [entry.payload for entry in again.pending(99)] == [bytes([n]) for n in range(19)]


def test_a_disk_that_refuses_is_told_and_heals(path: Path) -> None:
    """SQLite's own limit on the file's size refuses like a full disk."""
    inbox = SqliteInbox(path)
    pages = inbox._writer.execute("PRAGMA page_count").fetchone()[0]
    inbox._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(TransientError, match="full"):
        inbox.append([(17, b"x" * 100_000)])
    assert not inbox.is_writable
    inbox._writer.execute("PRAGMA max_page_count = 100000")
    inbox.append([(17, b"x")])
    assert inbox.is_writable


def test_a_batch_is_bounded_in_bytes(path: Path) -> None:
    inbox = SqliteInbox(path)
    for _ in range(5):
        inbox.append([(13, b"x" * 3_000_000)])
    assert len(inbox.pending(100)) == 3
