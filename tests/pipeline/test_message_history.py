"""What was said before a message, for outside readers: the old table's name and columns."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, make_url, text

from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Media, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.ports import WebhookMessage
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.store import sqlite_copy, views
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from izer_bridge.trials.store.replay import StoredMessages
from izer_bridge.upkeep.dump_check import refuse_active
from izer_bridge.upkeep.store import whole_store
from izer_bridge.upkeep.store.forget import Forgetting
from tests.end_to_end.stored import Store
from tests.pipeline.test_ledger import settled
from tests.servers.mariadb import MariaDB
from tests.store.filled import fill
from tests.store.ledgers import SCREENING, Clock
from tests.store.messages import ACCOUNT, ATTEMPT, NOON, NUMBER, RECORD, in_group, message
from tests.upkeep.test_retention_store import MONTH, removed

_COLUMNS = "id webhook_message_id sender content timestamp message_type from_me is_automatic"
_ONE_OF_MANY = "SELECT * FROM message_history WHERE webhook_message_id = 777"
# MySQL finds the rows of a view over two tables only by a number.
_ASKED = (
    _ONE_OF_MANY,
    "SELECT h.* FROM webhook_messages m JOIN message_history h"
    " ON h.webhook_message_id = m.id WHERE m.message_id = '3EB0000003' ORDER BY h.id",
)
_DOUBLED = 16
_GROWING_SECONDS = 200
_MOST_READS = 500


async def analysed(ledger: SqlLedger) -> int:
    """Work what waits; returns the last row."""
    row_id = 0
    while works := await ledger.claim(1, run=1, context=20):
        for work in works:
            await settled(ledger, work)
            row_id = work.row_id
    return row_id


async def _migrated(url: str) -> None:
    async with Database(url) as database:
        await migrate(database)


async def history(stored: Store, row_id: int) -> list[Any]:
    return await stored.rows(
        f"SELECT * FROM message_history WHERE webhook_message_id = {row_id} ORDER BY id"  # noqa: S608
    )


async def test_it_has_the_old_columns_and_says_what_the_analysis_saw(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record(
        [
            message(1, "eski"),
            message(2, "yeni", kind=Kind.EDIT, target_id="3EB0000001"),
            message(3, "", kind=Kind.IMAGE, media=Media("image/jpeg", 9, "a.jpg")),
            message(4, "cevap", from_me=True, sender_name=""),
            message(5, "👍", kind=Kind.REACTION, target_id="3EB0000004"),
            message(6, "soru"),
        ]
    )
    row_id = await analysed(ledger)
    seen = await ledger.context(row_id, 20)
    rows = await history(stored, row_id)
    assert list(rows[0]._mapping) == [*_COLUMNS.split(), "created_at"]
    assert [row.content for row in rows] == ["yeni", "[image/jpeg] a.jpg", "cevap", "👍"]
    assert [(row.sender, row.content, row.message_type, bool(row.from_me)) for row in rows] == [
        (one.sender, one.content, one.kind, one.from_me) for one in seen
    ]
    everything = await stored.rows("SELECT id FROM message_history")
    assert len({row.id for row in everything}) == len(everything) > len(rows)


async def test_words_are_not_copied(ledger: SqlLedger, stored: Store) -> None:
    await ledger.record([message(n, f"{n} " + "uzun bir söz " * 50) for n in range(1, 25)])
    await analysed(ledger)
    rows = await stored.rows("SELECT context FROM analytics_results ORDER BY id DESC LIMIT 3")
    assert [len(json.loads(row.context)) for row in rows] == [20] * 3
    assert max(len(row.context) for row in rows) < 20 * 5


async def test_edits_and_revokes_afterwards_change_nothing_of_it(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, "ilk söz"), message(2, "geri alınan"), message(3, "soru")])
    row_id = await analysed(ledger)
    before = await history(stored, row_id)
    await ledger.record(
        [
            message(4, "başka söz", kind=Kind.EDIT, target_id="3EB0000001"),
            message(5, "", kind=Kind.REVOKE, target_id="3EB0000002"),
        ]
    )
    assert await history(stored, row_id) == before
    assert [row.content for row in before] == ["ilk söz", "geri alınan"]
    async with StoredMessages(stored.url) as messages:
        judgement = await messages.judgement(row_id)
    assert [one.content for one in judgement.seen] == ["ilk söz", "geri alınan"]


async def test_what_was_posted_stands_there_as_it_was_posted(
    ledger: SqlLedger, stored: Store
) -> None:
    entries = tuple(
        HistoryEntry("Ayşe", f"söz {n}", NOON + timedelta(seconds=n), "chat", bool(n))
        for n in range(2)
    )
    given = message(1, "Fren?", origin=Origin.WEBHOOK)
    webhook = WebhookMessage(given, "+905551112233", entries, {"message_id": given.message_id})
    row_id = (await ledger.record_webhook(webhook)).row_id
    posted = await history(stored, row_id)
    assert [row.content for row in posted] == ["söz 0", "söz 1"]
    await analysed(ledger)
    assert await history(stored, row_id) == posted
    assert (await stored.messages())[0].context_count == 2
    assert await ledger.context(row_id, 20) == entries


async def test_a_message_that_is_judged_again_saw_the_same(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, "önce"), message(2, "soru")])
    row_id = await analysed(ledger)
    before = await ledger.context(row_id, 20)
    await ledger.record([message(0, "geç gelen", origin=Origin.HISTORY)])
    await ledger.record([message(3, "başka soru", kind=Kind.EDIT, target_id="3EB0000002")])
    [work] = await ledger.claim(1, context=20)
    assert (work.row_id, work.state, work.history) == (row_id, State.RECORDED, before)
    await ledger.finish([Worked(work, RECORD, ATTEMPT)])
    assert [row.content for row in await history(stored, row_id)] == ["önce"]
    assert {one.id: one.context_count for one in await stored.messages()}[row_id] == 1


async def test_a_row_that_makes_no_sense_any_more_costs_no_claim(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1, "önce"), message(2, "dann"), message(3, "soru")])
    row_id = await analysed(ledger)
    await stored.execute("UPDATE webhook_messages SET kind = 'gone' WHERE id = 1")
    await ledger.record([message(4, "başka soru", kind=Kind.EDIT, target_id="3EB0000003")])
    [work] = await ledger.claim(1, context=20)
    assert (work.row_id, [one.content for one in work.history]) == (row_id, ["dann"])


async def test_what_retention_has_removed_is_seen_no_more(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    await ledger.record([message(1, "eski")])
    clock.forward(MONTH)
    await ledger.record([message(2, "soru", sent_at=clock.now)])
    row_id = await analysed(ledger)
    assert [row.content for row in await history(stored, row_id)] == ["eski"]
    await removed(ledger, clock, messages=30)
    assert await history(stored, row_id) == []
    async with StoredMessages(stored.url) as messages:
        judgement = await messages.judgement(row_id)
    assert (judgement.context_count, list(judgement.seen)) == (1, [])


async def test_a_context_goes_when_it_is_old(
    ledger: SqlLedger, stored: Store, clock: Clock
) -> None:
    await ledger.record([message(1), message(2)])
    row_id = await analysed(ledger)
    clock.forward(MONTH)
    assert await removed(ledger, clock, history=30) == {"history": 0, "contexts": 1}
    assert await history(stored, row_id) == []


def _grow(connection: Connection) -> None:
    """More than 10^5 messages, each analysed after three others and with a posted one."""
    names = [one["name"] for one in inspect(connection).get_columns("webhook_messages")]
    rest = ", ".join(name for name in names if name not in ("id", "message_id"))
    grow = f"INSERT INTO webhook_messages (message_id, {rest}) "
    grow += f"SELECT id + :more, {rest} FROM webhook_messages"  # noqa: S608 (our own names)
    for doubled in range(_DOUBLED):
        connection.execute(text(grow), {"more": 10**6 * (doubled + 1)})
    for statement in (
        "INSERT INTO analytics_results (webhook_message_id, urgency_score, category, sentiment,"
        " priority_level, action_required, recommended_response_time, context) SELECT id, 5,"
        " 'general', 'neutral', 'normal', 0, '4hours', '[1, 2, [3, \"x\"]]' FROM webhook_messages",
        "INSERT INTO posted_history (webhook_message_id, sender, content, timestamp, message_type)"
        " SELECT id, 'Ali', 'Selam', chat_time, 'text' FROM webhook_messages",
    ):
        connection.execute(text(statement))


async def test_one_message_is_quick_among_a_hundred_thousand(
    ledger: SqlLedger, stored: Store
) -> None:
    await ledger.record([message(1), message(2), message(3)])
    # MySQL parses the JSON of each row that it is given.
    async with Database(stored.url, transaction_seconds=_GROWING_SECONDS) as database:
        await database.write(_grow)
        rows = await database.read(lambda one: one.execute(text(_ONE_OF_MANY)).all())
        assert len(rows) == 4
        assert await database.read(_reads) == []
        await database.write(_know_how_many)
        assert await database.read(_reads) == []


def _know_how_many(connection: Connection) -> None:
    tables = ("webhook_messages", "analytics_results", "posted_history")
    is_sqlite = connection.dialect.name == "sqlite"
    for table in tables:
        connection.execute(text(f"ANALYZE {'' if is_sqlite else 'TABLE'} {table}"))


def _reads(connection: Connection) -> list[str]:
    """Full table reads: by the plan on SQLite, by MariaDB's count of rows."""
    if connection.dialect.name == "sqlite":
        plans = [connection.execute(text(f"EXPLAIN QUERY PLAN {one}")) for one in _ASKED]
        steps = [str(step[-1]) for plan in plans for step in plan]
        return [one for one in steps if one.startswith("SCAN") and "e VIRTUAL" not in one]
    connection.execute(text("FLUSH STATUS"))
    connection.execute(text(_ONE_OF_MANY)).all()
    counts = connection.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'"))
    return [f"{name} {count}" for name, count in counts if int(count) > _MOST_READS]


async def test_who_may_make_no_view_is_told_so_in_one_sentence(mariadb: MariaDB) -> None:
    url = make_url(mariadb.database())
    mariadb.query("CREATE USER IF NOT EXISTS 'narrow'@'%' IDENTIFIED BY 'x'")
    rights = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES"
    mariadb.query(f"GRANT {rights} ON `{url.database}`.* TO 'narrow'@'%'")
    narrow = url.set(username="narrow", password="x").render_as_string(hide_password=False)
    async with Database(narrow) as database:
        with pytest.raises(ConfigError, match="CREATE VIEW") as refused:
            await migrate(database)
    assert len(str(refused.value).splitlines()) == 1
    mariadb.query(f"GRANT CREATE VIEW ON `{url.database}`.* TO 'narrow'@'%'")
    async with Database(narrow) as database:
        await migrate(database)


async def test_a_view_of_before_is_made_again_where_it_loses_letters(mariadb: MariaDB) -> None:
    """Debian's server speaks latin1: a column of its JSON_TABLE without a set has no ş."""
    url = mariadb.database()
    await _migrated(url)
    name = str(make_url(url).database)
    before = views.MYSQL[views.HISTORY].replace(" CHARACTER SET utf8mb4 ", " ")
    mariadb.query_in(name, before.replace("e.words", "CONVERT(e.words USING utf8mb4)"))
    assert _without_a_set(mariadb, name)
    await _migrated(url)
    assert not _without_a_set(mariadb, name)


def _without_a_set(mariadb: MariaDB, name: str) -> bool:
    [shown] = mariadb.query_in(name, f"SHOW CREATE VIEW {views.HISTORY}")
    return "longtext PATH" in shown[1]


def test_a_backup_brings_it_back(store_url: str, tmp_path: Path) -> None:
    """The backup contains no view, and is restored over a store that already has it."""
    file = tmp_path / whole_store.file_name(store_url)
    asyncio.run(fill(store_url, [message(1, "Selam"), message(2)]))
    whole_store.save(store_url, file)
    asyncio.run(_migrated(store_url))
    if (store := whole_store.file_of(store_url)) is not None:
        sqlite_copy.check(file)
        file.rename(store)
    else:
        refuse_active(file)
        whole_store.load(store_url, file)
    asyncio.run(_migrated(store_url))
    assert [row.content for row in asyncio.run(history(Store(store_url), 2))] == ["Selam"]


async def test_a_forgotten_person_is_in_nobodys_context(store_url: str, stored: Store) -> None:
    hans = Jid.parse("4915550100266@s.whatsapp.net")
    of_hans: dict[str, Any] = {"sender": hans, "sender_alt": None, "sender_name": "Hans"}
    picture = Media("image/png", 9, "b.png")
    ours = {"sender": Jid(ACCOUNT[1:], NUMBER.server), "sender_alt": None, "from_me": True}
    ledger = SqlLedger(store_url, replace(SCREENING, analyse_groups=True), "me")
    await ledger.open()
    await ledger.record(
        [
            in_group(1, "gizli söz"),
            in_group(2, "", kind=Kind.IMAGE, media=Media("image/jpeg", 9, "gizli.jpg")),
            in_group(3, "araya", **of_hans),
            in_group(4, "👍", kind=Kind.REACTION, target_id="3EB0000001", **ours),
            in_group(5, "", kind=Kind.IMAGE, media=picture, target_id="3EB0000001", **of_hans),
            in_group(6, "soru", **of_hans),
        ]
    )
    row_id = await analysed(ledger)
    await ledger.close()
    saw = await history(stored, row_id)
    said = [row.content for row in saw]
    assert said == [
        "gizli söz",
        "[image/jpeg] gizli.jpg",
        "araya",
        "👍 (gizli söz)",
        "[image/png] b.png",
    ]
    async with Forgetting(store_url) as forgetting:
        person = await forgetting.who("Ayşe")
        await forgetting.erase(person, await forgetting.count(person), NOON)
    left = await history(stored, row_id)
    assert [row.content for row in left] == ["araya", "👍", "[image/png] b.png"]
    assert [row.id for row in left] == [row.id for row in saw[2:]]
    [kept] = await stored.rows(
        f"SELECT context FROM analytics_results WHERE webhook_message_id = {row_id}"  # noqa: S608
    )
    assert "gizli" not in kept.context
