"""When the link is left for the disk's sake, and when it is made again."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from izer_bridge.whatsapp.disk_guard import NOTHING_BYTES, DiskGuard


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@dataclass
class FakeLink:
    said: list[str] = field(default_factory=list)

    def hold(self) -> None:
        self.said.append("hold")

    def let_go(self) -> None:
        self.said.append("let go")


@dataclass
class FakeInbox:
    is_writable: bool = True


@dataclass
class Disk:
    """A disk whose room a test sets."""

    free: int = 10 * NOTHING_BYTES
    link: FakeLink = field(default_factory=FakeLink)
    inbox: FakeInbox = field(default_factory=FakeInbox)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    one = Disk()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 0, one.free))
    return one


async def looked(disk: Disk, guard: DiskGuard, free: int, *, writable: bool = True) -> list[str]:
    disk.free, disk.inbox.is_writable = free, writable
    disk.link.said.clear()
    assert not await guard.look()
    return disk.link.said


async def test_a_disk_that_takes_nothing_holds_the_link_until_there_is_room(disk: Disk) -> None:
    guard = DiskGuard(disk.link, disk.inbox, Path("/state"))
    assert await looked(disk, guard, 10 * NOTHING_BYTES) == []
    assert await looked(disk, guard, NOTHING_BYTES) == []
    assert await looked(disk, guard, NOTHING_BYTES - 1) == ["hold"]
    # A little room does not let it come and go.
    assert await looked(disk, guard, NOTHING_BYTES + 1) == ["hold"]
    assert await looked(disk, guard, 3 * NOTHING_BYTES) == ["let go"]
    assert await looked(disk, guard, 3 * NOTHING_BYTES) == []


async def test_an_inbox_that_refuses_holds_it_whatever_room_there_is(disk: Disk) -> None:
    guard = DiskGuard(disk.link, disk.inbox, Path("/state"))
    assert await looked(disk, guard, 10 * NOTHING_BYTES, writable=False) == ["hold"]
    assert await looked(disk, guard, 10 * NOTHING_BYTES) == ["let go"]
