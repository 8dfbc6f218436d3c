"""Rows inserted in bulk equal rows inserted one by one."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from izer_bridge.store.bulk import insert_all
from izer_bridge.store.database import Database
from izer_bridge.store.tables import message_chain, removals
from tests.end_to_end.stored import Store
from tests.store.messages import ACCOUNT, NOON

_COUNT = 120


def removal(number: int) -> dict[str, Any]:
    """With its own time, JSON, and a value that is the same in all."""
    at = NOON + timedelta(microseconds=number)
    removed = {"messages": number, "İ": "\x00"} if number % 3 else None
    return {
        "started_at": at,
        "ended_at": at if number % 2 else None,
        "reason": "retention",
        "analyses_before": NOON,
        "removed": removed,
    }


def link(number: int) -> dict[str, Any]:
    return {
        "account": ACCOUNT,
        "position": number,
        "message_id": f"A{number}",
        "chat_jid": "",
        "content_hash": f"{number:064x}",
        "link_hash": "" if number % 2 else f"{number:064x}",
        "removed_at": None,
    }


async def test_they_are_as_each_by_itself(store_url: str, stored: Store) -> None:
    made = ((removals, removal), (message_chain, link))

    def each(connection: Connection) -> None:
        for table, row in made:
            for number in range(_COUNT):
                connection.execute(insert(table), row(number))

    def at_once(connection: Connection) -> None:
        for table, row in made:
            insert_all(connection, table, [row(number) for number in range(_COUNT)])

    def read(connection: Connection) -> list[Any]:
        plain = (f"SELECT * FROM {table.name} ORDER BY id" for table, _ in made)  # noqa: S608
        raw = [connection.exec_driver_sql(query).all() for query in plain]
        return [*raw, *(connection.execute(select(table)).all() for table, _ in made)]

    async with Database(store_url) as database:
        found = []
        for insertion in (each, at_once):
            await database.write(insertion)
            found.append(await database.read(read))
            for table, _ in made:
                await stored.execute(f"DELETE FROM {table.name}")  # noqa: S608
    without_ids = [[[tuple(row)[1:] for row in rows] for rows in tables] for tables in found]
    assert len(found[0][0]) == _COUNT
    assert without_ids[0] == without_ids[1]
