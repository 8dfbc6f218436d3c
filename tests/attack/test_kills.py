"""Maintenance that is killed at any step leaves everything of before or everything of after."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attack.kills import COMMANDS, Shop, killed
from tests.attack.upgrades import upgraded
from tests.servers.mariadb import MariaDB

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


_SHIM = """#!/bin/sh
kill -9 $PPID
echo waits > {folder}/waits
read _ < {folder}/go
exec {client} "$@"
"""


@pytest.mark.attack("a killed restore's program loads on, beside the way back")
def test_no_program_outlives_a_killed_restore(
    mariadb: MariaDB, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database's own client would be let go on after the way back, if it still waited."""
    shop = Shop(tmp_path, mariadb.database())
    monkeypatch.setenv("IZER_STATE_DIR", str(shop.state))
    monkeypatch.setenv("IZER_STORE__URL", shop.url)
    shop.make()
    client = tmp_path / "bin/mariadb"
    client.parent.mkdir()
    client.write_text(_SHIM.format(folder=tmp_path, client=shutil.which("mariadb")))
    client.chmod(0o755)
    os.mkfifo(tmp_path / "go")
    before = shop.holds()
    words = [sys.executable, "-m", "izer_bridge", "restore"]
    mortal = os.environ | {"PATH": f"{client.parent}:{os.environ['PATH']}"}
    done = subprocess.run([*words, tmp_path / "saved.tar.gz"], env=mortal, check=False)
    assert done.returncode == -signal.SIGKILL
    subprocess.run([*words, "--go-back"], check=True)
    with pytest.raises(OSError, match="No such device"):
        os.open(tmp_path / "go", os.O_WRONLY | os.O_NONBLOCK)
    assert shop.holds() == before


@pytest.mark.attack("an upgrade killed before and after everything it does")
def test_an_upgrade_that_is_killed_goes_back_at_the_next(tmp_path: Path) -> None:
    found = upgraded(tmp_path)
    assert found["wrong"] == {}
    assert found["killed"] > 20
