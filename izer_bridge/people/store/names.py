"""The names of people and groups, by their addresses: for lists that a person reads."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, or_, select

from izer_bridge.domain.identity import Jid
from izer_bridge.store.tables import chats, contacts


def names_of(
    connection: Connection, accounts: Collection[str], addresses: Iterable[str]
) -> dict[str, str]:
    """For each JID in chats of these accounts the name, else the number, else itself."""
    jids = {text: jid for text in set(addresses) if (jid := _jid(text)) is not None}
    if not jids:
        return {}
    numbers = {jid.number for jid in jids.values() if jid.number}
    lids = {jid.user for jid in jids.values() if jid.is_lid}
    people = connection.execute(
        select(contacts.c.number, contacts.c.lid, contacts.c.name).where(
            or_(contacts.c.number.in_(numbers), contacts.c.lid.in_(lids))
        )
    ).all()
    known = {row.number: row.name for row in people if row.number and row.name}
    known |= {f"{row.lid}@lid": row.name or row.number for row in people if row.lid}
    groups = select(chats.c.jid, chats.c.name).where(
        chats.c.account.in_(accounts), chats.c.jid.in_(jids)
    )
    known |= {row.jid: row.name for row in connection.execute(groups) if row.name}
    return {
        text: known.get(jid.number or str(jid)) or jid.number or text for text, jid in jids.items()
    }


def _jid(text: str) -> Jid | None:
    try:
        return Jid.parse(text)
    except ValueError:
        return None
