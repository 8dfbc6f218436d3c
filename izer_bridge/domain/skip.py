"""Whether a message is analysed, and by which rule it is important."""

from izer_bridge.domain.message import NEEDS_A_PERSON, Kind, Message, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.plain_text import is_blank

_PROTOCOL_KINDS = frozenset({Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL})


def skip_reason(
    message: Message, *, is_critical_group: bool, analyse_groups: bool
) -> SkipReason | None:
    """Why `message` is not analysed, or None when it is. The first reason that holds is kept."""
    checks = (
        (message.chat.is_status, SkipReason.STATUS),
        (message.chat.is_newsletter, SkipReason.NEWSLETTER),
        (message.from_me, SkipReason.OWN),
        (message.kind is Kind.REACTION, SkipReason.REACTION),
        (message.kind in _PROTOCOL_KINDS, SkipReason.PROTOCOL),
        (message.origin is Origin.HISTORY, SkipReason.HISTORY),
        (_is_empty(message), SkipReason.EMPTY),
        (
            message.chat.is_group and not (is_critical_group or analyse_groups),
            SkipReason.GROUP,
        ),
    )
    return next((reason for holds, reason in checks if holds), None)


def _is_empty(message: Message) -> bool:
    """As a person would see it; what only the phone shows is not empty there."""
    says_nothing = message.media is None and is_blank(message.text)
    return says_nothing and message.kind not in NEEDS_A_PERSON
