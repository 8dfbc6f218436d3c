"""The person meant by a number, LID or name: contact, recognisable traces, and messages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from izer_bridge.domain.errors import UsageError
from izer_bridge.domain.folding import fold, visible
from izer_bridge.domain.identity import LID_SERVER, NUMBER_SERVER, national_digits
from izer_bridge.domain.importance import known_person
from izer_bridge.store.tables import chats, contacts, webhook_messages
from izer_bridge.upkeep.store.traces import Traces

_ROWS = webhook_messages.c
NOBODY = "nobody in the store has that number, LID or name"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The person meant by a name, number or LID: contacts, their addresses, and their names."""

    contact_ids: tuple[int, ...]
    number: str | None
    lid: str | None
    names: frozenset[str]
    chat_ids: tuple[int, ...]
    wrote_in: tuple[int, ...]
    whole_names: frozenset[str] = frozenset()

    @property
    def traces(self) -> Traces:
        """What identifies them in others' text."""
        number = self.number and self.number.removeprefix("+")
        numbers = tuple(one for one in (number, self.lid) if one)
        national = national_digits(self.number) if self.number else ""
        return Traces(numbers, national, tuple(sorted(self.whole_names, key=len, reverse=True)))

    @property
    def keys(self) -> frozenset[str]:
        """As in settings and tables of important people."""
        lid = self.lid and f"{self.lid}@{LID_SERVER}"
        return frozenset(one for one in (self.number, lid) if one)

    @property
    def addresses(self) -> tuple[str, ...]:
        """As JIDs."""
        number = self.number and f"{self.number.removeprefix('+')}@{NUMBER_SERVER}"
        lid = self.lid and f"{self.lid}@{LID_SERVER}"
        return tuple(one for one in (number, lid) if one)


def who(connection: Connection, text: str) -> Forgotten:
    rows = connection.execute(select(contacts)).all()
    key = known_person(text)
    theirs = [row for row in rows if key and key in (row.number, row.lid and f"{row.lid}@lid")]
    if not theirs and text.strip():
        theirs = [row for row in rows if fold(visible(row.name)) == fold(visible(text))]
    if not theirs and key:
        # Perhaps erased before; the session and other data by address may be left.
        number, lid = (None, key.partition("@")[0]) if "@" in key else (key, None)
        return Forgotten((), number, lid, frozenset(), (), ())
    if not theirs:
        raise UsageError(NOBODY)
    if len(theirs) > 1:
        raise UsageError(f"{len(theirs)} people have that name; give the number or the LID")
    return _known(connection, theirs[0])


def _known(connection: Connection, row: Row[Any]) -> Forgotten:
    own = select(_ROWS.sender_name).where(_ROWS.sender_id == row.id).distinct()
    digits = (row.number or "").removeprefix("+")
    names = {row.name, row.number, digits, row.lid, *connection.scalars(own)}
    direct = connection.scalars(select(chats.c.id).where(chats.c.contact_id == row.id))
    wrote = select(_ROWS.chat_id).where(_ROWS.sender_id == row.id).distinct()
    others = {
        fold(visible(name))
        for name in connection.scalars(select(contacts.c.name).where(contacts.c.id != row.id))
    }
    return Forgotten(
        whole_names=frozenset(one for one in names if one and _is_whole(one, others)),
        contact_ids=(row.id,),
        number=row.number,
        lid=row.lid,
        names=frozenset(name for name in names if name),
        chat_ids=tuple(direct),
        wrote_in=tuple(connection.scalars(wrote)),
    )


def _is_whole(name: str, others: Collection[str]) -> bool:
    """A first and a last name that nobody else has."""
    return len(name.split()) > 1 and fold(visible(name)) not in others


def theirs(person: Forgotten) -> Select[tuple[int]]:
    """Messages that they sent, and all of their own chats."""
    return select(_ROWS.id).where(
        or_(_ROWS.sender_id.in_(person.contact_ids), _ROWS.chat_id.in_(person.chat_ids))
    )


def messages(connection: Connection, person: Forgotten, limit: int | None) -> Sequence[int]:
    """Their ids, the oldest first."""
    found = connection.execute(theirs(person).order_by(_ROWS.id).limit(limit))
    return [row.id for row in found]
