"""Group names, group admins and numbers behind LIDs, asked of WhatsApp once and remembered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import structlog
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as proto
from neonize.utils.jid import build_jid

from izer_bridge.domain.identity import Jid, redact
from izer_bridge.whatsapp.client.link import Link
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.addresses import jid_of
from izer_bridge.whatsapp.library.utf8 import text_of

log = structlog.get_logger(__name__)

# Longer than a usual reconnect; messages that wait for a name are safe in the inbox.
_WAIT_FOR_LINK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class KnownGroups:
    """What WhatsApp has said about groups; the link passes its announcements on to it."""

    names: dict[Jid, str] = field(default_factory=dict)
    admins: dict[Jid, frozenset[Jid]] = field(default_factory=dict)

    def changed(self, group: Jid, name: str) -> None:
        """WhatsApp has announced a subject or, without one, a change of members or admins."""
        if name := bounds.name(name):
            self.names[group] = name
        self.admins.pop(group, None)


class WhatsAppDirectory:
    """Answers from memory, else from WhatsApp, else with nothing."""

    def __init__(self, link: Link, groups: KnownGroups) -> None:
        self._link = link
        self._groups = groups
        self._numbers: dict[Jid, Jid] = {}

    async def group_name(self, group: Jid) -> str:
        """The group's subject, or an empty string if it is not available now."""
        known = self._groups.names.get(group)
        if known is not None:
            return known
        return self._groups.names[group] if await self._ask(group) else ""

    async def is_admin(self, group: Jid, member: Sequence[Jid]) -> bool | None:
        """Whether somebody, by any of their addresses, is an admin; None if unknown."""
        if group not in self._groups.admins and not await self._ask(group):
            return None
        return not self._groups.admins[group].isdisjoint(member)

    async def shop_is_admin(self, group: Jid) -> bool | None:
        """Whether the linked account is an admin; None if unknown."""
        device = self._link.client.me
        if device is None:
            return None
        own = map(jid_of, (device.JID, device.LID))
        return await self.is_admin(group, [one for one in own if one is not None])

    async def _ask(self, group: Jid) -> bool:
        """Learn name and admins; False if WhatsApp does not say."""
        if not await self._link.connected(_WAIT_FOR_LINK_SECONDS):
            return False
        try:
            info = await self._link.client.get_group_info(build_jid(group.user, group.server))
        except NeonizeError as error:
            log.warning("group_unknown", group=redact(str(group)), error=str(error))
            return False
        self._groups.names[group] = bounds.name(text_of(info.GroupName.Name))
        self._groups.admins[group] = frozenset(_admins_in(info))
        return True

    async def number_of(self, lid: Jid) -> Jid | None:
        """The number's JID, or None if it is unknown or cannot be asked for now."""
        known = self._numbers.get(lid)
        if known is not None or not await self._link.connected(_WAIT_FOR_LINK_SECONDS):
            return known
        try:
            found = await self._link.client.get_pn_from_lid(build_jid(lid.user, lid.server))
        except NeonizeError:
            return None
        number = jid_of(found)
        if number is not None:
            self._numbers[lid] = number
        return number


def _admins_in(group: proto.GroupInfo) -> Iterator[Jid]:
    """The admins by each of their addresses."""
    for member in group.Participants:
        if member.IsAdmin or member.IsSuperAdmin:
            yield from filter(None, map(jid_of, (member.JID, member.LID, member.PhoneNumber)))
