"""Tells whether two addresses are one writer, who may be known by number, by LID or both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select

from izer_bridge.domain.identity import Jid
from izer_bridge.people.store.contacts import Person
from izer_bridge.store.tables import contacts

_CONTACTS = contacts.c


@dataclass(frozen=True, slots=True)
class Writer:
    """Who wrote a message and in which group; `who` is None if nobody was named."""

    who: Person | None
    group: str = ""

    @classmethod
    def at(cls, chat: Jid | None, sender: Jid | None, alternative: Jid | None = None) -> "Writer":
        person = None if sender is None else Person.at(sender, alternative)
        named = person if person is not None and person.is_somebody else None
        return cls(named, str(chat) if chat is not None and chat.is_group else "")

    def may_be(self, other: "Writer") -> bool:
        """Two that share no kind of address may be the same: so no gap stays open for ever."""
        same = self._same(other)
        return self.group == other.group and (not same or any(same))

    def is_surely(self, other: "Writer") -> bool:
        return self.group == other.group and any(self._same(other))

    def _same(self, other: "Writer") -> list[bool]:
        """Whether each kind of address that both have is the same."""
        if self.who is None or other.who is None:
            return []
        pairs = (self.who.number, other.who.number), (self.who.lid, other.who.lid)
        return [one == another for one, another in pairs if one and another]


class Writers:
    """The writers of one transaction, with their known contacts; create it with `load`."""

    def __init__(self, known: Sequence[Person]) -> None:
        self._by_number = {one.number: one for one in known if one.number}
        self._by_lid = {one.lid: one for one in known if one.lid}

    @classmethod
    def load(cls, connection: Connection, jids: Iterable[Jid | None]) -> "Writers":
        people = [Person.at(one, None) for one in jids if one is not None]
        numbers = {one.number for one in people if one.number}
        lids = {one.lid for one in people if one.lid}
        if not (numbers or lids):
            return cls([])
        found = connection.execute(
            select(_CONTACTS.number, _CONTACTS.lid).where(
                or_(_CONTACTS.number.in_(numbers), _CONTACTS.lid.in_(lids))
            )
        )
        return cls([Person(*row) for row in found])

    def of(self, chat: Jid | None, sender: Jid | None, alternative: Jid | None = None) -> Writer:
        told = Writer.at(chat, sender, alternative)
        if told.who is None:
            return told
        known = self._by_number.get(told.who.number or "") or self._by_lid.get(told.who.lid or "")
        if known is None:
            return told
        number, lid = told.who.number or known.number, told.who.lid or known.lid
        return Writer(Person(number, lid), told.group)
