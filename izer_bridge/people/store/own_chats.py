"""Chats without customers: those of the shop's own people, and with oneself."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Select, or_, select

from izer_bridge.store.tables import chats, contacts

_SERVER = "@lid"


def own_chats(people: Collection[str]) -> Select[tuple[int]]:
    """Ids of chats with `people`, given by number or LID as in the settings."""
    lids = [one.removesuffix(_SERVER) for one in people if one.endswith(_SERVER)]
    return (
        select(chats.c.id)
        .join(contacts, contacts.c.id == chats.c.contact_id)
        .where(
            or_(
                contacts.c.number == chats.c.account,
                contacts.c.number.in_(people),
                contacts.c.lid.in_(lids),
            )
        )
    )


def chats_of(connection: Connection, people: Collection[str]) -> Sequence[int]:
    """As `own_chats`, without the chat with oneself: read by the people, not from all chats."""
    lids = [one.removesuffix(_SERVER) for one in people if one.endswith(_SERVER)]
    found: list[int] = []
    for column, known in ((contacts.c.number, people), (contacts.c.lid, lids)):
        if known:
            query = select(chats.c.id).join(contacts, contacts.c.id == chats.c.contact_id)
            found += connection.scalars(query.where(column.in_(known)))
    return found
