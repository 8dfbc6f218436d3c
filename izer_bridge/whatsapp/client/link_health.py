"""Whether notices can be sent over this link, for callers with other channels."""

from dataclasses import dataclass

from izer_bridge.domain.link_state import NEEDS_PERSON
from izer_bridge.whatsapp.client.link import Link


@dataclass(frozen=True, slots=True)
class LinkCondition:
    """See `escalation.ports.WhatsAppCondition`."""

    link: Link

    @property
    def account(self) -> str | None:
        return self.link.account

    @property
    def unusable(self) -> str | None:
        status = self.link.status
        if status.state in NEEDS_PERSON:
            return f"WhatsApp: {status.state}"
        return "no number is linked" if self.link.account is None else None
