"""The search index on both stores: it follows whatever happens to a message."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, select, text

from izer_bridge.domain.message import Kind, Media, Origin
from izer_bridge.media.ports import KeptFile
from izer_bridge.pipeline.store.browsing import MessageFilter
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.search.store import hits
from izer_bridge.search.store import index as index_module
from izer_bridge.search.store.find import FoundPart, Search, find
from izer_bridge.search.store.index import SearchIndex
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from izer_bridge.store.sqlite_copy import SEARCH_INDEX, copy
from izer_bridge.store.tables import search_words
from izer_bridge.store.versions import MIGRATIONS
from tests.console.typed import typed
from tests.servers.mariadb import MariaDB
from tests.store.filled import read_words
from tests.store.ledgers import Clock, Opened, retention_of
from tests.store.messages import NOON, in_group, message
from tests.store.test_schema import differences


async def page(
    ledger: SqlLedger, search: Search, limit: int, begin: int | None = None
) -> FoundPart:
    store = await ledger.store()
    return await store.read(lambda one: find(one, search, limit, begin))


async def found(ledger: SqlLedger, terms: str) -> list[int]:
    """The numbers of the messages, newest first."""
    said = (await page(ledger, Search(terms, MessageFilter()), 20)).messages
    return [int(one.message_id[-6:]) for one in said]


async def test_words_are_found_whatever_the_server_leaves_out_by_itself(ledger: SqlLedger) -> None:
    """Words of two letters, and its stop words."""
    said = ["ne de olsa www", "un tour à la mer", "IZ-1042 no'lu sipariş", "ŞİMDİ"]
    await ledger.record([message(number, one) for number, one in enumerate(said)])
    await read_words(ledger)
    for terms, expected in {
        "de": [0], "ne WWW": [0], "la": [1], "1042": [2], "no": [2], "simdi": [3], "olsalar": [],
    }.items():  # fmt: skip
        assert await found(ledger, terms) == expected, terms


async def test_an_edited_message_is_found_by_its_old_words_and_the_new(ledger: SqlLedger) -> None:
    await ledger.record([message(1, "Frenim bozuk"), message(2, "Merhaba")])
    await read_words(ledger)
    edit = message(3, "Vitesim bozuk", kind=Kind.EDIT, target_id="3EB0000001")
    await ledger.record([edit])
    await read_words(ledger)
    assert await found(ledger, "vites") == await found(ledger, "fren") == [1]


async def test_a_message_that_fills_an_empty_one_is_found(ledger: SqlLedger) -> None:
    """A history that knew only that there is one."""
    await ledger.record([message(1, "", kind=Kind.UNSUPPORTED, origin=Origin.HISTORY)])
    await read_words(ledger)
    await ledger.record([message(1, "Bisikletim çalındı")])
    await read_words(ledger)
    assert await found(ledger, "calindi") == [1]


async def test_what_a_voice_note_says_is_found_once_it_is_known(ledger: SqlLedger) -> None:
    note = Media("audio/ogg", 9, None, b"source")
    await ledger.record([message(1, "", kind=Kind.VOICE, media=note)])
    await read_words(ledger)
    files = ledger.media()
    [one] = await files.due(message(1).account, 9)
    await files.kept(one, KeptFile("media/a.ogg", "a", "audio/ogg", 9), is_worded_next=True)
    await files.worded(one, "Yarın geliyorum")
    await read_words(ledger)
    assert await found(ledger, "geliyorum") == [1]


async def test_pages_join_and_the_best_come_first(ledger: SqlLedger) -> None:
    said = [message(number, f"fren {'uzun söz ' * 40 if number % 2 else ''}{number}")
            for number in range(10)]  # fmt: skip
    await ledger.record(said)
    await read_words(ledger)
    for is_best_first in (False, True):
        numbers: list[int] = []
        begin: int | None = None
        while True:
            one = await page(ledger, Search("fren", MessageFilter(), is_best_first), 3, begin)
            numbers += [int(read.message_id[-6:]) for read in one.messages]
            if (begin := one.next) is None:
                break
        assert sorted(numbers) == [*range(10)]
        if not is_best_first:
            assert numbers == [*range(9, -1, -1)]


@pytest.mark.parametrize("most_of_index", [0, 3_000])
async def test_a_page_looks_further_than_the_hits_that_do_not_fit(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, most_of_index: int
) -> None:
    """Whether it asks the index, or looks in the words of so many messages at a time."""
    monkeypatch.setattr(hits, "_MOST_OF_INDEX", most_of_index)
    monkeypatch.setattr(hits, "_BATCH", 3)
    monkeypatch.setattr(hits, "_A_LOOK", 5)
    chatter = [in_group(number, "fren") for number in range(1, 20)]
    await ledger.record([message(0, "fren"), *chatter])
    await read_words(ledger)
    search = Search("fren", MessageFilter(chat="Ayşe"))
    one = await page(ledger, search, 5)
    assert ([read.message_id for read in one.messages], one.next) == (["3EB0000000"], None)
    monkeypatch.setattr(hits, "_MOST_LOOKS", 2)
    some = await page(ledger, search, 5)
    assert some.messages == []
    assert some.next is not None


@pytest.mark.parametrize("best_first", [False, True])
async def test_common_words_and_rare_ones_find_the_same(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch, *, best_first: bool
) -> None:
    """Of two words the rare one is asked of the index, and the other is looked for."""
    for number in range(60):
        said = f"fren{number % 3}", "uzun söz" * (number % 5 > 1), "zil" * (number % 7 == 0)
        await ledger.record([message(number, " ".join(said))])
    await read_words(ledger)
    for terms in ("fren", "fren1 uzun", "zil fren", "zil", "yok"):
        found = []
        for most in (0, 20, 3_000):
            monkeypatch.setattr(hits, "_MOST_OF_INDEX", most)
            for a_look in (7, 4_000):
                monkeypatch.setattr(hits, "_A_LOOK", a_look)
                part = await page(ledger, Search(terms, MessageFilter(), best_first), 60)
                found.append([one.row_id for one in part.messages])
        assert found == [found[0]] * 6, terms
        assert bool(found[0]) == (terms != "yok")


async def test_a_kill_at_any_batch_loses_and_doubles_nothing(
    ledger: SqlLedger, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read and what was not follows from the rows, so a new process goes on."""
    monkeypatch.setattr(index_module, "_BATCH", 4)
    await ledger.record([message(number, "fren") for number in range(10)])
    for _ in range(3):
        await SearchIndex(ledger.store, clock).read_some()
    await read_words(ledger)
    assert sorted(await found(ledger, "fren")) == [*range(10)]


async def test_a_row_that_appears_below_those_that_were_read_is_read(
    ledger: SqlLedger, clock: Clock
) -> None:
    """An id is taken before its row is committed, and another may be committed first."""
    index = SearchIndex(ledger.store, clock)
    await ledger.record([message(1, "fren"), message(2, "fren"), message(3, "fren")])
    store = await ledger.store()
    late = text("UPDATE webhook_messages SET id = :new WHERE id = :old")
    await store.write(lambda one: one.execute(late, {"old": 2, "new": 20}))
    await index.read_some()
    await store.write(lambda one: one.execute(text("DELETE FROM search_words WHERE id = 20")))
    await store.write(lambda one: one.execute(late, {"old": 20, "new": 2}))
    clock.forward(30)
    await index.read_some()
    assert sorted(await _read_rows(store)) == [1, 2, 3]


async def test_who_waits_to_write_goes_first_for_a_while(ledger: SqlLedger, clock: Clock) -> None:
    index = SearchIndex(ledger.store, clock)
    await ledger.record([message(1, "fren")])
    for number, seconds, expected in ((2, 0, []), (3, 9, []), (4, 1, [1])):
        clock.forward(seconds)
        await asyncio.gather(ledger.record([message(number, "zil")]), index.read_some())
        assert await found(ledger, "fren") == expected


async def _read_rows(store: Database) -> Sequence[int]:
    return await store.read(lambda one: one.scalars(select(search_words.c.id)).all())


async def test_old_messages_leave_the_index(opened: Opened, clock: Clock) -> None:
    ledger = await opened("me")
    old = message(1, "eskimiş fren", origin=Origin.HISTORY, sent_at=NOON - timedelta(days=900))
    await ledger.record([old, message(2, "yeni fren")])
    await read_words(ledger)
    clock.forward(86_400 * 40)
    retention = retention_of(ledger)
    cutoffs = {"messages": NOON - timedelta(days=400)}
    await retention.begin(cutoffs, clock())
    assert (await retention.remove_some("messages", cutoffs, clock(), None))[0] == 1
    assert await found(ledger, "fren") == [2]
    await (await ledger.store()).read(_is_whole)


def _is_whole(connection: Connection) -> None:
    """FTS5 compares its index with the words; it raises for one that has more or less."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.driver_connection
        raw.execute("PRAGMA query_only = OFF")  # type: ignore[union-attr]
        connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
        )


async def test_a_forgotten_persons_words_are_in_no_page_of_the_file(
    ledger: SqlLedger, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = [message(number, f"gizlisöz {number}") for number in range(20)]
    await ledger.record([*mine, in_group(30, "Ayşe Yılmaz geldi", sender_alt=None)])
    await read_words(ledger)
    await ledger.close()
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path / "state"))
    assert (await asyncio.to_thread(typed, "forget", "0555 111 22 33", "--yes")).code == 0
    async with Database(store_url) as store:
        await store.read(_is_whole)
        search = Search("gizli", MessageFilter())
        left = await store.read(lambda connection: find(connection, search, 9))
        assert left.messages == []
    if store_url.startswith("sqlite"):
        file = Path(store_url.removeprefix("sqlite:///"))
        assert b"gizlisoz" not in await asyncio.to_thread(file.read_bytes)


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_no_backup_holds_the_index_and_a_start_makes_it_again(
    ledger: SqlLedger, store_url: str, tmp_path: Path
) -> None:
    await ledger.record([message(1, "fren")])
    await read_words(ledger)
    saved = tmp_path / "saved.db"
    copy(Path(store_url.removeprefix("sqlite:///")), saved)
    async with Database(f"sqlite:///{saved}") as store:
        names = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'search_index%'"
        assert await store.read(lambda one: one.scalar(text(names))) == 0
        await migrate(store)
        search = Search("fren", MessageFilter())
        assert len((await store.read(lambda one: find(one, search, 9))).messages) == 1


@pytest.fixture
def with_files(mariadb: MariaDB) -> Iterator[None]:
    """Each table in a file of its own, as by default; the tests' server has one file for all."""
    mariadb.query("SET GLOBAL innodb_file_per_table = ON")
    yield
    mariadb.query("SET GLOBAL innodb_file_per_table = OFF")


@pytest.mark.parametrize("store_url", ["mariadb"], indirect=True)
async def test_a_server_compresses_the_index_once(
    ledger: SqlLedger, request: pytest.FixtureRequest
) -> None:
    """That of an old store is read again, which takes less than to copy it, and nobody waits."""
    await ledger.record([message(1, "fren")])
    await read_words(ledger)
    store = await ledger.store()
    assert not await store.read(_is_compressed)
    request.getfixturevalue("with_files")
    await migrate(store)
    assert await store.read(_is_compressed)
    await read_words(ledger)
    await migrate(store)
    assert await found(ledger, "fren") == [1]


def _is_compressed(connection: Connection) -> bool:
    asked = "SHOW TABLE STATUS LIKE 'search_words'"
    status = connection.execute(text(asked)).mappings().one()
    return str(status["Row_format"]) == "Compressed"


def _upgrade(connection: Connection) -> None:
    [file] = MIGRATIONS.glob("versions/*_search_words.py")
    version = import_module(f"izer_bridge.store.migrations.versions.{file.stem}")
    with Operations.context(MigrationContext.configure(connection)):
        version.upgrade()


async def test_a_store_of_before_gets_its_words(ledger: SqlLedger, store_url: str) -> None:
    await ledger.record([message(1, "fren")])
    store = await ledger.store()
    drop = ["DROP TABLE search_words", "DROP TABLE stale_words"]
    if store_url.startswith("sqlite"):
        drop.insert(0, f"DROP TABLE {SEARCH_INDEX}")
    for statement in drop:
        await store.write(lambda one, said=statement: one.execute(text(said)))  # type: ignore[misc]
    await store.write(_upgrade)
    await migrate(store)
    assert await store.read(differences) == []
    await read_words(ledger)
    assert await found(ledger, "fren") == [1]
