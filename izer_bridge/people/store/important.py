"""Tables of who is important: read as rules for recording, changed for the operator.

An inactive row says that somebody is not important, whatever the settings say.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Update,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)

from izer_bridge.domain.analysis import Priority
from izer_bridge.domain.importance import (
    Importance,
    ImportanceRules,
    Treatment,
    group_key,
    known_person,
)
from izer_bridge.store.database import Database
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import confirmed_groups, critical_groups, important_customers
from izer_bridge.store.text import name as fitting_name


class CustomerType(StrEnum):
    VIP = "vip"
    PARTNER = "partner"
    MANAGEMENT = "management"
    TECHNICAL = "technical"
    SALES = "sales"


@dataclass(frozen=True, slots=True)
class Wish:
    """What the operator asks for; None leaves the value as it is, or at the default."""

    name: str | None = None
    customer_type: CustomerType | None = None
    priority: Priority | None = None
    answer_within_minutes: int | None = None
    agent: str | None = None
    is_raised: bool | None = None


@dataclass(frozen=True, slots=True)
class ImportanceRow:
    """A row. `address` is a number, LID or JID, empty for a group identified by its name."""

    row_id: int
    address: str
    name: str
    customer_type: str | None
    treatment: Treatment
    is_active: bool
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def keys(self) -> Sequence[str]:
        """The keys it matches: `person_key` of a customer, `group_key` of a group's JID and name.

        An inactive row for a JID says nothing about other groups with that name.
        """
        if self.customer_type is not None:
            return [known for known in [known_person(self.address)] if known]
        keys = [key for key in map(group_key, (self.address, self.name)) if key]
        return keys if self.is_active else keys[:1]

    def speaks_of(self, who: str) -> bool:
        """Whether it matches a `person_key`, or a group's name or JID in any spelling."""
        return (who if self.customer_type is not None else group_key(who)) in self.keys


class _Register:
    """One of the tables of an open store. Raises TransientError."""

    _table: Table

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[ImportanceRow]:
        """All rows, including inactive ones, oldest first."""
        return await self._database.read(lambda connection: _entries(connection, self._table))

    def _address(self, who: str) -> dict[str, str]:
        """The columns that identify whom a new row is for."""
        raise NotImplementedError

    async def put(self, who: str, wish: Wish, by: str) -> None:
        """Make somebody important, or change how: update the matching rows, or add one.

        Somebody who was removed starts anew, with the old name and notes.
        """
        now = datetime.now(UTC)

        def change(connection: Connection) -> None:
            found = self._about(connection, who)
            active = [one.row_id for one in found if one.is_active]
            values = _columns(self._table, wish) | _changed(by, now, is_active=True)
            if not active:
                values = _usual(self._table) | values
            if found:
                rows = active or [found[-1].row_id]
                connection.execute(self._change_of(rows, values))
            else:
                new = {**self._address(who), **values, "created_at": now}
                connection.execute(insert(self._table).values(new))

        await self._database.write(change)

    async def remove(self, who: str, by: str) -> None:
        """Make somebody no longer important.

        If no row matches, a new inactive one overrules the settings.
        """
        now = datetime.now(UTC)
        values = _changed(by, now, is_active=False)

        def change(connection: Connection) -> None:
            found = self._about(connection, who)
            if found:
                rows = [one.row_id for one in found]
                connection.execute(self._change_of(rows, values))
            else:
                new = {**self._address(who), **values, "created_at": now}
                connection.execute(insert(self._table).values(new))

        await self._database.write(change)

    def _change_of(self, rows: Sequence[int], values: Mapping[str, Any]) -> Update:
        return update(self._table).where(self._table.c.id.in_(rows)).values(**values)

    def _about(self, connection: Connection, who: str) -> Sequence[ImportanceRow]:
        return [one for one in _entries(connection, self._table) if one.speaks_of(who)]


def _changed(by: str, now: datetime, *, is_active: bool) -> dict[str, Any]:
    return {"is_active": is_active, "updated_at": now, "changed_by": fitting_name(by)}


class ImportantCustomers(_Register):
    """Matched by `person_key`."""

    _table = important_customers

    def _address(self, who: str) -> dict[str, str]:
        return {"phone_number": who, "customer_name": ""}


class CriticalGroups(_Register):
    """Matched by name or by JID."""

    _table = critical_groups

    def _address(self, who: str) -> dict[str, str]:
        if "@" in who:
            return {"group_identifier": who, "group_name": ""}
        return {"group_name": fitting_name(who)}


@asynccontextmanager
async def customers_at(url: str) -> AsyncIterator[ImportantCustomers]:
    """Those of the store at `url`, which has its tables. Raises ConfigError, TransientError."""
    async with OpenedStore(url) as opened:
        yield ImportantCustomers(opened.database)


@asynccontextmanager
async def groups_at(url: str) -> AsyncIterator[CriticalGroups]:
    """As `customers_at`."""
    async with OpenedStore(url) as opened:
        yield CriticalGroups(opened.database)


def rules(connection: Connection) -> ImportanceRules:
    """The tables as rules. Among rows for the same person or group, an active one counts."""
    customers: list[ImportanceRow] = []
    groups: list[ImportanceRow] = []
    confirmed: set[str] = set()
    for whose, *row in connection.execute(_RULES):
        if whose == _CONFIRMED:
            confirmed.add(row[1])
        else:
            (customers if whose == _CUSTOMER else groups).append(_entry(*row))
    said = ImportanceRules.treating(
        *(
            (
                (key, one.treatment if one.is_active else None)
                for one in sorted(entries, key=lambda one: (one.is_active, one.row_id))
                for key in one.keys
            )
            for entries in (customers, groups)
        )
    )
    return replace(said, confirmed=frozenset(confirmed))


class StoredRules(OpenedStore):
    """The tables' rules, for callers that only ask."""

    async def read(self) -> ImportanceRules:
        return await self._database.read(rules)


_READ = (
    *("priority_level", "max_response_time_minutes", "preferred_agent_type", "auto_escalate"),
    "is_active",
)
_USUAL = {
    "customer_type": str(CustomerType.VIP),
    "priority_level": str(Priority.CRITICAL),
    "max_response_time_minutes": None,
    "preferred_agent_type": None,
    "auto_escalate": True,
}


def _entries(connection: Connection, table: Table) -> Sequence[ImportanceRow]:
    changed = table.c.changed_by, table.c.updated_at
    found = connection.execute(select(*_columns_of(table), *changed).order_by(table.c.id))
    return [replace(_entry(*row), changed_by=by, changed_at=at) for *row, by, at in found]


def _columns_of(table: Table) -> list[ColumnElement[Any]]:
    """In the order of `_entry`."""
    columns = table.c
    own: tuple[ColumnElement[Any], ...]
    if table is important_customers:
        own = columns.phone_number, columns.customer_name, columns.customer_type
    else:
        own = columns.group_identifier, columns.group_name, null()
    return [columns.id, *own, *(columns[name] for name in _READ)]


_CUSTOMER, _GROUP, _CONFIRMED = "customer", "group", "confirmed"
# One statement, because each recorded message needs all of them.
_RULES = union_all(
    select(literal(_CUSTOMER).label("whose"), *_columns_of(important_customers)),
    select(literal(_GROUP), *_columns_of(critical_groups)),
    select(
        literal(_CONFIRMED),
        literal(0),
        confirmed_groups.c.group_identifier,
        literal(""),
        *(null() for _ in range(len(_READ) + 1)),
    ),
)


def _entry(
    row_id: int, address: str | None, name: str, customer_type: str | None, *treatment: Any
) -> ImportanceRow:
    priority, minutes, agent, is_raised, is_active = treatment
    how = Treatment(
        priority=_priority(priority),
        answer_within_minutes=minutes if minutes is not None and minutes > 0 else None,
        agent=agent or None,
        is_raised=is_raised,
    )
    return ImportanceRow(row_id, address or "", name, customer_type, how, is_active)


def _priority(text: str) -> Priority:
    """People also edit the tables by hand; an invalid priority becomes the default."""
    try:
        return Priority(text)
    except ValueError:
        return Priority.CRITICAL


def _columns(table: Table, wish: Wish) -> dict[str, Any]:
    name = None if wish.name is None else fitting_name(wish.name)
    wanted = {
        "customer_name": name,
        "group_name": name,
        "customer_type": wish.customer_type and str(wish.customer_type),
        "priority_level": wish.priority and str(wish.priority),
        "max_response_time_minutes": wish.answer_within_minutes,
        "preferred_agent_type": wish.agent,
        "auto_escalate": wish.is_raised,
    }
    return {
        column: value for column, value in wanted.items() if value is not None and column in table.c
    }


def _usual(table: Table) -> dict[str, Any]:
    return {column: value for column, value in _USUAL.items() if column in table.c}


def as_stored(importance: Importance) -> dict[str, Any] | None:
    """For the column `importance` of a message."""
    both = {"customer": importance.customer, "group": importance.group}
    return {whose: asdict(how) for whose, how in both.items() if how is not None} or None


def as_recorded(
    stored: Mapping[str, Any] | None, *, is_vip: bool, is_critical_group: bool
) -> Importance:
    """From that column; a message older than the column is treated as usual."""
    given = stored or {}
    return Importance(
        _treatment(given.get("customer")) if is_vip else None,
        _treatment(given.get("group")) if is_critical_group else None,
    )


def _treatment(given: Mapping[str, Any] | None) -> Treatment:
    if given is None:
        return Treatment()
    return Treatment(**{**given, "priority": Priority(given["priority"])})
