"""A person's decisions about a conversation, case by case."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from izer_bridge.conversations.clock import (
    Asked,
    ClockPhase,
    ClockRules,
    WaitingClock,
    asked,
    stopped,
)
from izer_bridge.conversations.conversation import ConversationDecision, ConversationStatus, Decider
from izer_bridge.conversations.decide import (
    Decision,
    decided,
    refuse_a_wrong_moment,
    who_was_first,
)

_NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_LATER, _TOMORROW = _NOW + timedelta(hours=1), _NOW + timedelta(days=1)
_D, _S = ConversationDecision, ConversationStatus

_WAITING = asked(WaitingClock(), Asked(_NOW), ClockRules(), _NOW)
_QUIET = stopped(_WAITING, _NOW)


def by(what: ConversationDecision, who: str = "Ayşe", **fields: object) -> Decision:
    until = _TOMORROW if what is _D.SNOOZED else None
    return Decision(what, who, **({"until": until} | fields))  # type: ignore[arg-type]


_DONE = decided(_WAITING, by(_D.DONE), _NOW)
_SNOOZED = decided(_WAITING, by(_D.SNOOZED), _NOW)
_REMINDER = decided(_QUIET, by(_D.SNOOZED), _NOW)


@pytest.mark.parametrize(
    ("before", "what", "then", "since"),
    [
        (_WAITING, _D.DONE, _S.DONE, None),
        (_QUIET, _D.DONE, _S.DONE, None),
        (_SNOOZED, _D.DONE, _S.DONE, None),
        (_REMINDER, _D.DONE, _S.DONE, None),
        # The messages tell how it goes on.
        (_DONE, _D.REOPENED, _S.WAITING_FOR_CUSTOMER, None),
        (_WAITING, _D.SNOOZED, _S.SNOOZED, _NOW),
        (_QUIET, _D.SNOOZED, _S.SNOOZED, None),
        (_DONE, _D.SNOOZED, _S.SNOOZED, None),
        (_SNOOZED, _D.WOKEN, _S.NEEDS_FIRST_ANSWER, _NOW),
        (_REMINDER, _D.WOKEN, _S.WAITING_FOR_CUSTOMER, None),
    ],
)
def test_what_a_decision_changes(
    before: WaitingClock,
    what: ConversationDecision,
    then: ConversationStatus,
    since: datetime | None,
) -> None:
    clock = decided(before, by(what, "Mehmet"), _LATER)
    assert (clock.status(_LATER), clock.waiting_since) == (then, since)
    assert clock.decided == Decider(what, "Mehmet", _LATER)


@pytest.mark.parametrize(
    ("before", "what"),
    [
        (_DONE, _D.DONE),
        (_WAITING, _D.REOPENED),
        (_SNOOZED, _D.SNOOZED),
        (_WAITING, _D.WOKEN),
        (_DONE, _D.WOKEN),
    ],
)
def test_who_comes_second_changes_nothing_and_learns_who_was_first(
    before: WaitingClock, what: ConversationDecision
) -> None:
    second = by(what, "Mehmet")
    assert decided(before, second, _LATER) is before
    assert who_was_first(before, second) == before.decided


def test_nobody_decides_about_what_they_have_not_seen() -> None:
    seen = _WAITING.version
    again = asked(_WAITING, Asked(_LATER), ClockRules(), _LATER)
    blind = by(_D.DONE, seen=seen)
    assert decided(again, blind, _LATER) is again
    assert who_was_first(again, blind) is None
    late = by(_D.SNOOZED, "Mehmet", seen=seen)
    assert decided(_DONE, late, _LATER) is _DONE
    assert who_was_first(_DONE, late) == Decider(_D.DONE, "Ayşe", _NOW)
    assert decided(again, by(_D.DONE, seen=again.version), _LATER).phase is ClockPhase.DONE


def test_what_was_said_before_it_is_dealt_with() -> None:
    late = asked(_DONE, Asked(_NOW - timedelta(minutes=9)), ClockRules(), _LATER)
    assert late.phase is ClockPhase.DONE
    assert asked(_DONE, Asked(_LATER), ClockRules(), _LATER).phase is ClockPhase.WAITING


def test_a_reminder_is_due_when_it_ends() -> None:
    assert _REMINDER.due_at == _TOMORROW
    assert _REMINDER.status(_TOMORROW) is _S.NEEDS_FIRST_ANSWER
    assert replace(_REMINDER, was_answered=True).status(_TOMORROW) is _S.NEEDS_ANSWER
    # The clock of whoever waits goes on meanwhile.
    assert _SNOOZED.due_at == _WAITING.due_at


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (_NOW, "past"),
        (_NOW - timedelta(seconds=1), "past"),
        (_NOW + timedelta(days=400), "a year ahead"),
        (datetime.max.replace(tzinfo=UTC), "a year ahead"),
        (None, "expected the moment"),
    ],
)
def test_a_wrong_moment_is_refused(until: datetime | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decided(_WAITING, by(_D.SNOOZED, until=until), _NOW)


def test_a_moment_within_a_year_is_right() -> None:
    refuse_a_wrong_moment(_NOW + timedelta(days=365), _NOW)
