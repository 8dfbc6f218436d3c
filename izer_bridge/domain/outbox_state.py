"""The states of what the bridge sends on WhatsApp, and the only ways between them."""

from enum import StrEnum


class OutboxKind(StrEnum):
    """`reply`: to a customer, about one message. `notice`: to the shop's own people.

    `hand`: written into a chat by a person of the shop. `program`: by another program.
    """

    REPLY = "reply"
    NOTICE = "notice"
    HAND = "hand"
    PROGRAM = "program"


class OutboxState(StrEnum):
    """`renewed`: a later draft replaces this one, and answers later questions too.

    `uncertain`: WhatsApp may have it or not; it is never resent automatically.

    `closed`: a person has dealt with an uncertain one.
    """

    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    CLOSED = "closed"
    RENEWED = "renewed"


_S = OutboxState
ALLOWED: dict[OutboxState, frozenset[OutboxState]] = {
    _S.DRAFT: frozenset({_S.APPROVED, _S.REFUSED, _S.LAPSED, _S.CANCELLED, _S.RENEWED}),
    # Failed: its file could not be given to WhatsApp.
    _S.APPROVED: frozenset({_S.SENDING, _S.LAPSED, _S.CANCELLED, _S.FAILED}),
    # Back to approved only by the process that claimed it, which knows that nothing left it.
    _S.SENDING: frozenset({_S.SENT, _S.UNCERTAIN, _S.FAILED, _S.APPROVED}),
    _S.UNCERTAIN: frozenset({_S.SENT, _S.CLOSED}),
    _S.SENT: frozenset(),
    _S.FAILED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.LAPSED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.CLOSED: frozenset(),
    _S.RENEWED: frozenset(),
}
# Not handed to WhatsApp yet, and may still be withdrawn.
OPEN = frozenset({_S.DRAFT, _S.APPROVED})
# Handed to WhatsApp, certainly or possibly: it counts against the caps.
HANDED_OVER = frozenset({_S.SENDING, _S.SENT, _S.UNCERTAIN, _S.CLOSED})
# Those that nobody will act on any longer, and those that somebody will, or may.
AT_REST = frozenset(state for state, ways in ALLOWED.items() if not ways)
AT_WORK = ALLOWED.keys() - AT_REST


def may_move(old: OutboxState, new: OutboxState) -> bool:
    """Whether the outbox allows a row in state `old` to become `new`."""
    return new in ALLOWED[old]


class ReceiptKind(StrEnum):
    """How far a message of ours has come on the recipient's side."""

    DELIVERED = "delivered"
    READ = "read"
