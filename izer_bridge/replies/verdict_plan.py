"""Plans the result of a person's verdict on a draft, from the store's facts; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.replies import owner_texts
from izer_bridge.replies.decide import WRITTEN_AGAIN, ChatFacts, standing_against
from izer_bridge.replies.owner_verdict import (
    Decided,
    DecisionOutcome,
    OwnerDecision,
    OwnerVerdict,
    earlier,
)


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A draft at the time of a decision; `chat` is None if its message is gone."""

    state: OutboxState
    edited_text: str | None
    expires_at: datetime | None
    is_pressing: bool
    chat: ChatFacts | None


@dataclass(frozen=True, slots=True)
class VerdictPlan:
    """The answer to the decider; the draft moves to the state in it, if that differs.

    If the draft ends whatever was decided, `error` says why.
    """

    decided: Decided
    error: str | None = None


def plan_verdict(draft: DraftFacts, decision: OwnerDecision, now: datetime) -> VerdictPlan:
    """The first decision counts; a draft that may no longer be sent is ended instead."""
    if draft.state is not OutboxState.DRAFT:
        return VerdictPlan(Decided(earlier(decision, draft.state, draft.edited_text), draft.state))
    if decision.verdict is OwnerVerdict.REFUSE:
        return VerdictPlan(Decided(DecisionOutcome.DONE, OutboxState.REFUSED))
    if draft.expires_at is not None and draft.expires_at <= now:
        return _ended(OutboxState.LAPSED, "it waited too long")
    if draft.chat is None:
        return _ended(OutboxState.CANCELLED, "its message is gone")
    against = standing_against(draft.chat, is_pressing=draft.is_pressing)
    if against == WRITTEN_AGAIN:
        # It stays until the answer to later messages renews it, or needs no other.
        return VerdictPlan(Decided(DecisionOutcome.OTHERWISE, OutboxState.DRAFT), against)
    if against is not None:
        return _ended(OutboxState.CANCELLED, against)
    return VerdictPlan(Decided(DecisionOutcome.DONE, OutboxState.APPROVED))


def _ended(state: OutboxState, why: str) -> VerdictPlan:
    return VerdictPlan(Decided(DecisionOutcome.OTHERWISE, state), why)


@dataclass(frozen=True, slots=True)
class WordFacts:
    """An owner's message on WhatsApp, and the drafts that it may be about.

    `is_quoting`: it quotes a message; `is_about_notice`: that is one of the bridge's notices, which
    is about the draft `notice_of`. `last_told_of` is the draft that the shop's last message to the
    owner is about, if any.
    """

    verdict: OwnerVerdict | None
    is_quoting: bool
    is_about_notice: bool = False
    notice_of: int | None = None
    open_drafts: Sequence[int] = ()
    last_told_of: int | None = None


@dataclass(frozen=True, slots=True)
class WordPlan:
    """The draft to be decided, or else the sentence to answer the owner with."""

    draft_id: int | None = None
    answer: str | None = None


def plan_word(word: WordFacts) -> WordPlan:
    """Without a quote it is about the one open draft, if the owner's latest notice was about it."""
    if word.is_about_notice:
        draft_id = word.notice_of
        if draft_id is None:
            return WordPlan(answer=owner_texts.NOT_A_DRAFT)
    elif word.is_quoting:
        return WordPlan(answer=owner_texts.UNKNOWN_QUOTE)
    elif not word.open_drafts:
        return WordPlan(answer=owner_texts.NO_DRAFT_OPEN)
    elif [word.last_told_of] != list(word.open_drafts):
        return WordPlan(answer=owner_texts.ASK_TO_QUOTE)
    else:
        draft_id = word.last_told_of
    if word.verdict is None:
        return WordPlan(answer=owner_texts.ONLY_TEXT)
    return WordPlan(draft_id)
