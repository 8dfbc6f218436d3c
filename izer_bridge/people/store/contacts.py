"""One row per person: a phone number and a LID that prove to be the same become one contact."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from izer_bridge.domain.identity import Jid
from izer_bridge.store import changed_hours
from izer_bridge.store.inserted import new_id
from izer_bridge.store.tables import chats, contacts, conversations, webhook_messages
from izer_bridge.store.text import name as fitting_name


@dataclass(frozen=True, slots=True)
class Person:
    """What a message says about somebody: a number in E.164, a LID's digits, or both.

    `is_verified`: WhatsApp vouches for the name, which is a business's.
    """

    number: str | None
    lid: str | None
    name: str = ""
    is_verified: bool = False

    @classmethod
    def at(
        cls, jid: Jid, alternative: Jid | None, name: str = "", *, is_verified: bool = False
    ) -> "Person":
        number = lid = None
        for one in (jid, alternative):
            if one is None:
                continue
            if number is None and one.is_number:
                number = one.number
            elif lid is None and one.is_lid:
                lid = one.user
        return cls(number, lid, name, is_verified)

    @property
    def is_somebody(self) -> bool:
        return self.number is not None or self.lid is not None


@dataclass(slots=True)
class Contact:
    """A row of `contacts`. A name verified by WhatsApp is never replaced by another."""

    id: int
    number: str | None
    lid: str | None
    name: str
    is_verified: bool

    def named(self, name: str) -> str:
        """Their name, given that one of their messages calls them `name`."""
        return self.name if self.is_verified else fitting_name(name) or self.name


def _tells_nothing_new(contact: Contact, person: Person) -> bool:
    """True of most messages; when in doubt, the full comparison is made."""
    return (
        person.name in ("", contact.name)
        and person.is_verified == contact.is_verified
        and person.number in (None, contact.number)
        and person.lid in (None, contact.lid)
    )


_COLUMNS = [contacts.c[field.name] for field in fields(Contact)]
_CHAT_COLUMNS = [chats.c.account, chats.c.id, chats.c.name, chats.c.shop_is_admin]
_CONVERSATION = len(_COLUMNS) + len(_CHAT_COLUMNS)


class Contacts:
    """The contacts that one transaction needs; create it with `load`.

    `move` is called when two chats prove to be one: with the old row and the one that stays.
    `chats` are the direct chats of the contacts, by account and contact, as far as they were read.
    """

    def __init__(
        self, connection: Connection, now: datetime, move: Callable[[Connection, int, int], None]
    ) -> None:
        self._connection = connection
        self._now = now
        self._move = move
        self._by_number: dict[str, Contact] = {}
        self._by_lid: dict[str, Contact] = {}
        # Read along with their people: id, name, and whether the shop is its admin.
        self.chats: dict[tuple[str, int], tuple[int, str, bool | None]] = {}
        # And the rows of those chats in `conversations`, for whoever keeps them.
        self.conversations: dict[int, Row[Any]] = {}

    def load(self, people: Iterable[Person]) -> None:
        """Look up all of `people`, and create, complete or merge contacts as needed."""
        people = [one for one in people if one.is_somebody]
        numbers = {one.number for one in people if one.number}
        lids = {one.lid for one in people if one.lid}
        found = self._connection.execute(
            select(*_COLUMNS, *_CHAT_COLUMNS, *conversations.c)
            .outerjoin(chats, chats.c.contact_id == contacts.c.id)
            .outerjoin(conversations, conversations.c.id == chats.c.id)
            .where(or_(contacts.c.number.in_(numbers), contacts.c.lid.in_(lids)))
        )
        for row in found:
            contact = Contact(*row[: len(_COLUMNS)])
            self._remember(contact)
            account, chat_id, name, is_admin = row[len(_COLUMNS) : _CONVERSATION]
            if chat_id is not None:
                self.chats[account, contact.id] = chat_id, name, is_admin
                if row.phase is not None:
                    self.conversations[chat_id] = row
        for person in people:
            self._settle(person)

    def of(self, person: Person) -> Contact | None:
        """The contact of somebody who was loaded; None for nobody."""
        return self._by_lid.get(person.lid or "") or self._by_number.get(person.number or "")

    def _settle(self, person: Person) -> None:
        by_number = self._by_number.get(person.number or "")
        by_lid = self._by_lid.get(person.lid or "")
        if by_number is not None and by_lid is not None and by_number is not by_lid:
            if by_number.lid is not None:
                # Two accounts with one number: it has changed hands, or somebody lies. The LID
                # tells them apart, and neither takes over the other's data.
                self._complete(by_lid, replace(person, number=None))
                return
            contact = self._merged(by_number, by_lid)
        else:
            contact = by_number or by_lid or self._made(person)
        self._complete(contact, person)

    def _made(self, person: Person) -> Contact:
        told = replace(person, name=fitting_name(person.name))
        made = self._connection.execute(
            insert(contacts).values(**asdict(told), created_at=self._now)
        )
        contact = Contact(new_id(made), **asdict(told))
        self._remember(contact)
        return contact

    def _complete(self, contact: Contact, person: Person) -> None:
        """Add what `person` newly states; a known number or LID stays."""
        if _tells_nothing_new(contact, person):
            return
        learnt_number = contact.number is None and person.number is not None
        told = Contact(
            contact.id,
            contact.number or person.number,
            contact.lid or person.lid,
            contact.name,
            contact.is_verified,
        )
        if person.is_verified or not contact.is_verified:
            told.name = fitting_name(person.name) or contact.name
            told.is_verified = person.is_verified
        if told == contact:
            return
        contact.number, contact.lid = told.number, told.lid
        contact.name, contact.is_verified = told.name, told.is_verified
        self._remember(contact)
        self._connection.execute(
            # Not its id: SQLite would look at each of their messages to see whether it is still the
            # same.
            update(contacts)
            .where(contacts.c.id == contact.id)
            .values({name: value for name, value in asdict(contact).items() if name != "id"})
        )
        if learnt_number:
            self._write_number(contact)

    def _write_number(self, contact: Contact) -> None:
        """Add it to the messages that came before the number was known."""
        self._connection.execute(
            update(webhook_messages)
            .where(
                webhook_messages.c.sender_id == contact.id,
                webhook_messages.c.phone_number == "",
            )
            .values(phone_number=contact.number)
        )

    def _merged(self, kept: Contact, gone: Contact) -> Contact:
        """Move everything of `gone` to `kept`, chats and messages included."""
        self._drop_twins(kept, gone)
        # Their chats become one, or change hands.
        self.chats = {
            key: chat for key, chat in self.chats.items() if key[1] not in (kept.id, gone.id)
        }
        self._connection.execute(
            update(webhook_messages)
            .where(webhook_messages.c.sender_id == gone.id)
            .values(sender_id=kept.id)
        )
        theirs = self._connection.execute(
            select(chats.c.id, chats.c.account).where(chats.c.contact_id == gone.id)
        )
        for chat_id, account in theirs.all():
            self._move_chat(chat_id, account, kept)
        self._connection.execute(delete(contacts).where(contacts.c.id == gone.id))
        if gone.number:
            # Somebody with a new number keeps the LID; the old number is theirs too.
            self._by_number[gone.number] = kept
        self._write_number(kept)
        named = gone if gone.is_verified or not kept.name else kept
        self._complete(kept, Person(kept.number, gone.lid, named.name, named.is_verified))
        return kept

    def _drop_twins(self, kept: Contact, gone: Contact) -> None:
        """A group message that was recorded under each of its sender's addresses stays once."""
        first = webhook_messages.alias("first_message")
        again = webhook_messages.alias("again")
        twins = self._connection.scalars(
            select(again.c.id)
            .join(
                first,
                and_(
                    first.c.message_id == again.c.message_id,
                    first.c.chat_id == again.c.chat_id,
                    first.c.from_me == again.c.from_me,
                ),
            )
            .where(first.c.sender_id == kept.id, again.c.sender_id == gone.id)
        )
        again_too = webhook_messages.c.id.in_(twins.all())
        changed_hours.mark_rows(self._connection, again_too, self._now)
        self._connection.execute(delete(webhook_messages).where(again_too))

    def _move_chat(self, chat_id: int, account: str, kept: Contact) -> None:
        target = self._connection.scalar(
            select(chats.c.id).where(chats.c.account == account, chats.c.contact_id == kept.id)
        )
        if target is None:
            self._connection.execute(
                update(chats).where(chats.c.id == chat_id).values(contact_id=kept.id)
            )
            return
        messages = webhook_messages.c
        for of_shop in (True, False):
            twice = self._connection.scalars(
                select(messages.message_id).where(
                    messages.chat_id == target, messages.from_me.is_(of_shop)
                )
            )
            again_too = and_(
                messages.chat_id == chat_id,
                messages.from_me.is_(of_shop),
                messages.message_id.in_(twice.all()),
            )
            changed_hours.mark_rows(self._connection, again_too, self._now)
            self._connection.execute(delete(webhook_messages).where(again_too))
        self._connection.execute(
            update(webhook_messages).where(messages.chat_id == chat_id).values(chat_id=target)
        )
        self._move(self._connection, chat_id, target)
        self._connection.execute(delete(chats).where(chats.c.id == chat_id))

    def _remember(self, contact: Contact) -> None:
        if contact.number:
            self._by_number[contact.number] = contact
        if contact.lid:
            self._by_lid[contact.lid] = contact
