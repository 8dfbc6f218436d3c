"""What starts, moves and stops a chat's waiting clock, case by case."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.conversations.clock import (
    Asked,
    ClockPhase,
    ClockRules,
    CountAgainError,
    JudgedMessage,
    ShopAnswer,
    WaitingClock,
    answered,
    asked,
    judged,
    said,
    stopped,
)
from izer_bridge.conversations.conversation import (
    ConversationDecision,
    ConversationStatus,
    Decider,
    TimeLeft,
    time_left,
)
from izer_bridge.domain.analysis import ResponseTime
from izer_bridge.domain.business_hours import BusinessHours

_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
_SHOP = BusinessHours(ZoneInfo("UTC"), {day: [(9 * 60, 19 * 60)] for day in range(6)})
_RULES = ClockRules(_SHOP)
_STOPS = ClockRules(_SHOP, automatic_stops=True)
_S = ConversationStatus
_Step = Callable[[WaitingClock], WaitingClock]


def at(minutes: float) -> datetime:
    return _NINE + timedelta(minutes=minutes)


def ask(minutes: float, now: float | None = None) -> _Step:
    one = Asked(at(minutes))
    return lambda clock: asked(clock, one, _RULES, at(minutes if now is None else now))


def reply(minutes: float, *, by_person: bool = True, rules: ClockRules = _RULES) -> _Step:
    return lambda clock: answered(clock, ShopAnswer(at(minutes), by_person), rules, at(1e5))


def judge(
    minutes: float,
    urgency: int = 5,
    target: ResponseTime = ResponseTime.FOUR_HOURS,
    *,
    needs_answer: bool = True,
    due: datetime | None = None,
    is_again: bool = False,
) -> _Step:
    one = JudgedMessage(int(minutes) + 1, at(minutes), urgency, needs_answer, target, due, is_again)
    return lambda clock: judged(clock, one, _RULES, at(1e5))


def calm(minutes: float) -> _Step:
    """Thanks, or a greeting."""
    return judge(minutes, 2, ResponseTime.ONE_DAY, needs_answer=False)


def after(*steps: _Step, start: WaitingClock | None = None) -> WaitingClock:
    clock = start or WaitingClock()
    for step in steps:
        clock = step(clock)
    return clock


def done(clock: WaitingClock) -> WaitingClock:
    return replace(stopped(clock, at(0)), phase=ClockPhase.DONE, dealt_at=clock.asked_at)


def snoozed(minutes: float) -> _Step:
    return lambda clock: replace(clock, snoozed_until=at(minutes))


_automatic = reply(1, by_person=False)


@pytest.mark.parametrize(
    ("steps", "status", "since", "unanswered"),
    [
        ([ask(0)], _S.NEEDS_FIRST_ANSWER, 0, 1),
        ([ask(0), ask(5), ask(7)], _S.NEEDS_FIRST_ANSWER, 0, 3),
        # Offline messages come in any order.
        ([ask(5), ask(0)], _S.NEEDS_FIRST_ANSWER, 0, 2),
        ([ask(0), reply(3)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([ask(0), reply(3), ask(9)], _S.NEEDS_ANSWER, 9, 1),
        # An automatic answer is nobody's.
        ([ask(0), _automatic], _S.NEEDS_FIRST_ANSWER, 0, 1),
        ([ask(0), _automatic, ask(9)], _S.NEEDS_FIRST_ANSWER, 0, 2),
        # The settings may want it to be.
        (
            [ask(0), reply(1, by_person=False, rules=_STOPS)],
            _S.WAITING_FOR_CUSTOMER,
            None,
            0,
        ),
        ([ask(0), reply(1, by_person=False, rules=_STOPS), ask(9)], _S.NEEDS_FIRST_ANSWER, 9, 1),
        # In the same second: whatever was recorded later was said later.
        ([ask(0), reply(0)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([reply(0), ask(0)], _S.NEEDS_ANSWER, 0, 1),
        # The person who answered at 3 has seen what was written at 2.
        ([ask(0), reply(3), ask(2)], _S.WAITING_FOR_CUSTOMER, None, 0),
        # An old answer that comes late answers nothing.
        ([ask(5), reply(3)], _S.NEEDS_FIRST_ANSWER, 5, 1),
        ([ask(0), done], _S.DONE, None, 0),
        ([ask(0), done, ask(9)], _S.NEEDS_FIRST_ANSWER, 9, 1),
        ([ask(0), reply(3), done, ask(9)], _S.NEEDS_FIRST_ANSWER, 9, 1),
        # "Your bicycle is ready": the customer's next word opens it.
        ([ask(0), reply(3), done, reply(5)], _S.DONE, None, 0),
        # After a week of silence it is a new matter.
        ([ask(0), reply(3), ask(6 * 24 * 60)], _S.NEEDS_ANSWER, 6 * 24 * 60, 1),
        ([ask(0), reply(3), ask(8 * 24 * 60)], _S.NEEDS_FIRST_ANSWER, 8 * 24 * 60, 1),
        # Thanks under way with a person start no clock …
        ([ask(0), reply(3), ask(5), calm(5)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([ask(0), reply(3), done, ask(5), calm(5)], _S.WAITING_FOR_CUSTOMER, None, 0),
        (
            [ask(0), reply(3), ask(5), ask(6), calm(5), calm(6)],
            _S.WAITING_FOR_CUSTOMER,
            None,
            0,
        ),
        # … but beside a question they change nothing, and a greeting by a stranger waits.
        ([ask(0), reply(3), ask(5), ask(6), calm(5), judge(6)], _S.NEEDS_ANSWER, 5, 2),
        ([ask(0), reply(3), ask(5), ask(6), judge(5), calm(6)], _S.NEEDS_ANSWER, 5, 2),
        ([ask(0), calm(0)], _S.NEEDS_FIRST_ANSWER, 0, 1),
        # A late analysis of what was answered meanwhile.
        ([ask(0), reply(3), judge(0)], _S.WAITING_FOR_CUSTOMER, None, 0),
        ([ask(0), snoozed(1e6)], _S.SNOOZED, 0, 1),
        ([ask(0), snoozed(60)], _S.NEEDS_FIRST_ANSWER, 0, 1),
        ([ask(0), snoozed(1e6), ask(9)], _S.NEEDS_FIRST_ANSWER, 0, 2),
        # Whoever answers before it ends still wants to be reminded.
        ([ask(0), snoozed(1e6), reply(9)], _S.SNOOZED, None, 0),
        ([ask(0), snoozed(1e6), reply(9), ask(12)], _S.NEEDS_ANSWER, 12, 1),
    ],
)
def test_a_chats_clock(
    steps: list[_Step], status: ConversationStatus, since: float | None, unanswered: int
) -> None:
    clock = after(*steps)
    assert clock.status(at(1e5)) is status
    assert clock.waiting_since == (None if since is None else at(since))
    assert clock.unanswered == unanswered


@pytest.mark.parametrize(
    ("steps", "due", "urgent"),
    [
        # Not analysed yet: four hours.
        ([ask(0)], 4 * 60, None),
        ([ask(0), judge(0, 7, ResponseTime.ONE_HOUR)], 60, 1),
        ([ask(0), judge(0, 10, ResponseTime.IMMEDIATE)], 15, 1),
        # A day is one of the shop's, not 24 hours with its door open.
        ([ask(60), judge(60, 3, ResponseTime.ONE_DAY)], 60 + 24 * 60, 61),
        # Half an hour before closing on Saturday; the shop is closed on Sunday.
        (
            [ask(5 * 1440 + 570), judge(5 * 1440 + 570, 7, ResponseTime.ONE_HOUR)],
            7 * 1440 + 30,
            5 * 1440 + 571,
        ),
        # The earliest counts, and the most urgent is shown.
        ([ask(0), ask(5), judge(0, 3, ResponseTime.ONE_DAY), judge(5, 8, ResponseTime.ONE_HOUR)],
         65, 6),
        ([ask(0), ask(5), judge(0, 8, ResponseTime.ONE_HOUR), judge(5, 3, ResponseTime.ONE_DAY)],
         60, 1),
        # The escalation expects an answer earlier: danger is due at once.
        ([ask(0), judge(0, 10, ResponseTime.IMMEDIATE, due=at(0))], 0, 1),
        ([ask(0), judge(0, 5, due=at(9_999))], 4 * 60, 1),
        # What wants no answer is never late, and the next question is.
        ([ask(0), calm(0)], None, 1),
        (
            [ask(0), calm(0), ask(9), judge(9, 5)],
            9 + 4 * 60,
            10,
        ),
        ([ask(0), judge(0, 8, ResponseTime.ONE_HOUR), reply(9)], None, None),
        ([ask(0), snoozed(1e6), reply(9)], 1e6, None),
    ],
)  # fmt: skip
def test_when_it_is_due_and_what_is_most_urgent(
    steps: list[_Step], due: float | None, urgent: int | None
) -> None:
    clock = after(*steps)
    assert clock.due_at == (None if due is None else at(due))
    assert clock.urgent_id == urgent


@pytest.mark.parametrize(
    "steps",
    [
        # The answer covers the first of the two only.
        [ask(0), ask(9), reply(5)],
        [ask(0), judge(0), judge(0, is_again=True)],
    ],
)
def test_what_only_the_messages_can_tell(steps: list[_Step]) -> None:
    with pytest.raises(CountAgainError):
        after(*steps)


def test_a_clock_that_is_ahead_hides_nothing() -> None:
    clock = after(ask(600, now=0))
    assert clock.waiting_since == clock.asked_at == at(0)
    clock = answered(clock, ShopAnswer(at(900), by_person=True), _RULES, at(3))
    assert clock.answered_at == at(3)
    assert ask(5)(clock).waiting_since == at(5)


def test_it_is_yellow_for_the_last_quarter() -> None:
    clock = after(ask(0), judge(0, 7, ResponseTime.ONE_HOUR))
    assert clock.soon_at == at(45)
    left = [time_left(clock.soon_at, clock.due_at, at(one)) for one in (44, 45, 59, 60)]
    assert left == [TimeLeft.OK, TimeLeft.SOON, TimeLeft.SOON, TimeLeft.BREACHED]
    assert time_left(None, None, at(0)) is TimeLeft.NONE


def test_the_latest_message_counts() -> None:
    clock = said(said(WaitingClock(), at(9), at(20)), at(3), at(20))
    assert clock.last_at == at(9)
    assert said(clock, at(99), at(20)).last_at == at(20)


def test_its_version_is_what_a_person_must_have_seen() -> None:
    clock = after(ask(0))
    versions = [
        one.version
        for one in (
            clock,
            ask(5)(clock),
            replace(clock, decided=Decider(ConversationDecision.DONE, "Ayşe", at(9))),
        )
    ]
    assert len(set(versions)) == 3
    assert judge(0)(clock).version == clock.version


def test_a_vip_stays_one_while_they_wait() -> None:
    clock = asked(WaitingClock(), Asked(at(0), is_vip=True), _RULES, at(0))
    assert ask(5)(clock).is_vip
    assert not after(reply(6), ask(7), start=clock).is_vip
