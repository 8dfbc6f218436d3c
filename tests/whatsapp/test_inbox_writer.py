"""The writer's thread: in order, in few transactions, held back by a full disk."""

import threading
from collections.abc import Sequence
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.whatsapp.crash_safety.receipt_gate import Part
from izer_bridge.whatsapp.library.log_lines import StanzaSource
from izer_bridge.whatsapp.receive.inbox_writer import Event, InboxWriter


class Disk:
    """An inbox that can be full, and that counts its transactions."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.transactions = 0
        self.has_room = threading.Event()
        self.has_refused = threading.Event()

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        if not self.has_room.is_set():
            self.has_refused.set()
            raise TransientError("the disk is full")
        self.transactions += 1
        self.events += [payload for _, payload in events]


def event(number: int) -> Event:
    return Event(17, b"%d" % number, Part(StanzaSource("", ""), f"A{number}"))


def test_all_is_written_in_order_and_told(tmp_path: Path) -> None:
    inbox = SqliteInbox(tmp_path / "inbox.db")
    told: list[str | None] = []

    def written(events: Sequence[Event]) -> None:
        told.extend(one.part.message_id if one.part else None for one in events)

    writer = InboxWriter(inbox, written)
    for number in range(500):
        writer.put(event(number))
    writer.stop()
    assert [one.payload for one in inbox.pending(500)] == [b"%d" % one for one in range(500)]
    assert told == [f"A{number}" for number in range(500)]
    inbox.close()


def test_a_full_disk_holds_the_client_and_then_takes_all_together() -> None:
    disk = Disk()
    writer = InboxWriter(disk, lambda _: None)
    writer.put(event(0))
    assert disk.has_refused.wait(5)

    def put_more() -> None:
        for number in range(1, 100):
            writer.put(event(number))

    client = threading.Thread(target=put_more)
    client.start()
    client.join(0.3)
    assert client.is_alive()
    disk.has_room.set()
    client.join(5)
    writer.stop()
    assert disk.events == [b"%d" % number for number in range(100)]
    assert disk.transactions < 100


def test_what_the_disk_refuses_at_the_end_holds_nobody() -> None:
    disk = Disk()
    told: list[Event] = []
    writer = InboxWriter(disk, told.extend)
    refused, late = event(0), event(1)
    writer.put(refused)
    assert disk.has_refused.wait(5)
    writer.stop()
    writer.put(late)
    assert refused.written.is_set()
    assert late.written.is_set()
    assert told == []


def test_who_fails_to_hear_of_some_holds_none_behind_them(tmp_path: Path) -> None:
    inbox = SqliteInbox(tmp_path / "inbox.db")
    told: list[bytes] = []

    def written(events: Sequence[Event]) -> None:
        told.extend(one.payload for one in events)
        if b"0" in told[-1:]:
            raise KeyError("no one listens")

    writer = InboxWriter(inbox, written)
    first, second = event(0), event(1)
    writer.put(first)
    assert first.written.wait(5)
    writer.put(second)
    assert second.written.wait(5)
    writer.stop()
    assert (told, inbox.depth()) == ([b"0", b"1"], 2)
    inbox.close()
