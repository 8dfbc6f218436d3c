"""When an answer is sent, shown to a person, or dropped; and what the outbox allows."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.domain.analysis import Category
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Origin
from izer_bridge.domain.outbox_state import ALLOWED, OPEN, OutboxState, may_move
from izer_bridge.domain.reply_mode import Mode
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.replies.decide import (
    Answered,
    ChatFacts,
    Proposal,
    QuietHours,
    ReplyPolicy,
    decide,
    to_wait_for,
    unanswerable,
)
from tests.store.messages import ACCOUNT, GROUP, NOON, NUMBER, message

SURE = Proposal("Hazır.", 0.9)
POLICY = ReplyPolicy(mode=Mode.SEND)
CALM = ChatFacts()
NIGHT = NOON + timedelta(hours=11)


def decided(
    proposal: Proposal = SURE,
    mode: Mode = Mode.SEND,
    facts: ChatFacts = CALM,
    policy: ReplyPolicy = POLICY,
    later: timedelta = timedelta(seconds=2),
    **fields: Any,
) -> Any:
    given = message(0, **fields)
    now = NOON + later
    return decide(proposal, mode, Answered(given, now), facts, policy, now)


def test_a_sure_answer_waits_for_its_burst_and_ends_with_its_age() -> None:
    found = decided()
    assert found.state is OutboxState.APPROVED
    assert found.not_before == NOON + timedelta(seconds=2) + POLICY.burst
    assert found.expires_at == NOON + POLICY.max_age


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"proposal": replace(SURE, needs_human=True)}, "asks for a person"),
        ({"proposal": replace(SURE, confidence=0.3)}, "not sure enough"),
        ({"proposal": replace(SURE, confidence=None)}, "how sure"),
        ({"later": timedelta(hours=1)}, "older than 30 minutes"),
        ({"facts": ChatFacts(sent_in_chat=6)}, "per_chat_per_hour"),
        ({"facts": ChatFacts(sent_in_all=60)}, "per_hour"),
        ({"facts": ChatFacts(breaker_until=NOON + timedelta(hours=9))}, "limited"),
        ({"mode": Mode.DRAFT}, "to be approved"),
    ],
)
def test_a_person_looks_at_the_rest(given: dict[str, Any], why: str) -> None:
    found = decided(**given)
    assert found.state is OutboxState.DRAFT
    assert why in found.reason
    assert found.expires_at == NOON + POLICY.draft_lasts


@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.SEND])
@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"facts": ChatFacts(is_answered=True)}, "a person has answered"),
        ({"facts": ChatFacts(is_paused=True)}, "paused"),
        ({"facts": ChatFacts(is_superseded=True)}, "written again"),
        ({"facts": ChatFacts(is_withdrawn=True)}, "edited or deleted"),
        ({"later": timedelta(days=1)}, "too old"),
        ({"chat": GROUP}, "groups"),
        ({"chat": Jid.parse(f"{ACCOUNT[1:]}@s.whatsapp.net")}, "own"),
    ],
)
def test_what_stands_against_an_answer_ends_it(mode: Mode, given: dict[str, Any], why: str) -> None:
    found = decided(mode=mode, **given)
    assert found.state is OutboxState.CANCELLED
    assert why in found.reason


@pytest.mark.parametrize(
    "fields",
    [
        {"chat": Jid.parse("status@broadcast")},
        {"chat": Jid.parse("1203630@newsletter")},
        {"chat": Jid.parse("867051314767696@bot")},
        {"chat": Jid.parse("13135550002@s.whatsapp.net")},
        {"chat": Jid.parse("1@hosted")},
        {"from_me": True},
        {"origin": Origin.HISTORY},
        {"origin": Origin.WEBHOOK},
    ],
)
def test_some_are_never_answered(fields: dict[str, Any]) -> None:
    assert unanswerable(message(1, **fields), replace(POLICY, allow_groups=True))


def test_groups_are_answered_where_that_is_allowed() -> None:
    assert unanswerable(message(1, chat=GROUP), replace(POLICY, allow_groups=True)) is None


def test_the_nearest_mode_counts() -> None:
    policy = ReplyPolicy(
        mode=Mode.SEND,
        categories={Category.COMPLAINT: Mode.DRAFT},
        agents={"general_purpose": Mode.DRAFT},
        chats={"+905551112233": Mode.OFF, "77@lid": Mode.SEND},
    )

    def mode(chat: Jid, number: str | None, agent: str, category: Category) -> Mode:
        return policy.mode_of(chat, number, agent, category)[0]

    other = Jid.parse("905559998877@s.whatsapp.net")
    assert mode(other, None, "agent_hub", Category.SALES) is Mode.SEND
    assert mode(other, None, "agent_hub", Category.COMPLAINT) is Mode.DRAFT
    assert mode(other, None, "general_purpose", Category.SALES) is Mode.DRAFT
    assert mode(NUMBER, None, "agent_hub", Category.SALES) is Mode.OFF
    lid = Jid.parse("77@lid")
    assert mode(lid, None, "general_purpose", Category.COMPLAINT) is Mode.SEND
    assert mode(lid, "+905551112233", "agent_hub", Category.SALES) is Mode.OFF


@pytest.mark.parametrize(
    ("hour", "ends"),
    [(23, (3, 2, 8)), (3, (3, 1, 8)), (8, None), (12, None), (22, (3, 2, 8))],
)
def test_quiet_hours_reach_over_midnight_in_the_shops_zone(
    hour: int, ends: tuple[int, int, int] | None
) -> None:
    zone = ZoneInfo("Europe/Istanbul")
    quiet = QuietHours(time(22), time(8), zone)
    moment = datetime(2026, 3, 1, hour, tzinfo=zone)
    expected = ends and datetime(2026, *ends, tzinfo=zone)
    assert quiet.end_after(moment.astimezone(UTC)) == expected


def test_the_same_time_twice_is_never_quiet() -> None:
    assert QuietHours(time(0), time(0)).end_after(NOON) is None


def test_only_what_is_pressing_knows_no_night_and_all_notices_know_a_cap() -> None:
    morning = NOON + timedelta(hours=20)
    for is_reply in (True, False):
        wait = to_wait_for(CALM, POLICY, NIGHT, is_reply=is_reply)
        assert wait is not None
        assert wait.until == morning
    busy = ChatFacts(sent_in_all=60)
    assert to_wait_for(CALM, POLICY, NIGHT, is_reply=False, is_pressing=True) is None
    assert to_wait_for(busy, POLICY, NIGHT, is_reply=False, is_pressing=True) is not None


def test_a_draft_of_the_night_is_there_in_the_morning() -> None:
    policy = replace(POLICY, draft_lasts=timedelta(minutes=30))
    found = decided(mode=Mode.DRAFT, policy=policy, sent_at=NIGHT, later=NIGHT - NOON)
    assert found.expires_at == NOON + timedelta(hours=20) + policy.max_age


@pytest.mark.parametrize(
    "text", ["5 < 7 ve 9 > 8", "<3 sizi seviyoruz", "İlk\nikinci\tüç 🚲", "a" * 4096]
)
def test_what_people_write_may_be_sent(text: str) -> None:
    assert sendable(text) == text


def test_only_what_is_open_can_be_sent_and_nothing_leaves_an_end() -> None:
    assert {old for old in OutboxState if may_move(old, OutboxState.SENDING)} == {
        OutboxState.APPROVED
    }
    assert not may_move(OutboxState.UNCERTAIN, OutboxState.APPROVED)
    assert ALLOWED.keys() == set(OutboxState)
    assert all(may_move(old, OutboxState.CANCELLED) for old in OPEN)


WARNING = replace(SURE, text="Sürmeyin.\nHazır.", warning="Sürmeyin.", dangers=(Danger.RIDE,))


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({}, "Sürmeyin.\nHazır."),
        ({"proposal": replace(WARNING, needs_human=True)}, "Sürmeyin."),
        ({"proposal": replace(WARNING, confidence=None)}, "Sürmeyin."),
        ({"later": timedelta(hours=1)}, "Sürmeyin."),
        ({"facts": ChatFacts(sent_in_chat=6)}, "Sürmeyin."),
        ({"facts": ChatFacts(is_superseded=True)}, "Sürmeyin.\nHazır."),
    ],
)
def test_a_warning_goes_at_once_without_what_must_wait(given: dict[str, Any], text: str) -> None:
    found = decided(**{"proposal": WARNING} | given)
    assert (found.state, found.text) == (OutboxState.APPROVED, text)
    assert found.not_before == NOON + given.get("later", timedelta(seconds=2))
    assert found.expires_at == NOON + POLICY.draft_lasts


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ({"mode": Mode.DRAFT}, OutboxState.DRAFT),
        ({"facts": ChatFacts(is_answered=True)}, OutboxState.CANCELLED),
        ({"facts": ChatFacts(is_paused=True)}, OutboxState.CANCELLED),
        ({"facts": ChatFacts(is_withdrawn=True)}, OutboxState.CANCELLED),
        ({"later": timedelta(days=1)}, OutboxState.CANCELLED),
        ({"chat": GROUP}, OutboxState.CANCELLED),
    ],
)
def test_a_warning_goes_no_way_that_a_person_has_closed(
    given: dict[str, Any], state: OutboxState
) -> None:
    assert decided(proposal=WARNING, **given).state is state


def test_what_is_pressing_waits_for_whatsapp_alone() -> None:
    full = ChatFacts(sent_in_chat=99, sent_in_all=99)
    assert to_wait_for(full, POLICY, NIGHT, is_reply=True, is_pressing=True) is None
    limited = ChatFacts(breaker_until=NIGHT + timedelta(hours=1))
    assert to_wait_for(limited, POLICY, NIGHT, is_reply=True, is_pressing=True) is not None
