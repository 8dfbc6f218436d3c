"""What a person decides about a draft, read from what they wrote or reacted with; pure."""

from dataclasses import dataclass, field
from enum import StrEnum

from izer_bridge.model.message import Kind
from izer_bridge.model.outbox import OutboxState

_YES, _NO = "👍", "👎"
# Skin tones, the mark for a coloured sign, the key around a digit, and marks of direction.
_DECORATION = frozenset("🏻🏼🏽🏾🏿\ufe0f\u20e3\u200e\u200f")
# What stands around a "1." or "(0)" that nobody means as a text for a customer.
_AROUND = " \t\n.,;:!()[]«»\"'"
_ON_ITS_WAY = frozenset(
    {OutboxState.APPROVED, OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN}
)


class Verdict(StrEnum):
    """`correct`: send another text than the proposed one."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on a draft; `text` goes with `correct`. `by` names who decided, and how."""

    verdict: Verdict
    by: str
    text: str | None = field(default=None, repr=False)


def verdict_of(kind: Kind, text: str) -> Verdict | None:
    """What a quoted answer or a reaction says; None for what decides nothing."""
    plain = "".join(sign for sign in text if sign not in _DECORATION).strip(_AROUND)
    if kind is Kind.REACTION:
        return {_YES: Verdict.APPROVE, _NO: Verdict.REFUSE}.get(plain)
    if kind is not Kind.TEXT or not text.strip():
        return None
    short = {"1": Verdict.APPROVE, _YES: Verdict.APPROVE, "0": Verdict.REFUSE, _NO: Verdict.REFUSE}
    return short.get(plain, Verdict.CORRECT)


def is_short_answer(kind: Kind, text: str) -> bool:
    """Whether it may decide a draft that it does not quote."""
    return kind is Kind.TEXT and verdict_of(kind, text) in (Verdict.APPROVE, Verdict.REFUSE)


class Outcome(StrEnum):
    """`already`: the same was decided before. `otherwise`: something else was, or it is over."""

    DONE = "done"
    ALREADY = "already"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of a decision, and the state that the draft has now."""

    outcome: Outcome
    state: OutboxState


def earlier(decision: Decision, state: OutboxState, edited_text: str | None) -> Outcome:
    """How a decision agrees with a draft that is not open any more."""
    match decision.verdict:
        case Verdict.APPROVE:
            agrees = state in _ON_ITS_WAY and edited_text is None
        case Verdict.CORRECT:
            agrees = state in _ON_ITS_WAY and edited_text == decision.text
        case Verdict.REFUSE:
            agrees = state is OutboxState.REFUSED
    return Outcome.ALREADY if agrees else Outcome.OTHERWISE
