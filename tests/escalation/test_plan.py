"""Plans for an escalation, as tables of cases."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.escalation import Due, EscalationState, Level, NoticeState, Target, Why
from izer_bridge.domain.outbox_state import OutboxState
from izer_bridge.escalation.plan import (
    AfterOutbox,
    Ending,
    ExpectedAnswer,
    OpenInChat,
    Rung,
    climb,
    expect,
    follow,
)
from izer_bridge.escalation.ports import NoticeUnderWay
from tests.store.messages import NOON

ALWAYS = BusinessHours(ZoneInfo("Europe/Istanbul"), {day: [(0, 1440)] for day in range(7)})
STEP = timedelta(minutes=15)
EARLIER, LATER = NOON - STEP, NOON + STEP


def is_open(
    row_id: int = 7,
    why: Why = Why.VIP,
    level: Level = Level.WAITING,
    next_at: datetime | None = NOON,
    *,
    is_answered: bool = False,
) -> OpenInChat:
    return OpenInChat(row_id, why, level, next_at, is_answered)


ANSWERED = is_open(3, is_answered=True)
ENDS_ANSWERED = Ending(3, EscalationState.ANSWERED, "answer")
ENDS_FOR_DANGER = Ending(7, EscalationState.CLOSED, "danger")


@pytest.mark.parametrize(
    ("due", "in_chat", "plan"),
    [
        (Due(NOON, Why.VIP), [], ExpectedAnswer(begins=True)),
        # An answered one does not count, and ends.
        (Due(NOON, Why.VIP), [ANSWERED], ExpectedAnswer((ENDS_ANSWERED,), begins=True)),
        # The chat waits already: until the earlier of both.
        (Due(LATER, Why.VIP), [is_open()], ExpectedAnswer()),
        (Due(NOON, Why.VIP), [is_open()], ExpectedAnswer()),
        (Due(EARLIER, Why.URGENT), [is_open()], ExpectedAnswer(brings_forward=7)),
        (
            Due(EARLIER, Why.URGENT),
            [ANSWERED, is_open()],
            ExpectedAnswer((ENDS_ANSWERED,), brings_forward=7),
        ),
        # Somebody was notified: the ladder continues at its own pace, or is at its end.
        (Due(EARLIER, Why.URGENT), [is_open(level=Level.OWNER)], ExpectedAnswer()),
        (Due(EARLIER, Why.URGENT), [is_open(next_at=None)], ExpectedAnswer()),
        # A notice about a waiting customer does not cover danger; a notice about danger does.
        (Due(NOON, Why.DANGER), [is_open()], ExpectedAnswer((ENDS_FOR_DANGER,), begins=True)),
        (Due(NOON, Why.DANGER), [is_open(why=Why.DANGER)], ExpectedAnswer()),
        (Due(EARLIER, Why.VIP), [is_open(why=Why.DANGER, level=Level.SECOND)], ExpectedAnswer()),
    ],
)
def test_what_a_message_does_to_the_escalations_of_its_chat(
    due: Due, in_chat: list[OpenInChat], plan: ExpectedAnswer
) -> None:
    assert expect(due, in_chat) == plan


ALL = frozenset(Target)


@pytest.mark.parametrize(
    ("level", "targets", "unusable", "rung"),
    [
        (Level.WAITING, ALL, None, Rung(Level.OWNER, Target.OWNER)),
        (Level.OWNER, ALL, None, Rung(Level.SECOND, Target.SECOND)),
        (Level.SECOND, ALL, None, Rung(Level.OUTSIDE, outside=(Target.WEBHOOK, Target.EMAIL))),
        (Level.OUTSIDE, ALL, None, Rung(None)),
        # A level without a target: the next one.
        (Level.WAITING, {Target.SECOND}, None, Rung(Level.SECOND, Target.SECOND)),
        (
            Level.OWNER,
            {Target.OWNER, Target.EMAIL},
            None,
            Rung(Level.OUTSIDE, outside=(Target.EMAIL,)),
        ),
        (Level.WAITING, (), None, Rung(None)),
        # A level that WhatsApp cannot deliver is passed over; levels outside it are not.
        (Level.WAITING, ALL, "no link", Rung(Level.OWNER, Target.OWNER, passed_over="no link")),
        (Level.SECOND, {Target.WEBHOOK}, "no link", Rung(Level.OUTSIDE, outside=(Target.WEBHOOK,))),
    ],
)
def test_whom_the_next_level_tells(
    level: Level, targets: frozenset[Target], unusable: str | None, rung: Rung
) -> None:
    assert climb(level, targets, unusable) == rung


LATE = timedelta(minutes=2)


@pytest.mark.parametrize(
    ("state", "age", "unusable", "then"),
    [
        (OutboxState.SENT, LATE, None, AfterOutbox(NoticeState.SENT, "", LATER)),
        # It was sent all the same.
        (OutboxState.SENT, LATE, "no link", AfterOutbox(NoticeState.SENT, "", LATER)),
        (OutboxState.APPROVED, LATE - timedelta(seconds=1), None, None),
        (
            OutboxState.APPROVED,
            LATE,
            None,
            AfterOutbox(
                NoticeState.SKIPPED, "WhatsApp has not taken it in time", NOON, is_withdrawn=True
            ),
        ),
        (
            OutboxState.APPROVED,
            timedelta(0),
            "no link",
            AfterOutbox(NoticeState.SKIPPED, "no link", NOON, is_withdrawn=True),
        ),
        # A notice handed to WhatsApp is waited for, however long.
        (OutboxState.SENDING, timedelta(days=1), "no link", None),
        (OutboxState.UNCERTAIN, LATE, None, AfterOutbox(NoticeState.UNCERTAIN, "why", NOON)),
        (OutboxState.CLOSED, LATE, None, AfterOutbox(NoticeState.UNCERTAIN, "why", NOON)),
        (OutboxState.FAILED, LATE, None, AfterOutbox(NoticeState.FAILED, "why", NOON)),
        (OutboxState.CANCELLED, LATE, None, AfterOutbox(NoticeState.FAILED, "why", NOON)),
    ],
)
def test_what_the_outbox_made_of_a_notice_says_when_the_next_level_is_due(
    state: OutboxState, age: timedelta, unusable: str | None, then: AfterOutbox | None
) -> None:
    notice = NoticeUnderWay(1, 7, Why.VIP, Target.OWNER, state, NOON - age, "why")
    assert follow(notice, unusable, ALWAYS, STEP, NOON) == then
