"""A due message is sent, waits or ends: a row for each deciding fact, without a store."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from izer_bridge.domain.outbox_state import ALLOWED, OutboxState
from izer_bridge.replies.decide import ChatFacts, QuietHours, ReplyPolicy
from izer_bridge.replies.sending_plan import (
    Due,
    DueNotice,
    DueReply,
    DueWritten,
    HeldBack,
    held_back,
)
from tests.store.messages import NOON

POLICY = ReplyPolicy(quiet=QuietHours(zone=UTC), per_chat_per_hour=2, notices_per_hour=3)
NIGHT = NOON.astimezone(UTC).replace(hour=23)
MORNING = NIGHT.replace(hour=8) + timedelta(days=1)
SOON = timedelta(minutes=1)
CALM, FULL = ChatFacts(), ChatFacts(sent_in_chat=2, sent_in_all=3)
LIMITED = ChatFacts(breaker_until=NIGHT + timedelta(minutes=5))
REPLY = DueReply(NIGHT + timedelta(hours=1), is_pressing=False, is_persons=False, chat=CALM)
NOTICE = DueNotice(NIGHT + timedelta(hours=1), is_pressing=False, facts=CALM)
PROGRAMS = DueWritten(NIGHT + timedelta(hours=1), is_persons=False, is_limited=False, chat=CALM)
PERSONS = replace(PROGRAMS, is_persons=True)
LAPSED, CANCELLED = OutboxState.LAPSED, OutboxState.CANCELLED


@pytest.mark.parametrize(
    ("due", "state", "why"),
    [
        (replace(REPLY, expires_at=NOON), LAPSED, "it waited too long"),
        (replace(NOTICE, expires_at=NOON), LAPSED, "it waited too long"),
        # That it waited too long is reported first, whatever else stands against it.
        (replace(REPLY, expires_at=NOON, chat=None), LAPSED, "it waited too long"),
        (replace(REPLY, chat=None), CANCELLED, "its message is gone"),
        (replace(REPLY, chat=ChatFacts(is_answered=True)), CANCELLED, "a person has answered"),
        (replace(REPLY, chat=ChatFacts(is_paused=True)), CANCELLED, "the chat is paused"),
        (
            replace(REPLY, chat=ChatFacts(is_superseded=True)),
            CANCELLED,
            "the customer has written again",
        ),
        # A reason to end takes precedence over a reason to wait.
        (
            replace(REPLY, chat=replace(LIMITED, is_answered=True)),
            CANCELLED,
            "a person has answered",
        ),
        (
            replace(NOTICE, draft=OutboxState.REFUSED, facts=LIMITED),
            CANCELLED,
            "its draft is no longer open",
        ),
        (replace(NOTICE, draft=OutboxState.LAPSED), CANCELLED, "its draft is no longer open"),
        (replace(NOTICE, is_answered=True), CANCELLED, "a person has answered"),
        (replace(PERSONS, expires_at=NOON), LAPSED, "it waited too long"),
        (
            replace(PERSONS, is_limited=True),
            CANCELLED,
            "WhatsApp has refused messages in this chat",
        ),
        (replace(PROGRAMS, chat=ChatFacts(is_paused=True)), CANCELLED, "the chat is paused"),
        (
            replace(NOTICE, is_answered=True, is_pressing=True),
            CANCELLED,
            "a person has answered",
        ),
    ],
)
def test_what_nobody_needs_any_more_ends(due: Due, state: OutboxState, why: str) -> None:
    assert held_back(due, POLICY, NOON) == HeldBack(state, why)
    assert state in ALLOWED[OutboxState.APPROVED]


@pytest.mark.parametrize(
    "due",
    [
        REPLY,
        replace(REPLY, expires_at=None),
        replace(REPLY, is_pressing=True, chat=ChatFacts(is_superseded=True)),
        replace(REPLY, is_pressing=True, chat=FULL),
        PROGRAMS,
        # A person's own answer, and what comes in between, are no reason not to send it.
        replace(PERSONS, chat=ChatFacts(is_paused=True, is_answered=True, is_superseded=True)),
        replace(PERSONS, chat=FULL),
        NOTICE,
        *[replace(NOTICE, draft=state) for state in (OutboxState.DRAFT, OutboxState.SENT)],
    ],
)
def test_the_rest_is_sent(due: Due) -> None:
    assert held_back(due, POLICY, NOON) is None


@pytest.mark.parametrize(
    ("due", "until", "why"),
    [
        (REPLY, MORNING, "quiet hours"),
        (NOTICE, MORNING, "quiet hours"),
        (PERSONS, None, ""),
        (replace(PERSONS, chat=LIMITED), LIMITED.breaker_until, "WhatsApp"),
        (replace(PROGRAMS, chat=LIMITED), LIMITED.breaker_until, "WhatsApp"),
        (replace(REPLY, is_pressing=True), None, ""),
        (replace(NOTICE, is_pressing=True), None, ""),
        # WhatsApp's limit applies to danger too, and is reported first.
        (replace(REPLY, is_pressing=True, chat=LIMITED), LIMITED.breaker_until, "WhatsApp"),
        (replace(NOTICE, is_pressing=True, facts=LIMITED), LIMITED.breaker_until, "WhatsApp"),
        (replace(REPLY, chat=LIMITED), LIMITED.breaker_until, "WhatsApp"),
        (replace(NOTICE, is_pressing=True, facts=FULL), NIGHT + SOON, "3 notices this hour"),
    ],
)
def test_the_night_and_whatsapp_are_waited_for(due: Due, until: datetime | None, why: str) -> None:
    found = held_back(due, POLICY, NIGHT)
    if until is None:
        assert found is None
    else:
        assert found is not None
        assert (found.state, found.not_before) == (OutboxState.APPROVED, until)
        assert found.expires_at == due.expires_at
        assert found.error.startswith(why)


def test_a_programs_message_outlasts_the_night() -> None:
    found = held_back(PROGRAMS, POLICY, NIGHT)
    assert found is not None
    assert (found.not_before, found.expires_at) == (MORNING, MORNING + POLICY.max_age)


@pytest.mark.parametrize("due", [replace(REPLY, chat=FULL), replace(PROGRAMS, chat=FULL)])
def test_a_cap_is_looked_at_again_in_a_minute(due: Due) -> None:
    found = held_back(due, POLICY, NOON)
    assert found is not None
    assert (found.not_before, found.expires_at) == (NOON + SOON, REPLY.expires_at)
    assert "per_chat_per_hour" in found.error


def test_a_persons_caps_are_those_that_no_hand_reaches() -> None:
    full = ChatFacts(sent_in_chat=POLICY.hand_per_chat_per_hour)
    found = held_back(replace(PERSONS, chat=full), POLICY, NIGHT)
    assert found is not None
    assert (found.state, found.not_before) == (OutboxState.APPROVED, NIGHT + SOON)


@pytest.mark.parametrize(
    ("changes", "expires_at"),
    [
        ({}, MORNING + POLICY.max_age),
        ({"expires_at": MORNING + 2 * POLICY.max_age}, MORNING + 2 * POLICY.max_age),
        ({"expires_at": None}, None),
        ({"is_persons": False}, REPLY.expires_at),
        # Only the night, which its approver could not shorten, gives it more time.
        ({"chat": LIMITED}, REPLY.expires_at),
    ],
)
def test_what_a_person_approves_at_night_outlasts_it(
    changes: dict[str, Any], expires_at: datetime | None
) -> None:
    due = replace(REPLY, **{"is_persons": True} | changes)
    found = held_back(due, POLICY, NIGHT)
    assert found is not None
    assert found.expires_at == expires_at
