"""Imports the replaced system's rows, each once: as history that is not analysed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, update

from izer_bridge.pipeline.store.record import Screening, record
from izer_bridge.store import changed_hours
from izer_bridge.store.database import TRIES
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import (
    agent_calls,
    analytics_results,
    critical_groups,
    important_customers,
    posted_history,
    system_stats,
    webhook_messages,
)
from izer_bridge.upkeep.legacy import old_rows
from izer_bridge.upkeep.legacy.old_rows import ACCOUNT, Old

_ROWS = webhook_messages.c
# The columns that identify a row of the small tables.
_SAME: Mapping[str, tuple[Table, tuple[str, ...]]] = {
    "critical_groups": (critical_groups, ("group_identifier", "group_name")),
    "important_customers": (important_customers, ("phone_number",)),
    "system_stats": (
        system_stats,
        ("stat_type", "stat_value", "time_period", "reference_date", "created_at"),
    ),
}


@dataclass(slots=True)
class Tally:
    """For one old table: how many rows are new here, were here already, and cannot be imported.

    `refused` says why, by the old row's id; `orphans` belong to no message.
    """

    new: int = 0
    known: int = 0
    orphans: int = 0
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.new + self.known + len(self.refused)


class Import(OpenedStore):
    """Imports into the store at `url`. Every batch is atomic, so an import may be repeated.

    Raises TransientError, ConfigError.
    """

    tries = TRIES

    def __init__(self, url: str, screening: Screening, now: datetime) -> None:
        super().__init__(url)
        self._screening = screening
        self._now = now

    async def messages(
        self, batch: Sequence[Old], children: Mapping[str, Sequence[Old]], tallies: dict[str, Tally]
    ) -> None:
        """A batch with its dependent rows; what was imported before stays unchanged."""
        counted = await self._database.write(
            lambda connection: self._take_over(connection, batch, children)
        )
        for name, tally in counted.items():
            sum_of = tallies.setdefault(name, Tally())
            sum_of.new += tally.new
            sum_of.known += tally.known
            sum_of.refused |= tally.refused

    async def register(self, name: str, rows: Sequence[Old]) -> Tally:
        """Rows of one of the small tables."""
        return await self._database.write(lambda connection: self._add(connection, name, rows))

    async def count(self) -> int:
        """How many messages came from the replaced system, by whichever way."""
        query = select(func.count()).where(_ROWS.account == ACCOUNT)
        found: int | None = await self._database.read(lambda one: one.scalar(query))
        return found or 0

    def _take_over(
        self, connection: Connection, batch: Sequence[Old], children: Mapping[str, Any]
    ) -> dict[str, Tally]:
        tally = Tally()
        usable: dict[str, tuple[Old, datetime]] = {}
        for old in batch:
            moment = old_rows.sent_at(old)
            if moment is None:
                tally.refused[old["id"]] = "has no time at all"
            elif (name := old_rows.message_id(old)) in usable:
                tally.refused[old["id"]] = f"has the message id of row {usable[name][0]['id']}"
            else:
                usable[name] = old, moment
        there = _rows_of(connection, list(usable))
        new = {name: one for name, one in usable.items() if name not in there}
        self._record(connection, new)
        tally.new, tally.known = len(new), len(there)
        rows = _rows_of(connection, list(new))
        ids = {old["id"]: (rows[name], moment) for name, (old, moment) in new.items()}
        counted = _hang_on(connection, children, ids)
        refused = set(tally.refused)
        for name, found in children.items():
            lost = [one["id"] for one in found if one["webhook_message_id"] in refused]
            counted[name].refused |= dict.fromkeys(lost, "its message cannot be taken over")
            counted[name].known = len(found) - counted[name].new - len(counted[name].refused)
        return {"webhook_messages": tally, **counted}

    def _record(self, connection: Connection, new: Mapping[str, tuple[Old, datetime]]) -> None:
        if not new:
            return
        messages = [old_rows.message(old, moment) for old, moment in new.values()]
        record(connection, messages, self._screening, self._now)
        as_they_were = {
            name: old_rows.as_it_was(old, moment) for name, (old, moment) in new.items()
        }
        for name, values in as_they_were.items():
            connection.execute(
                update(webhook_messages)
                .where(_ROWS.message_id == name, _ROWS.account == ACCOUNT)
                .values(**values)
            )
        changed_hours.mark(
            connection, (one["created_at"] for one in as_they_were.values()), self._now
        )

    def _add(self, connection: Connection, name: str, rows: Sequence[Old]) -> Tally:
        table, same = _SAME[name]
        tally = Tally()
        needed = [
            column.name
            for column in table.c
            if not column.nullable and column.server_default is None and not column.primary_key
        ]
        for old in rows:
            values = old_rows.register(old, table.columns.keys(), self._now)
            if lacking := [column for column in needed if values.get(column) is None]:
                tally.refused[old["id"]] = f"has no {', '.join(lacking)}"
                continue
            is_same = [table.c[column] == values.get(column) for column in same]
            if connection.scalar(select(table.c.id).where(*is_same).limit(1)) is None:
                connection.execute(insert(table).values(**values))
                tally.new += 1
            else:
                tally.known += 1
        return tally


def _rows_of(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """The rows of the old system's messages that are here, by message id."""
    query = select(_ROWS.message_id, _ROWS.id)
    query = query.where(_ROWS.message_id.in_(names), _ROWS.account == ACCOUNT)
    return {row.message_id: row.id for row in connection.execute(query)}


def _hang_on(
    connection: Connection,
    children: Mapping[str, Sequence[Old]],
    ids: Mapping[int, tuple[int, datetime]],
) -> dict[str, Tally]:
    """Insert new messages' dependent rows; `ids` are ours and the times, by the old rows' ids."""
    own = {
        name: [one for one in rows if one["webhook_message_id"] in ids]
        for name, rows in children.items()
    }
    history = [
        old_rows.history(one, *ids[one["webhook_message_id"]])
        for one in own.get("message_history", ())
    ]
    results = {
        one["webhook_message_id"]: old_rows.analysis(one, *ids[one["webhook_message_id"]])
        for one in own.get("analytics_results", ())
    }
    calls: dict[int, list[Old]] = {}
    for one in own.get("agent_routing", ()):
        calls.setdefault(one["webhook_message_id"], []).append(one)
    routings = [
        row for old_id, found in calls.items() for row in old_rows.routings(found, *ids[old_id])
    ]
    for table, values in (
        (posted_history, history),
        (analytics_results, list(results.values())),
        (agent_calls, routings),
    ):
        if values:
            connection.execute(insert(table), values)
    counts = {
        "message_history": len(history),
        "analytics_results": len(results),
        "agent_routing": len(routings),
    }
    return {name: Tally(new=counts[name]) for name in children}
