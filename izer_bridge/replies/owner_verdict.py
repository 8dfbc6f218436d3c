"""Reads a person's verdict on a draft from their message or reaction; pure."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from izer_bridge.domain.importance import folded
from izer_bridge.domain.message import Kind
from izer_bridge.domain.outbox_state import OutboxState

_YES, _NO = "👍", "👎"
# Skin tones, the mark for a coloured sign, the key around a digit, and direction marks.
_DECORATION = frozenset("🏻🏼🏽🏾🏿\ufe0f\u20e3\u200e\u200f")
# Characters around a "1." or "(0)" or in "Evet,gönder", but not those in the figure "1.0".
_SIGNS = r"[.,;:!=()\[\]«»\"'…]+"
_BETWEEN = re.compile(rf"(?<!\d){_SIGNS}|{_SIGNS}(?!\d)")
# A message of only these words is a verdict that nobody means as a text for a customer; folded.
_YESES = frozenset(
    {"1", _YES, "evet", "ok", "okay", "okey", "tamam", "tamamdir", "gönder", "gonder"}
    | {"onay", "onayla", "onayliyorum"}
)
_NOES = frozenset({"0", _NO, "hayir", "iptal", "gönderme", "gonderme", "red", "ret", "reddet"})
_SHORT = ([_YES], [_NO], ["1"], ["0"])
_ON_ITS_WAY = frozenset(
    {OutboxState.APPROVED, OutboxState.SENDING, OutboxState.SENT, OutboxState.UNCERTAIN}
)


class OwnerVerdict(StrEnum):
    """`correct`: send a different text than the proposed one."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CORRECT = "correct"


@dataclass(frozen=True, slots=True)
class OwnerDecision:
    """A verdict on a draft; `text` goes with `correct`. `by` names who decided, and how."""

    verdict: OwnerVerdict
    by: str
    text: str | None = field(default=None, repr=False)


def verdict_of(kind: Kind, text: str) -> OwnerVerdict | None:
    """The verdict in a quoting answer or a reaction; None if it decides nothing."""
    words = _words(text)
    if kind is Kind.REACTION:
        return {_YES: OwnerVerdict.APPROVE, _NO: OwnerVerdict.REFUSE}.get("".join(words))
    if kind is not Kind.TEXT or not text.strip():
        return None
    if words and _YESES.issuperset(words):
        return OwnerVerdict.APPROVE
    return OwnerVerdict.REFUSE if words and _NOES.issuperset(words) else OwnerVerdict.CORRECT


def is_short_answer(kind: Kind, text: str) -> bool:
    """Whether it may decide a draft that it does not quote: a "tamam" may be about anything."""
    return kind is Kind.TEXT and _words(text) in _SHORT


def _words(text: str) -> list[str]:
    plain = "".join(sign for sign in text if sign not in _DECORATION)
    return folded(_BETWEEN.sub(" ", plain)).split()


class DecisionOutcome(StrEnum):
    """`already`: the same was decided before. `otherwise`: something else was, or it is closed."""

    DONE = "done"
    ALREADY = "already"
    OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of a decision, the draft's state now, and why it ended before.

    `renewed_as` is the draft that replaces it; `is_pressing`: it warns of danger.
    """

    outcome: DecisionOutcome
    state: OutboxState
    why: str | None = None
    renewed_as: int | None = None
    is_pressing: bool = False


def earlier(
    decision: OwnerDecision, state: OutboxState, edited_text: str | None
) -> DecisionOutcome:
    """How a decision relates to a draft that is no longer open."""
    match decision.verdict:
        case OwnerVerdict.APPROVE:
            agrees = state in _ON_ITS_WAY and edited_text is None
        case OwnerVerdict.CORRECT:
            agrees = state in _ON_ITS_WAY and edited_text == decision.text
        case OwnerVerdict.REFUSE:
            agrees = state is OutboxState.REFUSED
    return DecisionOutcome.ALREADY if agrees else DecisionOutcome.OTHERWISE
