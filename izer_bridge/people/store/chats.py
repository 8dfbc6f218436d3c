"""Chats: a direct chat is keyed by its contact, any other chat by its JID."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select, update

from izer_bridge.domain.identity import Jid
from izer_bridge.people.store.contacts import Contact, Contacts
from izer_bridge.store.inserted import new_id
from izer_bridge.store.tables import chats
from izer_bridge.store.text import name as fitting_name

_Key = tuple[str, int | str]


class InChat(Protocol):
    """What a message says of its chat."""

    @property
    def account(self) -> str: ...

    @property
    def chat(self) -> Jid: ...

    @property
    def chat_name(self) -> str: ...

    @property
    def shop_is_admin(self) -> bool | None: ...


@dataclass(frozen=True, slots=True)
class Chat:
    """A row of `chats`: what the latest message states, else what was known before."""

    id: int
    name: str
    shop_is_admin: bool | None


class Chats:
    """The chats of one recording, of which its `contacts` have read some."""

    def __init__(self, connection: Connection, now: datetime, contacts: Contacts) -> None:
        self._connection = connection
        self._now = now
        self._contacts = contacts
        self._known: dict[_Key, Chat] = {}

    def of(self, message: InChat, partner: Contact | None) -> Chat:
        """The message's chat, created if it is new; `partner` is the contact of a direct chat."""
        name, is_admin = fitting_name(message.chat_name), message.shop_is_admin
        if partner is not None:
            key: _Key = (message.account, partner.id)
            address: dict[str, Any] = {"contact_id": partner.id, "jid": None}
            name = name or partner.name
        else:
            key = (message.account, str(message.chat))
            address = {"contact_id": None, "jid": str(message.chat)}
        known = self._known.get(key) or self._read(key) or self._found(message.account, address)
        if known is None:
            values = {"name": name, "shop_is_admin": is_admin, "created_at": self._now}
            made = self._connection.execute(
                insert(chats).values(account=message.account, **address, **values)
            )
            chat = Chat(new_id(made), name, is_admin)
        else:
            chat = self._told(known, name or known.name, is_admin)
        self._known[key] = chat
        return chat

    def _told(self, known: Chat, name: str, is_admin: bool | None) -> Chat:
        """The row with newly stated values."""
        is_admin = known.shop_is_admin if is_admin is None else is_admin
        if (name, is_admin) == (known.name, known.shop_is_admin):
            return known
        self._connection.execute(
            update(chats).where(chats.c.id == known.id).values(name=name, shop_is_admin=is_admin)
        )
        return Chat(known.id, name, is_admin)

    def _read(self, key: _Key) -> Chat | None:
        account, address = key
        read = self._contacts.chats.get((account, address)) if isinstance(address, int) else None
        return None if read is None else Chat(*read)

    def _found(self, account: str, address: Mapping[str, Any]) -> Chat | None:
        is_it = [chats.c[column] == value for column, value in address.items() if value is not None]
        found = self._connection.execute(
            select(chats.c.id, chats.c.name, chats.c.shop_is_admin).where(
                chats.c.account == account, *is_it
            )
        )
        row = found.one_or_none()
        return None if row is None else Chat(*row)
