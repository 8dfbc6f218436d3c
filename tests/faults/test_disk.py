"""A full disk under the inbox or the store, and files that another program has written into."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS
from tests.faults.conftest import Opening
from tests.faults.test_database import says

_PIECE = 4096


def fill(folder: Path) -> Path:
    """A file that takes up all free space."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * _PIECE)
    return filler


async def test_a_full_disk_under_the_inbox_leaves_what_comes_with_whatsapp(
    small_disk: Callable[[int], Path], shop_on: Opening, tmp_path: Path
) -> None:
    disk = small_disk(16)
    shop = await shop_on(f"sqlite:///{tmp_path / 'store.db'}", disk)
    bridge = await shop.started()
    await shop.burst(10)
    await shop.live(bridge)
    filler = fill(disk)
    await bridge.line("disk_takes_nothing")
    await bridge.line("state=held")
    await shop.burst(40)
    await says(bridge, "failing")
    filler.unlink()
    await bridge.line("disk_takes_again")
    await shop.live(bridge)
    await shop.check()
    await says(bridge, "ok")


async def test_a_full_disk_under_the_store_leaves_messages_in_the_inbox(
    small_disk: Callable[[int], Path], shop_on: Opening
) -> None:
    disk = small_disk(4)
    shop = await shop_on(f"sqlite:///{disk / 'store.db'}")
    bridge = await shop.started()
    await shop.burst(10)
    await shop.live(bridge)
    filler = fill(disk)
    await shop.burst(40)
    await bridge.line("recording_delayed")
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(one.delivery.done.wait() for one in shop.sent))
    filler.unlink()
    await shop.live(bridge)
    await shop.check()


async def test_a_damaged_session_is_set_aside_and_linked_anew(shop_on: Opening) -> None:
    shop = await shop_on("")
    state = shop.folder / "state"
    for name in ("session.db", "inbox.db"):
        with (state / name).open("r+b") as file:
            file.seek(20)
            file.write(b"\xff" * 8000)
    async with shop.bridge() as bridge:
        await bridge.line("session_file_damaged")
        await bridge.line("inbox_file_damaged")
        await shop.whatsapp.scan(await bridge.code())
        await bridge.line("state=connected")
        sent = await shop.whatsapp.say(shop.people[0], content.text("Yine buradayım"))
        await shop.whatsapp.acknowledged(sent)
        await bridge.line(f"id={sent.id}")
        await bridge.stop()
    kept = {path.name for path in state.glob("*.corrupt-1")}
    assert kept == {"session.db.corrupt-1", "inbox.db.corrupt-1"}
