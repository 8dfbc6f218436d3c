"""What newly recorded messages do to the replies of their chats, without a store."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from izer_bridge.domain.message import NEEDS_A_PERSON, NOT_SAID, Kind, Origin
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.replies.takeover_plan import (
    Asker,
    PauseReason,
    TakeoverPlan,
    arrivals,
    plan_takeover,
    prolongs,
)
from tests.store.messages import GROUP, NOON, NUMBER

PAUSE = timedelta(hours=1)
NOTHING = TakeoverPlan({}, frozenset())


def row(**fields: Any) -> dict[str, Any]:
    """As the recorder writes it: a customer's text, in its own chat."""
    return {
        "chat_id": 1,
        "chat_jid": str(NUMBER),
        "message_id": "A",
        "chat_time": NOON,
        "sender_id": 5,
        "kind": "text",
        "origin": "live",
        "from_me": False,
        "is_automatic": False,
        "skip_reason": None,
    } | fields


def shops(**fields: Any) -> dict[str, Any]:
    return row(from_me=True) | fields


def plan(*rows: Mapping[str, Any], own_ids: tuple[str, ...] = ()) -> TakeoverPlan:
    return plan_takeover(arrivals(rows), own_ids, PAUSE, NOON)


@pytest.mark.parametrize(
    ("said", "superseded"),
    [
        ([row()], {Asker(1, None)}),
        ([row(), row(message_id="B")], {Asker(1, None)}),
        ([row(), row(chat_id=2)], {Asker(1, None), Asker(2, None)}),
        # In a group each member withdraws only their own question.
        ([row(chat_jid=str(GROUP))], {Asker(1, 5)}),
        (
            [row(chat_jid=str(GROUP)), row(chat_jid=str(GROUP), sender_id=6)],
            {Asker(1, 5), Asker(1, 6)},
        ),
        ([row(skip_reason=str(SkipReason.EMPTY))], set()),
        ([row(skip_reason=str(SkipReason.DECISION))], {Asker(1, None)}),
        ([row(origin=str(Origin.HISTORY))], set()),
        *[([row(kind=str(kind))], set()) for kind in sorted(NEEDS_A_PERSON | set(NOT_SAID))],
    ],
)
def test_who_writes_again_replaces_what_was_to_be_answered(
    said: list[Mapping[str, Any]], superseded: set[Asker]
) -> None:
    assert plan(*said) == TakeoverPlan({}, frozenset(superseded))


@pytest.mark.parametrize(
    ("said", "answered"),
    [
        ([shops()], {1: NOON + PAUSE}),
        # A phone that was offline: its message counts, but the pause is over, or partly over.
        ([shops(chat_time=NOON - timedelta(minutes=59))], {1: NOON + timedelta(minutes=1)}),
        ([shops(chat_time=NOON - PAUSE)], {1: None}),
        # A clock that is ahead makes no pause longer.
        ([shops(chat_time=NOON + timedelta(days=1))], {1: NOON + PAUSE}),
        ([shops(), shops(message_id="B", chat_time=NOON - PAUSE)], {1: NOON + PAUSE}),
        (
            [shops(), shops(message_id="B", chat_id=2, chat_time=NOON - PAUSE)],
            {1: NOON + PAUSE, 2: None},
        ),
    ],
)
def test_a_persons_answer_cancels_and_pauses(
    said: list[Mapping[str, Any]], answered: dict[int, datetime | None]
) -> None:
    assert plan(*said) == TakeoverPlan(answered, frozenset())


@pytest.mark.parametrize(
    "said",
    [
        shops(is_automatic=True),
        shops(origin=str(Origin.SENT)),
        shops(origin=str(Origin.HISTORY)),
        *[shops(kind=str(kind)) for kind in sorted(NOT_SAID)],
    ],
)
def test_what_no_person_has_said_now_cancels_nothing(said: Mapping[str, Any]) -> None:
    assert plan(said) == NOTHING


def test_what_the_bridge_has_sent_itself_is_no_persons_answer() -> None:
    assert plan(shops(), own_ids=("A", "Z")) == NOTHING
    both = [shops(), shops(message_id="B", chat_time=NOON - PAUSE)]
    assert plan(*both, own_ids=("A",)) == TakeoverPlan({1: None}, frozenset())


def test_one_batch_may_hold_both_sides_of_a_chat() -> None:
    found = plan(row(), shops(message_id="B", kind=str(Kind.IMAGE)))
    assert found == TakeoverPlan({1: NOON + PAUSE}, frozenset({Asker(1, None)}))


LATER, LATEST = NOON + PAUSE, NOON + 2 * PAUSE


@pytest.mark.parametrize(
    ("until", "reason", "known_until", "replaces"),
    [
        (LATEST, PauseReason.HUMAN, LATER, True),
        (LATER, PauseReason.HUMAN, LATER, False),
        (LATER, PauseReason.HUMAN, LATEST, False),
        (LATER, PauseReason.LIMITED, LATEST, False),
        (None, PauseReason.HUMAN, LATEST, True),
        (LATEST, PauseReason.HUMAN, None, False),
        (None, PauseReason.HUMAN, None, False),
        (LATER, PauseReason.OPERATOR, LATEST, True),
        (LATER, PauseReason.OPERATOR, None, True),
        (None, PauseReason.OPERATOR, LATER, True),
    ],
)
def test_the_longer_pause_stays_but_the_operators_word_is_the_last(
    until: datetime | None, reason: PauseReason, known_until: datetime | None, replaces: bool
) -> None:
    assert prolongs(until, reason, known_until) is replaces
