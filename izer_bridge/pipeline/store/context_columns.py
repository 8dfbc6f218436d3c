"""Converts what surrounds a message's words to JSON in its row, and back.

A poll's options and the signs of a call are stored there too, for the messages that refer to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from izer_bridge.domain.context_info import (
    THE_SHOP,
    Quotation,
    mentioned_in,
    with_names,
)
from izer_bridge.domain.message import Message
from izer_bridge.pipeline.store import calls
from izer_bridge.store.tables import contacts
from izer_bridge.store.text import clean


def as_stored(message: Message, names: Mapping[str, str]) -> dict[str, Any] | None:
    """None if there is nothing; mentions are in the texts, as names."""
    context = message.context
    stored: dict[str, Any] = {}
    if (quoted := context.quoted) is not None:
        stored["quoted"] = {
            "text": clean(with_names(quoted.text, context.mentions, names)),
            "sender": _sender_of(quoted, names),
            "from_me": quoted.from_me,
        }
    if (advert := context.advert) is not None:
        stored["advert"] = {"title": advert.title, "body": advert.body, "link": advert.link}
    if context.is_forwarded:
        stored["is_forwarded"] = True
    if message.call is not None:
        stored["call"] = calls.as_stored(message, message.call)
    if message.options:
        stored["options"] = dict(message.options)
    if message.by_admin is not None:
        stored["by_admin"] = message.by_admin
    return stored or None


def _sender_of(quoted: Quotation, names: Mapping[str, str]) -> str:
    known = None if quoted.from_me else names.get(quoted.sender.removeprefix("+"))
    return known or clean(quoted.sender)


def names_in(connection: Connection, messages: Sequence[Message]) -> dict[str, str]:
    """Names, else numbers, of the people whom these messages mention, by the digits used.

    Any of the shop's addresses means the shop.
    """
    digits = {one for message in messages for one in _spoken_of(message)} - {""}
    if not digits:
        return {}
    columns = contacts.c
    found = connection.execute(
        select(columns.number, columns.lid, columns.name).where(
            or_(columns.lid.in_(digits), columns.number.in_([f"+{one}" for one in digits]))
        )
    )
    shops = {one.account for one in messages}
    names = {account.removeprefix("+"): THE_SHOP for account in shops}
    for number, lid, name in found:
        shown = THE_SHOP if number in shops else name or number
        for address in filter(None, (lid, number and number.removeprefix("+"))):
            if shown:
                names[address] = shown
    return names


def _spoken_of(message: Message) -> Iterator[str]:
    yield from mentioned_in(message.text)
    for mention in message.context.mentions:
        yield from (one.user for one in (mention.jid, mention.other) if one is not None)
    if (quoted := message.context.quoted) is not None:
        yield from mentioned_in(quoted.text)
        yield quoted.sender.removeprefix("+")
