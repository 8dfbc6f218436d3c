"""Names of groups and numbers behind LIDs, asked of WhatsApp once and remembered."""

import structlog
from neonize.exc import NeonizeError
from neonize.utils.jid import build_jid

from izer_bridge.edges.whatsapp.addresses import jid_of
from izer_bridge.edges.whatsapp.link import Link
from izer_bridge.model.identity import Jid, redact

log = structlog.get_logger(__name__)

# Longer than a usual reconnect; the messages that wait for a name are safe in the inbox.
_WAIT_FOR_LINK_SECONDS = 10.0


class Directory:
    """Answers from memory, else from WhatsApp, else with nothing."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._group_names: dict[Jid, str] = {}
        self._numbers: dict[Jid, Jid] = {}

    async def group_name(self, group: Jid) -> str:
        """The group's subject, or an empty text when it cannot be had now."""
        known = self._group_names.get(group)
        if known is not None:
            return known
        if not await self._link.connected(_WAIT_FOR_LINK_SECONDS):
            return ""
        try:
            info = await self._link.client.get_group_info(build_jid(group.user, group.server))
        except NeonizeError as error:
            log.warning("group_name_unknown", group=redact(str(group)), error=str(error))
            return ""
        name = self._group_names[group] = str(info.GroupName.Name)
        return name

    def rename_group(self, group: Jid, name: str) -> None:
        """Note a subject that WhatsApp announced."""
        self._group_names[group] = name

    async def number_of(self, lid: Jid) -> Jid | None:
        """The number's JID, or None when it is not known or cannot be asked now."""
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
