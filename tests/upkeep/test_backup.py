"""`izer-bridge backup` and `restore`, also beside a running bridge."""

import asyncio
import gzip
import io
import json
import shutil
import sqlite3
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.simulator.process import BridgeProcess
from tests.chaos.arena import Arena, arena
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import message

_MEDIUM = "media/ab/" + "ab" * 32 + ".jpg"
_MARK = "SELECT version_num FROM alembic_version"


async def recorded(url: str, *numbers: int) -> None:
    ledger = SqlLedger(url, SCREENING, "test")
    await ledger.open()
    await ledger.record([message(number) for number in numbers])
    await ledger.close()


def ids(url: str) -> list[str]:
    return [row.message_id for row in asyncio.run(Store(url).messages())]


@pytest.fixture
def state(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state directory as a bridge leaves it, with two messages in the store and one waiting."""
    folder = tmp_path / "state"
    (folder / _MEDIUM).parent.mkdir(parents=True)
    (folder / _MEDIUM).write_bytes(b"picture")
    inbox = SqliteInbox(folder / "inbox.db")
    inbox.append([(1, b"event")])
    inbox.close()
    with closing(sqlite3.connect(folder / "session.db")) as session:
        session.executescript("PRAGMA journal_mode=WAL; CREATE TABLE keys (id); ")
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(folder))
    asyncio.run(recorded(store_url, 1, 2))
    return folder


def typed(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(map(str, arguments)))
    return result.exit_code, result.stdout, result.stderr


def saved(*arguments: str | Path) -> Path:
    code, output, error = typed("backup", "--json", *arguments)
    assert (code, error) == (0, "")
    return Path(json.loads(output)["file"])


def test_what_was_saved_is_put_back_and_what_was_there_is_kept(state: Path, store_url: str) -> None:
    backup = saved("--media")
    assert backup.parent == state / "backups"
    assert backup.stat().st_mode & 0o777 == 0o600
    asyncio.run(recorded(store_url, 3))
    asyncio.run(Store(store_url).execute("CREATE TABLE of_a_newer_version (id INTEGER)"))
    with closing(sqlite3.connect(state / "session.db")) as session:
        session.executescript("CREATE TABLE later (id)")
    (state / "risks.jsonl").write_text("of the later session")
    shutil.rmtree(state / "media")

    code, output, error = typed("restore", "--json", backup)
    assert (code, error) == (0, "")
    restored = json.loads(output)
    assert len(ids(store_url)) == 2
    with pytest.raises(Exception, match="of_a_newer_version"):
        asyncio.run(Store(store_url).rows("SELECT * FROM of_a_newer_version"))
    assert (state / _MEDIUM).read_bytes() == b"picture"
    assert not (state / "risks.jsonl").exists()
    with closing(sqlite3.connect(state / "session.db")) as session:
        assert [name for (name,) in session.execute("SELECT name FROM sqlite_master")] == ["keys"]
        assert session.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    inbox = SqliteInbox(state / "inbox.db")
    assert inbox.depth() == 1
    inbox.close()

    aside = Path(restored["aside"])
    assert aside.stat().st_mode & 0o777 == 0o700
    assert {"session.db", "inbox.db", "risks.jsonl"} <= {one.name for one in aside.iterdir()}
    kept = aside / "database.sql"
    if kept.exists():
        assert "of_a_newer_version" in kept.read_text()
    else:
        assert len(ids(f"sqlite:///{aside / 'store.db'}")) == 3


def test_the_database_alone_is_put_back(state: Path, store_url: str) -> None:
    backup = saved()
    asyncio.run(recorded(store_url, 3))
    before = (state / "session.db").stat().st_ino, (state / "inbox.db").stat().st_ino
    assert typed("restore", "--database-only", backup)[0] == 0
    assert len(ids(store_url)) == 2
    assert before == ((state / "session.db").stat().st_ino, (state / "inbox.db").stat().st_ino)


async def test_a_backup_of_a_running_bridge_links_again_without_a_code(
    tmp_path: Path, store_url: str
) -> None:
    """A message that arrives meanwhile is in it whole or not at all."""
    async with arena(tmp_path, store_url, 20_261) as shop:
        bridge = await shop.started()
        _, (code, output) = await asyncio.gather(shop.burst(60), run(shop, "backup", "--json"))
        assert code == 0, output
        backup = json.loads(output)["file"]
        await shop.live(bridge)
        code, output = await run(shop, "restore", backup)
        assert code == 78
        assert f"another bridge uses it (pid {bridge.pid})" in output
        await shop.ended()
        assert (await run(shop, "restore", backup))[0] == 0
        code, output = await run(shop, "verify")
        assert code == 0, output
        shop.running = shop.bridge()
        await shop.running.start()
        await shop.running.line("state=connected")
        assert "scan_qr_code" not in shop.running.output
        held = {row.message_id for row in await Store(store_url).messages()}
        shop.sent = [one for one in shop.sent if one.id in held]
        await shop.burst(10)
        await shop.live(shop.running)


async def run(shop: Arena, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "izer_bridge", *arguments]
    async with BridgeProcess(command, shop.environment) as process:
        code = await process.ended()
    return code, process.output


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A state directory with an embedded store."""
    folder = tmp_path / "state"
    folder.mkdir()
    monkeypatch.setenv("IZER_STATE_DIR", str(folder))
    SqliteInbox(folder / "inbox.db").close()
    asyncio.run(recorded(f"sqlite:///{folder / 'bridge.db'}", 1))
    return folder


def test_two_in_one_second_have_names_of_their_own(small: Path) -> None:
    assert len({saved("--no-database") for _ in range(3)}) == 3


def test_only_the_newest_are_kept(small: Path) -> None:
    folder = small / "backups"
    folder.mkdir()
    names = [f"izer-bridge-2026010{day}T033000Z.tar.gz" for day in range(1, 6)]
    for name in [*names, "of-somebody-else.tar.gz"]:
        (folder / name).touch()
    newest = saved("--keep", "3")
    left = {one.name for one in folder.iterdir()}
    assert left == {*names[-2:], newest.name, "of-somebody-else.tar.gz"}


def test_no_secret_of_the_settings_is_in_it(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZER_WHATSAPP__PROXY", "http://user:geheim@127.0.0.1:9")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-geheim")
    backup = saved()
    assert b"geheim" not in gzip.decompress(backup.read_bytes())
    with tarfile.open(backup) as tar:
        assert b"http://\xe2\x80\xa6@127.0.0.1:9" in content_of(tar, "settings.json")
        assert content_of(tar, "manifest.json")


def content_of(tar: tarfile.TarFile, name: str) -> bytes:
    content = tar.extractfile(name)
    assert content is not None
    return content.read()


def repacked(backup: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """A copy with `change` applied to each file."""
    target = backup.with_name("changed.tar.gz")
    with tarfile.open(backup) as old, tarfile.open(target, "w:gz") as new:
        for entry in old:
            if (changed := change(entry.name, content_of(old, entry.name))) is not None:
                entry.name, content = changed
                entry.size = len(content)
                new.addfile(entry, io.BytesIO(content))
    return target


def _flipped(name: str, content: bytes) -> tuple[str, bytes]:
    middle = len(content) // 2
    is_hit = name == "bridge.db"
    return name, content[:middle] + b"\0\0\1" + content[middle + 3 :] if is_hit else content


def _without_inbox(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "inbox.db" else (name, content)


def _elsewhere(name: str, content: bytes) -> tuple[str, bytes]:
    return ("../elsewhere.db" if name == "inbox.db" else name), content.replace(
        b'"inbox.db"', b'"../elsewhere.db"'
    )


def _of_the_future(name: str, content: bytes) -> tuple[str, bytes]:
    about: dict[str, Any] = json.loads(content) if name == "manifest.json" else {}
    about |= {"schema": "9999"}
    return name, json.dumps(about).encode() if name == "manifest.json" else content


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_flipped, "bridge.db is not what was saved"),
        (_without_inbox, "inbox.db is missing"),
        (_elsewhere, "does not belong into a backup"),
        (_of_the_future, "was saved by a newer izer-bridge (0.1.0); install that one"),
    ],
)
def test_a_wrong_backup_is_refused_in_one_line_and_changes_nothing(
    small: Path, change: Callable[[str, bytes], tuple[str, bytes] | None], said: str
) -> None:
    backup = repacked(saved(), change)
    before = {one.name: one.read_bytes() for one in small.glob("*.db")}
    code, output, error = typed("restore", backup)
    assert (code, output, len(error.splitlines())) == (2, "", 1)
    assert said in error
    assert before == {one.name: one.read_bytes() for one in small.glob("*.db")}
    assert not list(small.glob("before-restore-*"))
    assert not (small.parent / "elsewhere.db").exists()


@pytest.mark.parametrize("cut", [0, 10, 2_000])
def test_a_truncated_backup_is_refused(small: Path, cut: int) -> None:
    backup = saved()
    backup.write_bytes(backup.read_bytes()[:cut])
    code, _, error = typed("restore", backup)
    assert (code, len(error.splitlines())) == (2, 1)


def test_a_backup_of_another_kind_of_store_is_refused(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = saved()
    monkeypatch.setenv("IZER_STORE__URL", "mysql://u:p@127.0.0.1:9/shop")
    code, _, error = typed("restore", backup)
    assert (code, len(error.splitlines())) == (2, 1)
    assert "holds a SQLite store, and store.url is MySQL" in error


def test_mysql_without_its_client_names_the_package(
    state: Path, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if store_url.startswith("sqlite"):
        return
    monkeypatch.setenv("PATH", "/nowhere")
    code, _, error = typed("backup")
    assert (code, len(error.splitlines())) == (78, 1)
    assert "apt install mariadb-client" in error
    assert not list((state / "backups").iterdir())
    with tarfile.open(saved("--no-database")) as tar:
        names = tar.getnames()
    assert "database.sql" not in names
    assert "session.db" in names


@pytest.mark.parametrize(
    "arguments",
    [
        ("backup", "/nowhere/at/all.tar.gz"),
        ("backup", "/proc/none.tar.gz"),
        ("restore", "/nowhere.tar.gz"),
        ("restore", "/etc/hostname"),
    ],
)
@pytest.mark.usefixtures("small")
def test_what_cannot_be_ends_in_one_line(arguments: tuple[str, ...]) -> None:
    code, _, error = typed(*arguments)
    assert code in (2, 75)
    assert len(error.splitlines()) == 1


def test_nothing_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path / "none", tmp_path):
        monkeypatch.setenv("IZER_STATE_DIR", str(folder))
        code, _, error = typed("backup")
        assert code == 78
        assert "there is nothing to save" in error


def test_an_existing_file_is_not_overwritten(small: Path) -> None:
    other = small / "other"
    other.write_text("mine")
    assert typed("backup", other)[0] == 2
    assert other.read_text() == "mine"
