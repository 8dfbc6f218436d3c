"""Who wrote a message, where, and how important that makes it.

All messages of a writer in a chat have that in common, so that a history finds it out once for
hundreds of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import Importance, ImportanceRules
from izer_bridge.domain.message import Message, Origin
from izer_bridge.people.store import important
from izer_bridge.people.store.chats import Chat, Chats
from izer_bridge.people.store.contacts import Contact, Contacts, Person
from izer_bridge.store.text import name as fitting_name


@dataclass(frozen=True, slots=True)
class Envelope:
    """`partner` is the contact of a direct chat. `columns` are those of `webhook_messages`."""

    partner: Contact | None
    sender: Contact | None
    chat: Chat
    is_critical_group: bool
    columns: Mapping[str, Any]


class Written(NamedTuple):
    """What a message says of its envelope."""

    account: str
    chat: Jid
    chat_alt: Jid | None
    chat_name: str
    shop_is_admin: bool | None
    sender: Jid
    sender_alt: Jid | None
    sender_name: str
    has_verified_name: bool
    from_me: bool
    origin: Origin


class Envelopes:
    """The envelopes of one recording. `unconfirmed` are groups that would be critical if they were
    the shop's.
    """

    def __init__(
        self, connection: Connection, now: datetime, contacts: Contacts, rules: ImportanceRules
    ) -> None:
        self.unconfirmed: set[Jid] = set()
        self._contacts = contacts
        self._chats = Chats(connection, now, contacts)
        self._rules = rules
        self._known: dict[Written, Envelope] = {}
        # A chat is called what was said last.
        self._latest: dict[int, Chat] = {}

    def open(self, messages: Sequence[Message]) -> Sequence[Written]:
        """Look up the people of all messages; what each says."""
        written = list(map(_written, messages))
        people = {one: _people(one) for one in {*written}}
        self._contacts.load(person for one in written for person in people[one])
        return written

    def of(self, written: Written) -> Envelope:
        known = self._known.get(written)
        if known is None or self._latest[known.chat.id] is not known.chat:
            known = self._known[written] = self._made(written)
            self._latest[known.chat.id] = known.chat
        return known

    def _made(self, said: Written) -> Envelope:
        partner, sender = map(self._contacts.of, _people(said))
        chat = self._chats.of(said, partner)
        importance = self._importance(said, sender, chat)
        name = said.sender_name
        columns = {
            "account": said.account,
            "chat_id": chat.id,
            "chat_jid": str(said.chat),
            "chat_name": chat.name,
            "sender_id": sender.id if sender else None,
            "sender_jid": str(said.sender),
            "sender_name": sender.named(name) if sender else fitting_name(name),
            "phone_number": (sender.number if sender else None) or "",
            "origin": str(said.origin),
            "from_me": said.from_me,
            "is_vip_customer": importance.is_vip,
            "is_critical_group": importance.is_critical_group,
            "importance": important.as_stored(importance),
        }
        return Envelope(partner, sender, chat, importance.is_critical_group, columns)

    def _importance(self, said: Written, sender: Contact | None, chat: Chat) -> Importance:
        customer = None
        if sender is not None and not said.from_me:
            customer = self._rules.of_person(sender.number, sender.lid)
        # Over HTTP there is only a name, and any caller may have supplied it.
        is_posted = said.origin is Origin.WEBHOOK
        if not (said.chat.is_group or is_posted):
            return Importance(customer)
        is_own = is_posted or chat.shop_is_admin is True
        is_others = not is_own and chat.shop_is_admin is not None
        if is_others and self._rules.awaits_confirmation(said.chat, chat.name):
            self.unconfirmed.add(said.chat)
        return Importance(customer, self._rules.of_group(said.chat, chat.name, is_own=is_own))


def _written(message: Message) -> Written:
    return Written(
        message.account,
        message.chat,
        message.chat_alt,
        message.chat_name,
        message.shop_is_admin,
        message.sender,
        message.sender_alt,
        message.sender_name,
        message.has_verified_name,
        message.from_me,
        message.origin,
    )


def _people(said: Written) -> tuple[Person, Person]:
    """The partner of a direct chat, and the sender; nobody if there is none."""
    is_direct = said.chat.is_number or said.chat.is_lid
    name = "" if said.from_me else said.sender_name
    verified = bool(name) and said.has_verified_name
    partner = Person(None, None)
    if is_direct:
        partner = Person.at(said.chat, said.chat_alt, name, is_verified=verified)
    sender = Person.at(said.sender, said.sender_alt, name, is_verified=verified)
    return partner, sender
