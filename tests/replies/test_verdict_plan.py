"""The result of a verdict on a draft, in the order of its conditions, without a store."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from izer_bridge.domain.outbox_state import ALLOWED, OutboxState
from izer_bridge.replies import owner_texts
from izer_bridge.replies.decide import ChatFacts
from izer_bridge.replies.owner_verdict import Decided, DecisionOutcome, OwnerDecision, OwnerVerdict
from izer_bridge.replies.verdict_plan import (
    DraftFacts,
    VerdictPlan,
    WordFacts,
    WordPlan,
    plan_verdict,
    plan_word,
)
from tests.store.messages import NOON

LATER = NOON + timedelta(hours=1)
OPEN = DraftFacts(OutboxState.DRAFT, None, LATER, is_pressing=False, chat=ChatFacts())
APPROVE = OwnerDecision(OwnerVerdict.APPROVE, "owner")
REFUSE = OwnerDecision(OwnerVerdict.REFUSE, "owner")
CORRECT = OwnerDecision(OwnerVerdict.CORRECT, "owner", "Yarın hazır.")
SUPERSEDED = ChatFacts(is_superseded=True)


@pytest.mark.parametrize("decision", [APPROVE, CORRECT])
@pytest.mark.parametrize(
    ("changes", "state", "why"),
    [
        ({}, OutboxState.APPROVED, None),
        ({"expires_at": None}, OutboxState.APPROVED, None),
        ({"expires_at": NOON}, OutboxState.LAPSED, "it waited too long"),
        # A draft that waited too long is reported so, whatever else has become of it.
        ({"expires_at": NOON, "chat": None}, OutboxState.LAPSED, "it waited too long"),
        ({"chat": None}, OutboxState.CANCELLED, "its message is gone"),
        ({"chat": ChatFacts(is_answered=True)}, OutboxState.CANCELLED, "a person has answered"),
        ({"chat": SUPERSEDED, "is_pressing": True}, OutboxState.APPROVED, None),
    ],
)
def test_what_may_still_be_sent_is_approved(
    decision: OwnerDecision, changes: dict[str, Any], state: OutboxState, why: str | None
) -> None:
    outcome = DecisionOutcome.DONE if why is None else DecisionOutcome.OTHERWISE
    plan = plan_verdict(replace(OPEN, **changes), decision, NOON)
    assert plan == VerdictPlan(Decided(outcome, state), why)
    assert state in ALLOWED[OutboxState.DRAFT]


@pytest.mark.parametrize("decision", [APPROVE, CORRECT])
def test_what_the_customer_has_written_since_keeps_a_draft_from_being_sent_and_open(
    decision: OwnerDecision,
) -> None:
    plan = plan_verdict(replace(OPEN, chat=SUPERSEDED), decision, NOON)
    over = Decided(DecisionOutcome.OTHERWISE, OutboxState.DRAFT)
    assert plan == VerdictPlan(over, "the customer has written again")


@pytest.mark.parametrize("chat", [None, SUPERSEDED, ChatFacts(is_paused=True)])
def test_a_draft_is_refused_whatever_has_become_of_it(chat: ChatFacts | None) -> None:
    plan = plan_verdict(replace(OPEN, chat=chat, expires_at=NOON), REFUSE, LATER)
    assert plan == VerdictPlan(Decided(DecisionOutcome.DONE, OutboxState.REFUSED))


@pytest.mark.parametrize("state", sorted(set(OutboxState) - {OutboxState.DRAFT}))
@pytest.mark.parametrize("decision", [APPROVE, CORRECT, REFUSE])
def test_what_is_not_open_any_more_stays_as_it_is(
    state: OutboxState, decision: OwnerDecision
) -> None:
    plan = plan_verdict(replace(OPEN, state=state, expires_at=NOON, chat=None), decision, LATER)
    assert (plan.decided.state, plan.error) == (state, None)
    assert plan.decided.outcome is not DecisionOutcome.DONE


YES = OwnerVerdict.APPROVE


@pytest.mark.parametrize(
    ("word", "plan"),
    [
        (WordFacts(YES, True, True, 5), WordPlan(5)),
        (WordFacts(None, True, True, 5), WordPlan(answer=owner_texts.ONLY_TEXT)),
        (WordFacts(None, True, True, None), WordPlan(answer=owner_texts.NOT_A_DRAFT)),
        # A quote of another message is not about the one open draft.
        (
            WordFacts(YES, True, open_drafts=[5], last_told_of=5),
            WordPlan(answer=owner_texts.UNKNOWN_QUOTE),
        ),
        (WordFacts(YES, False, open_drafts=[5], last_told_of=5), WordPlan(5)),
        (
            WordFacts(None, False, open_drafts=[5], last_told_of=5),
            WordPlan(answer=owner_texts.ONLY_TEXT),
        ),
        (
            WordFacts(YES, False, open_drafts=[5], last_told_of=None),
            WordPlan(answer=owner_texts.ASK_TO_QUOTE),
        ),
        (
            WordFacts(YES, False, open_drafts=[5], last_told_of=4),
            WordPlan(answer=owner_texts.ASK_TO_QUOTE),
        ),
        (
            WordFacts(YES, False, open_drafts=[5, 6], last_told_of=6),
            WordPlan(answer=owner_texts.ASK_TO_QUOTE),
        ),
        (WordFacts(YES, False, last_told_of=5), WordPlan(answer=owner_texts.NO_DRAFT_OPEN)),
        (WordFacts(YES, False), WordPlan(answer=owner_texts.NO_DRAFT_OPEN)),
    ],
)
def test_an_owners_word_is_about_one_draft_or_is_answered(word: WordFacts, plan: WordPlan) -> None:
    assert plan_word(word) == plan
