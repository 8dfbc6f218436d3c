"""Which groups on WhatsApp count by their names: the shop's own, and those it has confirmed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, select

from izer_bridge.domain.identity import GROUP_SERVER, Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.people.store.important import rules
from izer_bridge.store.opened import OpenedStore
from izer_bridge.store.tables import chats, confirmed_groups, webhook_messages

_CHATS, _ROWS, _GROUPS = chats.c, webhook_messages.c, confirmed_groups.c


@dataclass(frozen=True, slots=True)
class Bearer:
    """A group on WhatsApp that has a critical group's name, or is confirmed.

    `shop_is_admin` is None if WhatsApp has not said.
    """

    jid: Jid
    name: str
    shop_is_admin: bool | None
    is_confirmed: bool

    @property
    def counts(self) -> bool:
        """Whether it counts by its name."""
        return self.is_confirmed or self.shop_is_admin is True


class OwnGroups(OpenedStore):
    """In the store at `url`; used as a context manager. Raises ConfigError and TransientError."""

    async def bearers(self, settings: ImportanceRules) -> Sequence[Bearer]:
        """All of them, sorted by name."""
        return await self._database.read(lambda connection: _bearers(connection, settings))

    async def confirm(self, group: Jid) -> None:
        """Let it count by its name from the next message on."""

        def change(connection: Connection) -> None:
            found = select(_GROUPS.id).where(_GROUPS.group_identifier == str(group))
            if connection.scalar(found) is None:
                new = {"group_identifier": str(group), "created_at": datetime.now(UTC)}
                connection.execute(insert(confirmed_groups).values(new))

        await self._database.write(change)

    async def unconfirm(self, group: Jid) -> bool:
        """False if it was not confirmed."""
        gone = delete(confirmed_groups).where(_GROUPS.group_identifier == str(group))
        changed = await self._database.write(lambda connection: connection.execute(gone))
        return changed.rowcount > 0


def unconfirmed(
    connection: Connection, settings: ImportanceRules, since: datetime
) -> Sequence[Bearer]:
    """Groups with messages since then that would count if the shop vouched for them."""
    lives = exists().where(_ROWS.chat_id == _CHATS.id, _ROWS.chat_time >= since)
    known = rules(connection).above(settings)
    return [
        one
        for one in _groups(connection, known, _CHATS.shop_is_admin.is_(False), lives)
        if known.awaits_confirmation(one.jid, one.name)
    ]


def _bearers(connection: Connection, settings: ImportanceRules) -> Sequence[Bearer]:
    known = rules(connection).above(settings)
    seen = {one.jid: one for one in _groups(connection, known)}
    unseen = [Jid.parse(one) for one in sorted(known.confirmed - set(map(str, seen)))]
    named = [
        one
        for one in seen.values()
        if one.is_confirmed or known.of_group(one.jid, one.name, is_own=True)
    ]
    return [*named, *(Bearer(jid, "", None, is_confirmed=True) for jid in unseen)]


def _groups(
    connection: Connection, known: ImportanceRules, *where: ColumnElement[bool]
) -> Sequence[Bearer]:
    found = connection.execute(
        select(_CHATS.jid, _CHATS.name, _CHATS.shop_is_admin)
        .where(_CHATS.jid.like(f"%@{GROUP_SERVER}"), *where)
        .order_by(_CHATS.name, _CHATS.id)
    )
    return [
        Bearer(Jid.parse(jid), name, is_admin, jid in known.confirmed)
        for jid, name, is_admin in found
    ]
