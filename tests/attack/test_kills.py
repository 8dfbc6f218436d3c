"""Maintenance killed at any step leaves either everything of before or everything of after."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from tests.attack.kills import COMMANDS, Shop, killed
from tests.attack.upgrades import upgraded
from tests.console.typed import typed_beside
from tests.servers.mariadb import MariaDB
from tests.store.messages import message

# `make attack` kills at every step.
_MOST = 0 if "ATTACK_ALL" in os.environ else 8


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.attack("maintenance killed at each of its steps")
def test_a_kill_at_any_step_leaves_all_of_before_or_all_of_after(
    tmp_path: Path, store_url: str, command: str
) -> None:
    url = "" if store_url.startswith("sqlite") else store_url
    found = killed(tmp_path, url, command, _MOST)
    assert found["wrong"] == {}
    assert found["killed"] >= min(_MOST or 1, found["steps"])


# It lets the restore die before loading, and waits to be released itself.
_WAITS = """#!/bin/sh
kill -9 $PPID
read _ < {folder}/go
exec {client} "$@"
"""
# It loads some tables, some of which refer to missing ones, and lets the restore die.
_BREAKS_OFF = """#!/bin/sh
awk '/^CREATE TABLE/ && ++n == {tables} {{exit}} {{print}}' | {client} "$@"
kill -9 $PPID
"""


@pytest.fixture
def shop(mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    one = Shop(tmp_path, mariadb.database())
    monkeypatch.setenv("IZER_STATE_DIR", str(one.state))
    monkeypatch.setenv("IZER_STORE__URL", one.url)
    one.make()
    return one


def restored(shop: Shop, *words: str, client: str = "") -> int:
    """The exit code, with this script in place of the database's client."""
    shim = shop.folder / "bin/mariadb"
    shim.parent.mkdir(exist_ok=True)
    shim.write_text(client or f'#!/bin/sh\nexec {shutil.which("mariadb")} "$@"\n')
    shim.chmod(0o755)
    path = f"{shim.parent}:{os.environ['PATH']}"
    return asyncio.run(typed_beside({"PATH": path}, "restore", *words)).code


@pytest.mark.attack("a killed restore's program loads on, beside the way back")
def test_no_program_outlives_a_killed_restore(shop: Shop) -> None:
    before, go = shop.holds(), shop.folder / "go"
    os.mkfifo(go)
    waits = _WAITS.format(folder=shop.folder, client=shutil.which("mariadb"))
    assert restored(shop, str(shop.folder / "saved.tar.gz"), client=waits) == -signal.SIGKILL
    assert restored(shop, "--go-back") == 0
    with pytest.raises(OSError, match="No such device"):
        os.open(go, os.O_WRONLY | os.O_NONBLOCK)
    assert shop.holds() == before


@pytest.mark.attack("a restore killed while the server's tables are loaded")
@pytest.mark.parametrize("tables", [1, 2, 5, 12, 20])
def test_from_half_a_load_both_ways_are_open(shop: Shop, tables: int) -> None:
    before = shop.holds()
    half = _BREAKS_OFF.format(tables=tables, client=shutil.which("mariadb"))
    saved = str(shop.folder / "saved.tar.gz")
    assert restored(shop, saved, client=half) == -signal.SIGKILL
    assert restored(shop, "--go-back") == 0
    assert shop.holds() == before
    assert restored(shop, saved, client=half) == -signal.SIGKILL
    assert restored(shop, "--go-on") == 0
    assert shop.holds()["messages"] == [message(1).message_id]


@pytest.mark.attack("an upgrade killed before and after everything it does")
def test_an_upgrade_that_is_killed_goes_back_at_the_next(tmp_path: Path) -> None:
    found = upgraded(tmp_path)
    assert found["wrong"] == {}
    assert found["killed"] > 20
