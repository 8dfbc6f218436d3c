"""How long events have waited without an attempt to store one."""

import threading
from collections.abc import Sequence

import pytest

from izer_bridge.domain.errors import TransientError
from izer_bridge.whatsapp.receive.inbox_writer import Event, InboxWriter
from izer_bridge.whatsapp.receive.stall_clock import Ingest


class Disk:
    """An inbox that refuses or hangs when told to."""

    def __init__(self) -> None:
        self.is_full = False
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.asked = threading.Event()

    def append(self, events: Sequence[tuple[int, bytes]]) -> None:
        self.asked.set()
        self.goes_on.wait()
        if self.is_full:
            raise TransientError("no space left")


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_nothing_stands_still_while_nothing_waits() -> None:
    seconds = Seconds()
    ingest = Ingest(Disk(), seconds)
    seconds.now += 3600
    assert ingest.still_seconds() == 0
    ingest.entered()
    assert ingest.still_seconds() == 0


def test_what_waits_without_a_try_stands_still_until_it_is_stored() -> None:
    seconds = Seconds()
    ingest = Ingest(Disk(), seconds)
    ingest.entered()
    seconds.now += 25
    assert ingest.still_seconds() == 25
    ingest.append([(1, b"")])
    assert ingest.still_seconds() == 0
    ingest.left(1)
    seconds.now += 25
    assert ingest.still_seconds() == 0


def test_a_disk_that_refuses_is_no_standstill() -> None:
    seconds, disk = Seconds(), Disk()
    disk.is_full = True
    ingest = Ingest(disk, seconds)
    ingest.entered()
    for _ in range(3):
        seconds.now += 15
        with pytest.raises(TransientError):
            ingest.append([(1, b"")])
    assert ingest.still_seconds() == 0


def test_a_disk_that_hangs_is_one() -> None:
    seconds, disk = Seconds(), Disk()
    ingest = Ingest(disk, seconds)
    disk.goes_on.clear()
    writer = InboxWriter(ingest, lambda events: ingest.left(len(events)))
    event = Event(1, b"", None)
    ingest.entered()
    writer.put(event)
    assert disk.asked.wait(10)
    seconds.now += 40
    assert ingest.still_seconds() == 40
    disk.goes_on.set()
    assert event.written.wait(10)
    writer.stop()
    assert ingest.still_seconds() == 0
