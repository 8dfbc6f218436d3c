"""Reads the replaced system's MySQL database, and never writes it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import Result, column, func, make_url, select, table, text
from sqlalchemy.exc import DBAPIError

from izer_bridge.domain.errors import ConfigError, UsageError
from izer_bridge.store.database import Database
from izer_bridge.store.text import clean

MESSAGES = "webhook_messages"
CHILDREN = ("message_history", "analytics_results", "agent_routing")
REGISTERS = ("critical_groups", "important_customers", "system_stats")
_BATCH = 200
_TRIES = 2
_DEEPEST_JSON = 24
_TIMES = frozenset({"datetime", "timestamp", "date"})
_JSON = frozenset(
    {"raw_data", "keywords", "analysis_details", "response_data", "notification_settings"}
    | {"contact_info", "additional_data"}
)

Old = dict[str, Any]


class LegacySource:
    """The database at `url`; used as a context manager. Times without a zone are in `zone`.

    Raises UsageError if it is not the replaced system's, TransientError while it is away.
    """

    def __init__(self, url: str, zone: ZoneInfo) -> None:
        if not url.startswith(("mysql://", "mariadb://")):
            raise UsageError("expected the old database as mysql://user:password@host/database")
        self._database = Database(url, tries=_TRIES)
        self._name = make_url(url).database
        self._zone = zone
        self._columns: dict[str, dict[str, str]] = {}

    async def __aenter__(self) -> Self:
        await self._database.__aenter__()
        try:
            await self._know_the_tables()
        except BaseException:
            await self._database.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._database.close()

    async def count(self, name: str) -> int:
        """How many rows a table has; 0 if it is missing."""
        if name not in self._columns:
            return 0
        [row] = await self._rows(select(func.count().label("count")).select_from(table(name)))
        return int(row["count"])

    async def messages(self) -> AsyncIterator[tuple[Sequence[Old], Mapping[str, Sequence[Old]]]]:
        """Batches of messages in their order, with the other tables' rows for them."""
        after = 0
        while True:
            query = select(text("*")).select_from(table(MESSAGES)).where(column("id") > after)
            batch = await self._rows(query.order_by(column("id")).limit(_BATCH), MESSAGES)
            if not batch:
                return
            ids = [one["id"] for one in batch]
            yield batch, {name: await self._on(name, ids) for name in CHILDREN}
            after = ids[-1]

    async def all(self, name: str) -> Sequence[Old]:
        """A small table; empty if it is missing."""
        if name not in self._columns:
            return []
        query = select(text("*")).select_from(table(name)).order_by(column("id"))
        return await self._rows(query, name)

    async def _on(self, name: str, ids: Sequence[int]) -> Sequence[Old]:
        if name not in self._columns:
            return []
        query = select(text("*")).select_from(table(name))
        query = query.where(column("webhook_message_id").in_(ids)).order_by(column("id"))
        return await self._rows(query, name)

    async def _know_the_tables(self) -> None:
        query = text(
            "SELECT table_name AS t, column_name AS c, data_type AS d "
            "FROM information_schema.columns WHERE table_schema = :name"
        ).bindparams(name=self._name)
        for row in await self._rows(query):
            self._columns.setdefault(row["t"], {})[row["c"]] = row["d"].lower()
        if not {"id", "message_id"} <= self._columns.get(MESSAGES, {}).keys():
            raise UsageError(f"the database {self._name} has no {MESSAGES} of the old system")
        if "account" in self._columns[MESSAGES]:
            raise UsageError(f"the database {self._name} is a store of izer-bridge already")

    async def _rows(self, query: Any, name: str = "") -> list[Old]:
        try:
            result: Result[Any] = await self._database.read(lambda one: one.execute(query))
        except DBAPIError as error:
            raise UsageError(f"the old database: {error.orig}") from None
        except ConfigError as error:
            # Said of the database that it knows.
            why = str(error).removeprefix("store.url: ")
            raise UsageError(f"the old database: {why}") from None
        kinds = self._columns.get(name, {})
        return [
            {key: self._value(key, value, kinds) for key, value in row._mapping.items()}
            for row in result
        ]

    def _value(self, key: str, value: Any, kinds: Mapping[str, str]) -> Any:
        if isinstance(value, datetime):
            # The session's zone is UTC, in which the server returns a TIMESTAMP.
            zone = UTC if kinds.get(key) == "timestamp" else self._zone
            return value.replace(tzinfo=zone).astimezone(UTC)
        if kinds.get(key) in _TIMES and not isinstance(value, date):
            # A zero date arrives as text.
            return None
        if key in _JSON and isinstance(value, str):
            return _json(value) or (clean(value) if key == "keywords" else None)
        return clean(value) if isinstance(value, str) else value


def _json(text: str) -> Any:
    """None if it is not JSON, or too deeply nested for a store."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if _depth(value) <= _DEEPEST_JSON else None


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
