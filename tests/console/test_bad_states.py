"""Every command while the store or its disk is in a bad state: it says what is wrong in one line,
ends with the exit code of `docs/operations.md`, and does its work where it needs none of it.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.console.leaves import LASTING, LEAVES, as_typed
from tests.console.typed import Said, typed
from tests.faults.test_disk import fill
from tests.servers.held_store import held
from tests.servers.mariadb import free_port

_AWAY, _DAMAGED, _SETTING, _WRONG = 75, 1, 78, 2
# The old system's server, which it asks first, is away in any case.
_ENDING = [path for path in LEAVES if path not in LASTING | {("import-legacy",)}]
EVERY = pytest.mark.parametrize("path", _ENDING, ids=" ".join)
# Where nothing is wrong but that no bridge runs; the others end with 0.
_WELL = {
    ("status",): 1,
    ("doctor",): 1,
    ("link",): _AWAY,
    ("staff", "end"): _WRONG,
    ("events", "enable"): _WRONG,
}
_TOLD = {("status",), ("doctor",)}
# What they ask is not in the store.
_WITHOUT_STORE = {("link",), ("route",), ("restore",), ("config", "check"), ("config", "show")}
_CHANGING = {
    *[("forget",), ("retention",), ("login",), ("staff", "add")],
    *[("staff", "revoke"), ("staff", "end"), ("dlq", "retry"), ("dlq", "drop"), ("vip", "add")],
    *[("vip", "remove"), ("group", "add"), ("group", "remove"), ("group", "confirm")],
    *[("group", "unconfirm"), ("label", "set"), ("label", "remove"), ("drafts", "approve")],
    *[("drafts", "edit"), ("drafts", "refuse"), ("outbox", "drop"), ("outbox", "resume")],
    *[("chat", "pause"), ("chat", "resume"), ("escalations", "close"), ("events", "retry")],
    *[("events", "drop"), ("events", "enable"), ("gaps", "close")],
}


def ends_as(path: tuple[str, ...], said: Said, code: int, words: str) -> None:
    """With `code`, and `words` in the one line that it says."""
    assert said.error is None, repr(said.error)
    assert "Traceback" not in said.out + said.err
    assert said.code == code, said.err
    if path in _TOLD:
        assert words in said.out
        assert said.err == ""
    elif code:
        assert said.err.startswith("izer-bridge: ")
        assert len(said.err.splitlines()) == 1, said.err
        assert words in said.err
    else:
        assert said.err == ""


def is_well(path: tuple[str, ...], said: Said) -> None:
    ends_as(path, said, _WELL.get(path, 0), "")


def is_refused(path: tuple[str, ...], said: Said, code: int, words: str) -> None:
    if path in _WITHOUT_STORE:
        is_well(path, said)
    elif path in _TOLD:
        ends_as(path, said, 1, words)
    else:
        ends_as(path, said, code, words)
        assert list(Path.cwd().glob("*.jsonl")) == [], "a file that holds nothing"


def _call(path: tuple[str, ...]) -> Said:
    return typed(*as_typed(path))


@EVERY
@pytest.mark.usefixtures("shop")
def test_nothing_is_wrong_but_that_no_bridge_runs(path: tuple[str, ...]) -> None:
    is_well(path, _call(path))


@EVERY
def test_a_locked_store(path: tuple[str, ...], shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shop / "state/bridge.db"
    monkeypatch.setenv("IZER_STORE__URL", f"sqlite:///{store}?timeout=0.01")
    with held(store, "EXCLUSIVE", "BEGIN EXCLUSIVE"):
        is_refused(path, _call(path), _AWAY, "another program")


@EVERY
def test_a_store_that_another_program_writes_to(
    path: tuple[str, ...], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = shop / "state/bridge.db"
    monkeypatch.setenv("IZER_STORE__URL", f"sqlite:///{store}?timeout=0.01")
    with held(store, "NORMAL", "BEGIN IMMEDIATE"):
        said = _call(path)
    if path in _CHANGING:
        ends_as(path, said, _AWAY, "another program")
    else:
        is_well(path, said)


@EVERY
def test_a_full_disk(
    path: tuple[str, ...],
    shop: Path,
    small_disk: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = small_disk(8)
    _move(shop, disk, monkeypatch)
    fill(disk)
    if path == ("restore",):
        ends_as(path, _call(path), _AWAY, "No space left")
    else:
        is_refused(path, _call(path), _AWAY, "full")


@EVERY
def test_a_disk_that_may_only_be_read(
    path: tuple[str, ...],
    shop: Path,
    small_disk: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disk = small_disk(8)
    _move(shop, disk, monkeypatch)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    if path in {("restore",), ("backup",)}:
        ends_as(path, _call(path), _SETTING, "Read-only file system; it must be writable")
    else:
        is_refused(path, _call(path), _AWAY, "read-only")


def _move(shop: Path, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "state").rename(shop / "elsewhere")
    shutil.copytree(shop / "elsewhere", disk / "state")
    monkeypatch.setenv("IZER_STATE_DIR", str(disk / "state"))


@EVERY
def test_a_server_that_is_away(
    path: tuple[str, ...], shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IZER_STORE__URL", f"mysql://shop:pa55w0rd@127.0.0.1:{free_port()}/shop")
    said = _call(path)
    assert "pa55w0rd" not in said.out + said.err
    if path == ("restore",):
        ends_as(path, said, _WRONG, "holds a SQLite store")
    else:
        is_refused(path, said, _AWAY, "the store is away")


@EVERY
@pytest.mark.parametrize("begin", [b"SQLite format 3\0", b"these are notes, no database\n"])
def test_a_damaged_store(path: tuple[str, ...], begin: bytes, shop: Path) -> None:
    (shop / "state/bridge.db").write_bytes(begin + b"\xff" * 8_000)
    is_refused(path, _call(path), _DAMAGED, "the store is damaged")


@EVERY
def test_a_store_without_tables(path: tuple[str, ...], shop: Path) -> None:
    (shop / "state/bridge.db").write_bytes(b"")
    if path == ("backup",):
        ends_as(path, _call(path), _SETTING, "there is nothing to save")
    else:
        said = _call(path)
        is_refused(path, said, _AWAY, "wait for `izer-bridge run`")
        assert "store away" not in said.out


@EVERY
def test_no_state_directory(path: tuple[str, ...], shop: Path) -> None:
    shutil.rmtree(shop / "state")
    words = "there is nothing to save" if path == ("backup",) else "there is no store at"
    is_refused(path, _call(path), _SETTING, words if path != ("doctor",) else "there is none")


@EVERY
def test_a_store_that_is_a_folder(path: tuple[str, ...], shop: Path) -> None:
    (shop / "state/bridge.db").unlink()
    (shop / "state/bridge.db").mkdir()
    is_refused(path, _call(path), _SETTING, "bridge.db")
