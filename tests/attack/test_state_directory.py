"""The contents of the state directory are not trusted, and nobody else can look into it."""

import asyncio
import fcntl
import os
import signal
import subprocess
from pathlib import Path

import pytest

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host import state_directory
from izer_bridge.web import api_token
from izer_bridge.whatsapp.link_file import LinkNote, read
from tests.console.typed import typed
from tests.end_to_end.http import get
from tests.end_to_end.test_process import process
from tests.upkeep.test_backup import recorded

_AWAY = {"HTTPS_PROXY": "http://127.0.0.1:9"}


@pytest.mark.attack("the lock names somebody else's process")
def test_only_the_bridge_is_signalled(tmp_path: Path) -> None:
    """Anybody who holds the lock may write any number into it."""
    with (tmp_path / "lock").open("w+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for said in ("99999999", "-1", "0", "1e3", "x" * 40, "1 1", ""):
            lock.seek(0)
            lock.truncate()
            lock.write(said)
            lock.flush()
            with pytest.raises(ConfigError, match="does not name a process"):
                state_directory.ask(tmp_path, signal.SIGUSR1)
        is_root = os.geteuid() == 0
        sleeper = subprocess.Popen(["/bin/sleep", "60"], user=54_321 if is_root else None)
        try:
            lock.seek(0)
            lock.truncate()
            lock.write(str(sleeper.pid))
            lock.flush()
            if is_root:
                with pytest.raises(ConfigError, match="does not name a process"):
                    state_directory.ask(tmp_path, signal.SIGUSR1)
            else:
                assert state_directory.ask(tmp_path, signal.SIGCONT)
        finally:
            sleeper.kill()
            sleeper.wait()
    assert not state_directory.ask(tmp_path, signal.SIGUSR1)


@pytest.mark.attack("a note of the link with what a terminal obeys")
@pytest.mark.parametrize(
    "note",
    [
        '{"state": "scan_qr_code", "sentence": "\\u001b[2J"}',
        '{"state": "scan_qr_code", "code": "a\\nb"}',
        '{"state": "no such state"}',
        '{"state": "scan_qr_code", "code": "' + "x" * 4_000 + '"}',
        "x" * 100_000,
    ],
)
def test_what_no_bridge_writes_is_not_shown(tmp_path: Path, note: str) -> None:
    (tmp_path / "link.json").write_text('{"state": "connected"}')
    assert read(tmp_path / "link.json") == LinkNote("connected")
    (tmp_path / "link.json").write_text(note)
    with pytest.raises(ConfigError, match=r"link\.json"):
        read(tmp_path / "link.json")


@pytest.mark.attack("a token's file with a line too much")
def test_a_token_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "api_token").touch(0o600)
    (tmp_path / "api_token").write_text("a" * 40 + "\nX-Header: b")
    with pytest.raises(ConfigError, match="no token"):
        api_token.kept_token(tmp_path)


@pytest.mark.attack("the state directory is open to others")
async def test_an_open_directory_is_shut_and_told_once(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(0o755)
    (state / ".backup-killed").mkdir()
    async with process(tmp_path, **_AWAY) as bridge:
        assert " was=755" in await bridge.line("state_directory_tightened")
        await bridge.url()
        assert await bridge.stop() == 0
    assert state.stat().st_mode & 0o777 == 0o700
    assert not (state / ".backup-killed").exists()
    async with process(tmp_path, **_AWAY) as bridge:
        await bridge.url()
        assert await bridge.stop() == 0
        assert "state_directory_tightened" not in bridge.output


@pytest.mark.attack("half a restore is started upon")
async def test_no_start_on_half_a_restore(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    (tmp_path / "state/restore.json").write_text("{}")
    for words in (("run",), ("stats",), ("backup",), ("restore", __file__)):
        async with process(tmp_path, *words) as command:
            assert await command.ended() == 78
        assert len(command.output.strip().splitlines()) == 1
        assert "--go-on" in command.output


@pytest.mark.attack("a damaged store ends the bridge")
async def test_a_bridge_with_a_damaged_store_takes_in(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "bridge.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 9_000)
    async with process(tmp_path, **_AWAY) as bridge:
        assert "restore --database-only" in await bridge.line("store_damaged")
        url = await bridge.url()
        code, health = await get(f"{url}/health")
        assert (code, health["store"]["ok"], health["inbox"]["ok"]) == (503, False, True)
        assert "izer-bridge restore --database-only FILE" in health["store"]["detail"]
        port = url.rpartition(":")[2]
        async with process(tmp_path, "status", "--once", IZER_API__PORT=port) as status:
            assert await status.ended() == 1
        assert "restore --database-only" in " ".join(status.output.split())
        async with process(tmp_path, "stats") as stats:
            assert await stats.ended() == 1
        assert len(stats.output.strip().splitlines()) == 1
        assert await bridge.stop() == 0
    assert (state / "bridge.db").read_bytes().endswith(b"\xff")


@pytest.mark.attack("forget is silent of what stays in the notes on messages under way")
def test_forget_names_the_notes_on_messages_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    asyncio.run(recorded(f"sqlite:///{tmp_path / 'bridge.db'}", 1))
    assert "risks.jsonl" not in typed("forget", "+905551112233", "--dry-run").out
    (tmp_path / "risks.jsonl").write_text('{"note": "1"}\n')
    assert "risks.jsonl" in typed("forget", "+905551112233", "--dry-run").out
