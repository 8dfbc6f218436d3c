"""Events for other programs, and their subscriptions; pure values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from izer_bridge.domain.link_state import LinkState


class EventType(StrEnum):
    """Named as other WhatsApp gateways name them."""

    MESSAGE = "message"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_REVOKED = "message.revoked"
    MESSAGE_DEAD = "message.dead"
    ANALYSIS_COMPLETED = "analysis.completed"
    DRAFT_CREATED = "draft.created"
    REPLY_SENT = "reply.sent"
    SESSION_STATUS = "session.status"
    GAP_DETECTED = "gap.detected"
    ESCALATION_RAISED = "escalation.raised"


class SessionStatus(StrEnum):
    """The link's state for other programs; they know these five words from other gateways."""

    STARTING = "STARTING"
    SCAN_QR_CODE = "SCAN_QR_CODE"
    WORKING = "WORKING"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


# FAILED: only a person helps. A link that recovers by itself is on its way to WORKING.
SESSION_STATUS: dict[LinkState, SessionStatus] = {
    LinkState.STARTING: SessionStatus.STARTING,
    LinkState.SCAN_QR_CODE: SessionStatus.SCAN_QR_CODE,
    LinkState.SCAN_AGAIN: SessionStatus.SCAN_QR_CODE,
    LinkState.QR_EXPIRED: SessionStatus.SCAN_QR_CODE,
    LinkState.PAIRING: SessionStatus.STARTING,
    LinkState.CONNECTED: SessionStatus.WORKING,
    LinkState.DISCONNECTED: SessionStatus.STARTING,
    LinkState.UNREACHABLE: SessionStatus.STARTING,
    LinkState.LOGGED_OUT: SessionStatus.FAILED,
    LinkState.PHONE_GONE: SessionStatus.FAILED,
    LinkState.PHONE_AWAY: SessionStatus.WORKING,
    LinkState.WRONG_NUMBER: SessionStatus.SCAN_QR_CODE,
    LinkState.REPLACED: SessionStatus.FAILED,
    LinkState.BANNED: SessionStatus.FAILED,
    LinkState.OUTDATED: SessionStatus.FAILED,
    LinkState.PASSKEY: SessionStatus.FAILED,
    LinkState.REFUSED: SessionStatus.FAILED,
    LinkState.HELD: SessionStatus.FAILED,
    LinkState.STOPPED: SessionStatus.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """Which targets, by name, want which types; without `with_texts` no words leave the store."""

    targets: Mapping[str, frozenset[EventType]] = field(default_factory=dict)
    with_texts: bool = True

    def wanting(self, kind: EventType) -> list[str]:
        return [name for name, kinds in self.targets.items() if kind in kinds]


NOBODY = Subscriptions()
EVERY_TYPE = frozenset(EventType)


class DeliveryState(StrEnum):
    """The state of one event for one target. `dead` was given up; `dropped`, by the operator."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"
    DROPPED = "dropped"
