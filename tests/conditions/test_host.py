"""What can be wrong with the machine and the store: made, and looked for in every place."""

import asyncio
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from izer_bridge.domain.condition import ConditionName
from izer_bridge.simulator.process import BridgeProcess
from tests.conditions.shop import WatchedShop
from tests.console.typed import typed_beside
from tests.faults.conftest import small_disk as small_disk
from tests.faults.test_disk import fill
from tests.servers.held_store import held
from tests.servers.mariadb import MariaDB, is_installed

_RECORDED = "UPDATE webhook_messages SET created_at ="


async def test_the_bridge_is_stopped(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        assert await bridge.stop() == 0
    [code, said], [_, examined] = await asyncio.gather(
        shop.command("status"), shop.command("doctor")
    )
    one = said["conditions"][0]
    assert (code, one["name"]) == (1, ConditionName.BRIDGE_STOPPED)
    assert "systemctl start izer-bridge" in one["remedy"]
    failed = [found for found in examined["findings"] if found["verdict"] == "failed"]
    assert [found["about"] for found in failed] == ["bridge stopped"]
    async with shop.bridge() as bridge:
        await bridge.line("state=connected")
        await shop.whole()


async def test_the_port_is_in_use(shop: WatchedShop) -> None:
    port = int(shop.settings["IZER_API__PORT"])
    with socket.create_server(("127.0.0.1", port)) as other:
        async with shop.bridge() as bridge:
            await shop.link(bridge)
            await bridge.line("condition_began", "condition=port_taken")
            asked = await shop.ask()
            await bridge.line("message_dispatched", f"id={asked.id}")
            other.settimeout(0)
            code, said = await shop.command("doctor")
            [found] = [one for one in said["findings"] if one["about"] == "port taken"]
            assert (code, found["verdict"]) == (1, "failed")
            [named] = [one for one in said["findings"] if one["about"] == "port"]
            assert f"listens on port {port}" in named["text"]
            code, said = await shop.command("status")
            assert (code, said["conditions"][0]["name"]) == (1, "port_taken")
            other.close()
            await shop.ended(bridge, ConditionName.PORT_TAKEN)


async def test_a_second_instance(shop: WatchedShop) -> None:
    async with shop.linked() as first, shop.bridge() as second:
        assert await second.ended() == 78
        [line] = [line for line in second.output.splitlines() if "izer-bridge:" in line]
        assert f"another bridge uses it (pid {first.pid})" in line
        assert "stop that one, or give this one a state_dir of its own" in line
        await shop.whole()


async def test_the_disk_is_full_and_has_room_again(
    shop: WatchedShop, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(24)
    shop.settings["IZER_STATE_DIR"] = str(disk / "state")
    async with shop.linked() as bridge:
        filler = fill(disk)
        await shop.told(bridge, ConditionName.DISK_FULL)
        asked = await shop.ask()
        filler.unlink()
        await shop.ended(bridge, ConditionName.DISK_FULL)
        await bridge.line("message_dispatched", f"id={asked.id}")


async def test_the_inbox_refuses_although_there_is_room(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        inbox = Path(shop.settings["IZER_STATE_DIR"]) / "inbox.db"
        with closing(sqlite3.connect(inbox, isolation_level=None)) as another:
            another.execute("BEGIN IMMEDIATE")
            asked = await shop.ask()
            await shop.told(bridge, ConditionName.INBOX_REFUSES, "nothing new is taken in")
            another.execute("ROLLBACK")
            await shop.ended(bridge, ConditionName.INBOX_REFUSES)
        await bridge.line("message_dispatched", f"id={asked.id}")


async def test_the_disk_is_nearly_full(
    shop: WatchedShop, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(600)
    shop.settings["IZER_STATE_DIR"] = str(disk / "state")
    async with shop.linked() as bridge:
        with (disk / "filler").open("wb") as filler:
            filler.write(bytes(200_000_000))
        await bridge.line("condition_began", "condition=disk_low", "level=warning")
        code, said = await shop.command("status")
        [one] = [one for one in said["conditions"] if one["name"] == ConditionName.DISK_LOW]
        assert (code, str(disk) in one["sentence"]) == (3, True)
        await shop.alarmed(
            "İzer Bridge: Sunucunun diski dolmak üzere", "condition.began", ConditionName.DISK_LOW
        )
        (disk / "filler").unlink()
        await shop.ended(bridge, ConditionName.DISK_LOW)


@pytest.mark.parametrize("seconds", [3_600, -3_600])
async def test_the_clock_is_wrong(shop: WatchedShop, seconds: int) -> None:
    shop.whatsapp.server.clock_ahead_seconds = seconds
    async with shop.bridge() as bridge:
        await shop.link(bridge)
        way = "behind" if seconds > 0 else "ahead of"
        await shop.told(bridge, ConditionName.CLOCK_WRONG, way)
        shop.whatsapp.server.clock_ahead_seconds = 0
        await shop.whatsapp.drop()
        await shop.ended(bridge, ConditionName.CLOCK_WRONG)


async def test_the_clock_was_put_back(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        asked = await shop.ask()
        await bridge.line("message_dispatched", f"id={asked.id}")
        await shop.store.execute(f"{_RECORDED} '2099-01-01 00:00:00.000000'")
        await shop.told(bridge, ConditionName.CLOCK_WRONG, "put back")
        await shop.store.execute(f"{_RECORDED} '2026-01-01 00:00:00.000000'")
        await shop.ended(bridge, ConditionName.CLOCK_WRONG)


async def test_the_database_is_away(shop: WatchedShop, tmp_path: Path) -> None:
    if not is_installed():
        pytest.skip("mariadbd is missing: sudo apt install mariadb-server")
    server = MariaDB(tmp_path / "mariadb")
    (tmp_path / "mariadb").mkdir()
    server.start()
    try:
        shop.settings["IZER_STORE__URL"] = server.database()
        async with shop.linked() as bridge:
            server.pause()
            await shop.told(bridge, ConditionName.STORE_AWAY)
            server.resume()
            await shop.ended(bridge, ConditionName.STORE_AWAY)
    finally:
        server.stop()


async def test_a_store_that_another_program_holds(shop: WatchedShop) -> None:
    store = shop.folder / "store" / "store.db"
    async with shop.linked() as bridge:
        await bridge.stop()
    # A program that holds the file alone can only come before a bridge, or after it.
    with held(store, "EXCLUSIVE", "BEGIN EXCLUSIVE"):
        async with shop.bridge() as bridge:
            await shop.told(bridge, ConditionName.STORE_AWAY, "does not answer")
            await bridge.stop()
    async with shop.bridge() as bridge:
        await shop.ended(bridge, ConditionName.STORE_AWAY, begun=0)


async def test_a_store_that_answers_and_takes_nothing(shop: WatchedShop) -> None:
    store = shop.folder / "store" / "store.db"
    shop.settings["IZER_STORE__URL"] += "?timeout=0.2"
    async with shop.linked() as bridge:
        with held(store, "NORMAL", "BEGIN IMMEDIATE"):
            await shop.told(bridge, ConditionName.STORE_AWAY, "takes nothing")
        await shop.ended(bridge, ConditionName.STORE_AWAY)


async def test_a_damaged_session(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await bridge.stop()
    session = shop.folder / "state" / "session.db"
    with session.open("r+b") as file:
        file.seek(20)
        file.write(b"\xff" * 8000)
    async with shop.bridge() as bridge:
        await bridge.line("session_file_damaged", "kept_as=")
        await shop.told(bridge, ConditionName.LOGGED_OUT)
        await shop.link(bridge)
        await shop.ended(bridge, ConditionName.LOGGED_OUT)


async def test_a_damaged_store(shop: WatchedShop) -> None:
    async with shop.linked() as bridge:
        await bridge.stop()
    store = shop.folder / "state" / "bridge.db"
    store = shop.folder / "store" / "store.db"
    whole = store.read_bytes()
    store.write_bytes(b"\xff" * 8000)
    async with shop.bridge() as bridge:
        await bridge.line("store_damaged")
        await shop.told(bridge, ConditionName.STORE_DAMAGED, "the store is damaged")
        await bridge.stop()
    code, said = await shop.command("status")
    assert (code, said["conditions"][0]["name"]) == (1, ConditionName.BRIDGE_STOPPED)
    assert ConditionName.STORE_DAMAGED in [one["name"] for one in said["conditions"]]
    store.write_bytes(whole)
    async with shop.bridge() as bridge:
        await shop.ended(bridge, ConditionName.STORE_DAMAGED, begun=0)


async def test_a_bridge_that_hangs(shop: WatchedShop) -> None:
    import signal

    async with shop.linked() as bridge:
        bridge.signal(signal.SIGSTOP)
        code, said = await shop.command("status")
        bridge.signal(signal.SIGCONT)
        names = [one["name"] for one in said["conditions"]]
        assert (code, names) == (1, [ConditionName.BRIDGE_SILENT])
        await shop.whole()


async def test_a_wrong_setting_ends_the_start_with_its_key(shop: WatchedShop) -> None:
    shop.settings["IZER_API__PORT"] = "many"
    async with BridgeProcess(shop.whatsapp.command("run"), shop.settings) as bridge:
        assert await bridge.ended() == 78
    assert "api.port" in bridge.output
    said = await typed_beside(shop.settings, "status", "--json")
    assert said.code == 78
