"""Warnings come first, once, in the customer's language, and unaltered."""

import itertools

import pytest

from izer_bridge.agents.safety_words import is_led, led, warning
from izer_bridge.analysis.local.language import answered_in
from izer_bridge.domain.danger import Danger
from izer_bridge.domain.sendable_text import LONGEST_TEXT, faults_of

LANGUAGES = ("tr", "en", "de", "ru", "ar")
HOURS = "Hafta içi 09.00–19.00 arası açığız."
RIDE = warning([Danger.RIDE], "tr").split("\n")[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "dangers",
    [some for size in (1, 2, 3) for some in itertools.combinations(Danger, size)],
    ids=" ".join,
)
def test_the_words_come_first_and_once(dangers: tuple[Danger, ...], language: str) -> None:
    said = led(HOURS, dangers, language)
    assert said.endswith(f"\n{HOURS}")
    assert led(said, dangers, language) == said
    assert led(said, dangers, "en" if language != "en" else "tr") == said, "told in one language"
    assert faults_of(said) == []
    assert is_led(said)


def test_what_is_not_dangerous_stays_as_it_is() -> None:
    assert led(HOURS, [], "tr") == HOURS
    assert not is_led(HOURS)
    assert not is_led("Lütfen binmeyin, geliyorum."), "a person's own words"


@pytest.mark.parametrize(
    ("language", "words"),
    [("tr", "sürmeyin"), ("en", "do not ride"), ("de", "fahren Sie nicht"), ("fr", "do not ride")]
    + [("ru", "не ездите"), ("ar", "لا تركبوا")],
)
@pytest.mark.parametrize("danger", [Danger.FIRE, Danger.INJURY, Danger.BATTERY, Danger.RIDE])
def test_nobody_rides_on(danger: Danger, language: str, words: str) -> None:
    assert words in warning([danger], language)


@pytest.mark.parametrize(
    ("language", "words"),
    [("tr", "şarj etmeyin"), ("en", "do not charge"), ("de", "laden"), ("ru", "не заряжайте")]
    + [("ar", "لا تشحنوا")],
)
@pytest.mark.parametrize("danger", [Danger.FIRE, Danger.BATTERY])
def test_nobody_charges(danger: Danger, language: str, words: str) -> None:
    assert words in warning([danger], language)


def test_the_gravest_comes_first() -> None:
    said = warning([Danger.RIDE, Danger.BATTERY, Danger.THEFT], "en")
    assert said.index("charge") < said.index("push it") < said.index("police")


@pytest.mark.parametrize(
    "reply",
    [
        "Lütfen bisiklete binmeyin, hemen bakalım.",
        "Merhaba Ayşe Hanım! Kesinlikle sürmeyin; yarın getirin.",
        "Please don't ride it. We open at nine.",
        "Stop riding it at once!",
        "Guten Tag. Bitte fahren Sie damit nicht.",
        "Не ездите на нём, пожалуйста.",
    ],
)
def test_an_agent_that_says_it_first_is_not_told_twice(reply: str) -> None:
    assert led(reply, [Danger.RIDE], "tr") == reply


@pytest.mark.parametrize(
    "reply",
    [
        HOURS,
        "Bisikleti sürmeye devam edebilirsiniz.",
        "Kullanmaya devam edin, sorun olmaz.",
        "Fren ayarı 250 TL. Yarın açığız. Bu arada binmeyin.",
        "Why don't you bring it in? You can ride it here.",
        "Die Bremse kostet 40 Euro.",
        "Mesajınızı aldık. Fren tutmuyorsa lütfen binmeyin.",
        "Falls die Bremse nicht hält, fahren Sie bitte nicht.",
        "Please do not ride if it rains.",
        "",
    ],
)
def test_what_says_it_late_or_not_at_all_is_told(reply: str) -> None:
    assert led(reply, [Danger.RIDE], "tr").startswith(RIDE)


def test_one_that_tells_of_one_danger_is_led_by_the_other() -> None:
    reply = "Lütfen binmeyin."
    said = led(reply, [Danger.BATTERY, Danger.RIDE], "tr")
    assert said.startswith("Lütfen bataryayı şarj etmeyin")
    assert said.endswith(reply)
    assert RIDE not in said


def test_a_long_reply_is_cut_and_not_its_warning() -> None:
    said = led("x" * LONGEST_TEXT, [Danger.RIDE], "tr")
    assert len(said) == LONGEST_TEXT
    assert said.startswith(RIDE)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ön fren tutmuyor", "tr"),
        ("on fren bosaldi", "tr"),
        ("ÖN FREN KOPTU!!", "tr"),
        ("fren iş görmüyor", "tr"),
        ("front brake failed", "en"),
        ("Is my bike ready?", "en"),
        ("Gabel gebrochen", "de"),
        ("тормоз не работает", "ru"),
        ("düştüm", "tr"),
        ("", "tr"),
    ],
)
def test_who_names_a_part_is_answered_in_its_language(text: str, language: str) -> None:
    assert answered_in(text) == language
