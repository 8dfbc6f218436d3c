"""The effect of danger on an analysis, whoever has made it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.analysis.local.floor import above_floor
from izer_bridge.domain.analysis import Analysis, Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.message import HistoryEntry
from tests.analysis.subjects import NOW, chat, entry, subject

CALM = Analysis(
    urgency_score=2,
    category=Category.GENERAL,
    sentiment=Sentiment.NEUTRAL,
    priority_level=Priority.LOW,
    action_required=False,
    recommended_response_time=ResponseTime.ONE_DAY,
    business_context="Genel bir soru.",
    suggested_next_action="Sırası gelince yanıtlayın.",
    language="tr",
)


@pytest.mark.parametrize(
    ("text", "dangers", "urgency", "priority"),
    [
        ("gidon kırıldı", (Danger.RIDE,), 8, Priority.HIGH),
        ("biri kilidimi kesiyor", (Danger.THEFT,), 8, Priority.HIGH),
        ("batarya şişti", (Danger.BATTERY,), 9, Priority.CRITICAL),
        ("kaza yaptım", (Danger.INJURY,), 9, Priority.CRITICAL),
        ("the battery is on fire", (Danger.FIRE,), 10, Priority.CRITICAL),
        ("frenler boşaldı düştüm", (Danger.INJURY, Danger.RIDE), 9, Priority.CRITICAL),
    ],
)
def test_danger_raises_whatever_was_judged(
    text: str, dangers: tuple[Danger, ...], urgency: int, priority: Priority
) -> None:
    found = above_floor(CALM, subject(text))
    assert (found.dangers, found.urgency_score, found.priority_level) == (
        dangers,
        urgency,
        priority,
    )
    assert found.sentiment is Sentiment.URGENT
    assert found.recommended_response_time is ResponseTime.IMMEDIATE
    assert found.action_required


def test_it_lowers_nothing_and_leaves_a_complaint_one() -> None:
    angry = replace(
        CALM,
        urgency_score=10,
        category=Category.COMPLAINT,
        sentiment=Sentiment.NEGATIVE,
        priority_level=Priority.CRITICAL,
    )
    found = above_floor(angry, subject("taktığınız fren tutmuyor, rezalet"))
    assert found.dangers == (Danger.RIDE,)
    assert (found.urgency_score, found.priority_level) == (10, Priority.CRITICAL)
    assert (found.category, found.sentiment) == (Category.COMPLAINT, Sentiment.NEGATIVE)


@pytest.mark.parametrize(
    ("text", "category"),
    [("ön fren tutmuyor", Category.TECHNICAL), ("düştüm kolumu incittim", Category.GENERAL)],
)
def test_only_a_part_is_technical(text: str, category: Category) -> None:
    assert above_floor(CALM, subject(text)).category is category


def test_it_says_what_it_is_and_what_was_judged_without_it() -> None:
    found = above_floor(CALM, subject("fren ayarı kaç para, ön fren hiç tutmuyor"))
    assert found.business_context.startswith("Sürüş güvenliği")
    assert found.business_context.endswith(CALM.business_context)
    assert found.suggested_next_action.startswith("Hemen arayın, bisiklete binmemesini")
    assert found.explanation == ("danger ride (fren … tutmuyor); without it general, urgency 2",)


def test_what_reports_no_danger_stays_as_it_was() -> None:
    assert above_floor(CALM, subject("fren balatası ne kadar")) is CALM


def test_a_thought_in_pieces_is_read_whole() -> None:
    soon = entry("ön frenim", hours_ago=1 / 60)
    assert above_floor(CALM, subject("hiç çalışmıyor", soon)).dangers == (Danger.RIDE,)
    assert above_floor(CALM, subject("hiç çalışmıyor", entry("ön frenim", 5))) is CALM
    assert above_floor(CALM, subject("hiç çalışmıyor", soon, is_group=True)) is CALM


def test_what_was_reported_before_is_not_reported_again() -> None:
    told = entry("ön frenim tutmuyor", hours_ago=1 / 60)
    assert above_floor(CALM, subject("mavi olan", told)) is CALM


@pytest.mark.parametrize(
    "text",
    [
        "Faturamı alamadım, lütfen yardım edin",
        "please help me, I did not receive my invoice",
        "Rechnung fehlt, bitte helfen Sie mir",
        "randevu almak istiyorum yardım edin",
    ],
)
def test_a_plea_alone_is_no_emergency(text: str) -> None:
    assert analyse(subject(text)).urgency_score <= 5


@pytest.mark.parametrize("text", ["mavi Trek", "28 jant", "arka lastik", "siyah olan"])
def test_pieces_of_one_thought_press_nobody(text: str) -> None:
    before = replace(chat(["bisikletimi getirdim dün"])[0], sent_at=NOW - timedelta(minutes=1))
    assert analyse(subject(text, before)).urgency_score <= 5


@pytest.mark.parametrize("before", ["Merhaba", "İyi akşamlar kolay gelsin"])
def test_a_question_right_after_a_greeting_is_no_second_call(before: str) -> None:
    def urgency(minutes: int) -> int:
        said = replace(chat([before])[0], sent_at=NOW - timedelta(minutes=minutes))
        return analyse(subject("Açık mısınız?", said)).urgency_score

    assert urgency(1) == analyse(subject("Açık mısınız?")).urgency_score
    assert urgency(1) < urgency(90)


def test_who_waits_is_still_heard() -> None:
    def asked(minutes: int) -> HistoryEntry:
        before = chat(["siparişim nerede kaldı"])[0]
        return replace(before, sent_at=NOW - timedelta(minutes=minutes))

    late = analyse(subject("alo", asked(90))).urgency_score
    assert late >= analyse(subject("alo", asked(1))).urgency_score
    assert late > analyse(subject("tamam", asked(90))).urgency_score
