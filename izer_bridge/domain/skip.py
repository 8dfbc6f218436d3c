"""Whether a message is analysed, and by which rule it is important."""

from collections.abc import Iterator

from izer_bridge.domain.message import NEEDS_A_PERSON, Kind, Message, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.plain_text import is_blank

_PROTOCOL_KINDS = frozenset({Kind.EDIT, Kind.REVOKE, Kind.PROTOCOL})


def skip_reason(
    message: Message,
    *,
    is_critical_group: bool,
    analyse_groups: bool,
    is_decision: bool = False,
) -> SkipReason | None:
    """Why `message` is not analysed, or None if it is. The first matching reason is kept.

    `is_decision`: it is the owner's decision about a draft.
    """
    if is_decision:
        return SkipReason.DECISION
    is_worked_chat = is_critical_group or analyse_groups or not message.chat.is_group
    return next(_reasons(message, is_worked_chat=is_worked_chat), None)


def _reasons(message: Message, *, is_worked_chat: bool) -> Iterator[SkipReason]:
    if message.chat.is_status:
        yield SkipReason.STATUS
    if message.chat.is_newsletter:
        yield SkipReason.NEWSLETTER
    if message.is_notice:
        yield SkipReason.NOTICE
    if message.from_me:
        yield SkipReason.OWN
    if message.kind is Kind.REACTION:
        yield SkipReason.REACTION
    if message.kind in _PROTOCOL_KINDS:
        yield SkipReason.PROTOCOL
    if message.origin is Origin.HISTORY:
        yield SkipReason.HISTORY
    if _is_empty(message):
        yield SkipReason.EMPTY
    if not is_worked_chat:
        yield SkipReason.GROUP


def _is_empty(message: Message) -> bool:
    """As a person would see it; content that only the phone shows does not count as empty."""
    says_nothing = message.media is None and is_blank(message.text)
    return says_nothing and message.kind not in NEEDS_A_PERSON
