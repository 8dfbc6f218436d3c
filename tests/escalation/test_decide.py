"""Which messages must be answered by when, who is notified next, and what they read."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from izer_bridge.domain.analysis import Analysis, Priority
from izer_bridge.domain.business_hours import BusinessHours
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.escalation import Due, Level, Target, Why
from izer_bridge.domain.importance import Importance, Treatment
from izer_bridge.domain.message import Origin
from izer_bridge.domain.quoted_text import excerpt
from izer_bridge.domain.sendable_text import sendable
from izer_bridge.escalation.decide import Deadlines, joins, next_due, next_level
from izer_bridge.escalation.owner_texts import WaitingCustomer, as_event, subject, text
from tests.store.messages import ANALYSIS, NOON, message

ISTANBUL = ZoneInfo("Europe/Istanbul")
ALWAYS = BusinessHours(ISTANBUL, {day: [(0, 1440)] for day in range(7)})
DEADLINES = Deadlines(ALWAYS, important_minutes=30, urgent_minutes=10)
USUAL, NOT_RAISED = Treatment(), Treatment(is_raised=False)
SOON = Treatment(answer_within_minutes=5)
URGENT = replace(ANALYSIS, urgency_score=9)
CRITICAL = replace(ANALYSIS, urgency_score=8, priority_level=Priority.CRITICAL)


@pytest.mark.parametrize(
    ("importance", "analysis", "minutes", "why"),
    [
        (Importance(USUAL), ANALYSIS, 30, Why.VIP),
        (Importance(None, USUAL), ANALYSIS, 30, Why.GROUP),
        (Importance(SOON), ANALYSIS, 5, Why.VIP),
        (Importance(USUAL, SOON), ANALYSIS, 5, Why.GROUP),
        # A person's own time takes precedence over the usual one for urgency.
        (Importance(Treatment(answer_within_minutes=60)), URGENT, 60, Why.VIP),
        (Importance(USUAL), URGENT, 10, Why.VIP),
        (Importance(), URGENT, 10, Why.URGENT),
        (Importance(NOT_RAISED), URGENT, 10, Why.URGENT),
        (Importance(), CRITICAL, 10, Why.URGENT),
        (Importance(NOT_RAISED), CRITICAL, 10, Why.URGENT),
        # Raising alone makes a message critical.
        (Importance(USUAL), CRITICAL, 30, Why.VIP),
        (Importance(NOT_RAISED, USUAL), ANALYSIS, 30, Why.GROUP),
    ],
)
def test_a_message_is_due_as_its_importance_says(
    importance: Importance, analysis: Analysis, minutes: int, why: Why
) -> None:
    due = DEADLINES.of(message(0), importance, analysis, NOON)
    assert due is not None
    assert (due.at, due.why) == (NOON + timedelta(minutes=minutes), why)


@pytest.mark.parametrize(
    ("importance", "analysis", "origin"),
    [
        (Importance(), ANALYSIS, Origin.LIVE),
        (Importance(NOT_RAISED), ANALYSIS, Origin.LIVE),
        (Importance(replace(SOON, is_raised=False)), ANALYSIS, Origin.LIVE),
        (Importance(USUAL), replace(ANALYSIS, action_required=False), Origin.LIVE),
        (Importance(USUAL), URGENT, Origin.WEBHOOK),
    ],
)
def test_nobody_is_told_where_nothing_is_due(
    importance: Importance, analysis: Analysis, origin: Origin
) -> None:
    assert DEADLINES.of(message(0, origin=origin), importance, analysis, NOON) is None


def test_without_minutes_for_urgent_messages_only_the_important_are_due() -> None:
    deadlines = replace(DEADLINES, urgent_minutes=0)
    assert deadlines.of(message(0), Importance(), URGENT, NOON) is None
    due = deadlines.of(message(0), Importance(USUAL), URGENT, NOON)
    assert due is not None
    assert due.why is Why.VIP


@pytest.mark.parametrize("importance", [Importance(), Importance(NOT_RAISED), Importance(SOON)])
@pytest.mark.parametrize("origin", [Origin.LIVE, Origin.WEBHOOK])
def test_danger_is_due_at_once_whoever_says_it_and_whoever_is_there(
    importance: Importance, origin: Origin
) -> None:
    """Even at night, if the message otherwise needs no answer, or if nobody can be notified."""
    closed = BusinessHours(ISTANBUL, {0: [(600, 660)]})
    deadlines = Deadlines(closed, 30, 0, is_there_to_tell=False)
    analysis = replace(ANALYSIS, action_required=False, dangers=(Danger.RIDE,))
    due = deadlines.of(message(0, origin=origin), importance, analysis, NOON)
    assert due == Due(NOON, Why.DANGER)
    assert deadlines.of(message(0), Importance(SOON), URGENT, NOON) is None


def test_of_danger_the_next_one_is_told_at_any_hour() -> None:
    closed = BusinessHours(ISTANBUL, {0: [(600, 660)]})
    step = timedelta(minutes=15)
    assert next_due(Why.DANGER, closed, NOON, step) == NOON + step
    assert next_due(Why.VIP, closed, NOON, step) == closed.after(NOON, step) > NOON + step


def test_only_danger_joins_danger() -> None:
    assert joins(Why.VIP, Why.DANGER)
    assert joins(Why.URGENT, Why.VIP)
    assert joins(Why.DANGER, Why.DANGER)
    assert not joins(Why.DANGER, Why.VIP)


def test_the_owner_reads_what_the_danger_is() -> None:
    case = replace(CASE, why=Why.DANGER, dangers=(Danger.BATTERY, Danger.RIDE), more=0)
    assert text(case, case.since, ISTANBUL).splitlines()[:2] == [
        "🚨 TEHLİKE bildiren müşteri 1 dakikadır yanıt bekliyor: +905551112233 «Ayşe Yılmaz»",
        "Konu: batarya, sürüş güvenliği. Lütfen hemen arayın.",
    ]
    assert as_event(case, NOON)["dangers"] == ["battery", "ride"]


def test_a_clock_that_is_ahead_gives_no_more_time() -> None:
    ahead = message(0, sent_at=datetime(9999, 1, 1, tzinfo=UTC))
    due = DEADLINES.of(ahead, Importance(SOON), ANALYSIS, NOON)
    assert due is not None
    assert due.at == NOON + timedelta(minutes=5)


@given(st.frozensets(st.sampled_from(Target)))
def test_the_ladder_goes_up_tells_every_target_once_and_ends(targets: frozenset[Target]) -> None:
    reached, level = [], next_level(Level.WAITING, targets)
    while level is not None:
        reached.append(level)
        level = next_level(level, targets)
    assert reached == sorted(set(reached))
    whatsapp = [Level.OWNER] * (Target.OWNER in targets) + [Level.SECOND] * (
        Target.SECOND in targets
    )
    outside = [Level.OUTSIDE] * bool(targets & {Target.WEBHOOK, Target.EMAIL})
    assert reached == whatsapp + outside


CASE = WaitingCustomer(
    escalation_id=7,
    why=Why.VIP,
    chat_name="Ayşe Yılmaz",
    sender_name="Ayşe",
    number="+905551112233",
    is_lid_only=False,
    is_group=False,
    words="Frenim tutmuyor!",
    since=datetime(2026, 3, 1, 9, 5, tzinfo=UTC),
    more=2,
)


def test_the_owner_reads_who_waits_for_what_and_where_to_answer() -> None:
    assert text(CASE, NOON - timedelta(hours=2, minutes=10), ISTANBUL).splitlines() == [
        "⏰ VIP müşteri 45 dakikadır yanıt bekliyor: +905551112233 «Ayşe Yılmaz»",
        "İlk mesaj: 12:05",
        "«Frenim tutmuyor!»",
        "Sonra 2 mesaj daha geldi.",
        "Yanıtlamak için: https://wa.me/905551112233",
        "(Uyarı no: 7)",
    ]


def test_a_group_has_a_writer_and_no_link() -> None:
    case = replace(CASE, is_group=True, why=Why.GROUP, chat_name="İzer Management", more=0)
    assert text(case, NOON + timedelta(days=1), ISTANBUL).splitlines() == [
        "⏰ Kritik grup 26 saattir yanıt bekliyor: grup «İzer Management»",
        "Yazan: +905551112233 «Ayşe»",
        "İlk mesaj: 01.03. 12:05",
        "«Frenim tutmuyor!»",
        "Yanıtlamak için sohbeti açın.",
        "(Uyarı no: 7)",
    ]
    assert as_event(case, NOON)["link"] is None


def test_who_is_known_by_a_lid_only_is_told_of_without_a_link() -> None:
    case = replace(CASE, number=None, is_lid_only=True, words=" \n")
    lines = text(case, NOON, ISTANBUL).splitlines()
    assert lines[0].endswith("bekliyor: numarası gizli (yalnızca LID) «Ayşe Yılmaz»")
    assert "«(yazısız mesaj)»" in lines
    assert "wa.me" not in text(case, NOON, ISTANBUL)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "1 dakikadır"), (119, "119 dakikadır"), (120, "2 saattir"), (2_880, "2 gündür")],
)
def test_how_long_somebody_waits_is_said_in_turkish(minutes: int, said: str) -> None:
    case = replace(CASE, since=NOON - timedelta(minutes=minutes))
    assert f" {said} yanıt bekliyor: " in subject(case, NOON)


@example("A&amp;B <b>x</b>", "&#39;\ue000")
@given(st.text(), st.text())
def test_a_customers_words_and_name_stay_on_their_lines(words: str, name: str) -> None:
    case = replace(CASE, words=words, chat_name=name)
    assert len(text(case, NOON, ISTANBUL).split("\n")) == 6
    assert "\n" not in subject(case, NOON)
    assert sendable(text(case, NOON, ISTANBUL)) == text(case, NOON, ISTANBUL)


@given(st.text(), st.integers(1, 400))
def test_an_excerpt_is_short_and_on_one_line(words: str, longest: int) -> None:
    made = excerpt(words, longest)
    assert len(made) <= longest
    assert made.isprintable() or not made.isascii()
    assert made.splitlines() in ([], [made])


def test_an_excerpt_ends_at_a_word_and_keeps_emoji_whole() -> None:
    assert excerpt("bir iki üç dört", 11) == "bir iki üç…"
    assert excerpt("a" * 20, 5) == "aaaa…"
    assert excerpt("👨‍👩‍👧 \u202eters\u202c\x07\n<b>son") == "👨‍👩‍👧 ters ‹b›son"
