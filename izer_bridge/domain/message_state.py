"""The states of a message and the only ways between them."""

from enum import StrEnum


class State(StrEnum):
    RECORDED = "recorded"
    ANALYSED = "analysed"
    DISPATCHED = "dispatched"
    SKIPPED = "skipped"
    SETTLED = "settled"
    DEAD = "dead"
    UNCERTAIN = "uncertain"


ALLOWED: dict[State, frozenset[State]] = {
    State.RECORDED: frozenset({State.SKIPPED, State.ANALYSED, State.DEAD}),
    State.ANALYSED: frozenset({State.DISPATCHED, State.DEAD}),
    State.DISPATCHED: frozenset({State.SETTLED, State.UNCERTAIN, State.DEAD}),
    State.SKIPPED: frozenset(),
    State.SETTLED: frozenset(),
    State.UNCERTAIN: frozenset({State.SETTLED, State.DEAD}),
    State.DEAD: frozenset({State.RECORDED, State.SKIPPED}),
}

PENDING = frozenset({State.RECORDED, State.ANALYSED, State.DISPATCHED})


class SkipReason(StrEnum):
    """Why a message was stored but not analysed."""

    OWN = "own"
    STATUS = "status"
    NEWSLETTER = "newsletter"
    REACTION = "reaction"
    PROTOCOL = "protocol"
    EMPTY = "empty"
    GROUP = "group"
    HISTORY = "history"
    DROPPED = "dropped"
    DECISION = "decision"
    REFUSED = "refused"
    NOTICE = "notice"


# Between the bridge and the shop's own people: neither from a customer nor to one.
AMONG_US = frozenset({SkipReason.DECISION, SkipReason.NOTICE})


def may_move(old: State, new: State) -> bool:
    """Whether the ledger allows a row in state `old` to become `new`."""
    return new in ALLOWED[old]
