"""What comes around a message's words, as JSON in its row and back."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.context_info import NO_CONTEXT, Advert, ContextInfo, Quotation, with_names
from izer_bridge.model.message import Message
from izer_bridge.store.tables import contacts
from izer_bridge.store.text import clean


def as_stored(message: Message, names: Mapping[str, str]) -> dict[str, Any] | None:
    """None where there is nothing; mentions stand in the texts, as names."""
    context = message.context
    stored: dict[str, Any] = {}
    if (quoted := context.quoted) is not None:
        stored["quoted"] = {
            "text": clean(with_names(quoted.text, context.mentions, names)),
            "sender": names.get(quoted.sender.removeprefix("+")) or clean(quoted.sender),
            "from_me": quoted.from_me,
        }
    if (advert := context.advert) is not None:
        stored["advert"] = {"title": advert.title, "body": advert.body, "link": advert.link}
    if context.is_forwarded:
        stored["is_forwarded"] = True
    if message.by_admin is not None:
        stored["by_admin"] = message.by_admin
    return stored or None


def as_read(stored: Mapping[str, Any] | None) -> ContextInfo:
    if not stored:
        return NO_CONTEXT
    quoted, advert = stored.get("quoted"), stored.get("advert")
    return ContextInfo(
        quoted=Quotation(**quoted) if quoted else None,
        advert=Advert(**advert) if advert else None,
        is_forwarded=stored.get("is_forwarded", False),
    )


async def names_of(connection: AsyncConnection, digits: Collection[str]) -> dict[str, str]:
    """How people call whom these digits of LIDs and numbers address, by the digits."""
    if not digits:
        return {}
    columns = contacts.c
    found = await connection.execute(
        select(columns.number, columns.lid, columns.name).where(
            or_(columns.lid.in_(digits), columns.number.in_([f"+{one}" for one in digits]))
        )
    )
    names: dict[str, str] = {}
    for number, lid, name in found:
        for address in filter(None, (lid, number and number.removeprefix("+"))):
            if name or number:
                names[address] = name or number
    return names
