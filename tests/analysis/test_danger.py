"""Danger is recognised in any words, and what only sounds like it is ignored."""

from itertools import pairwise

import pytest

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.analysis.local.danger import dangers_of, reports_of, told_in, told_together
from izer_bridge.domain.danger import Danger
from tests.analysis.danger_grid import LANGUAGES, Sentence, harmless, missed, sentences
from tests.analysis.learn_danger import said_in
from tests.analysis.subjects import chat, subject

HISTORIES = (
    (),
    ("fren ayarı kaç para", "> 400 TL, randevu ister misiniz?"),
    ("> Bisikletiniz hazır, iyi sürüşler", "çok teşekkürler 🙏"),
    ("Merhaba", "kaçta kapatıyorsunuz", "> 19:00'da"),
)


def lines(found: list[Sentence]) -> str:
    return "\n".join(f"{one.danger}: {one.text}" for one in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_seen_in_whatever_words(language: str) -> None:
    every = list(sentences(language))
    unseen = missed(every)
    assert len(every) > 1_500
    assert len(unseen) <= 0.03 * len(every), lines(unseen)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_only_sounds_like_danger_is_calm(language: str) -> None:
    every = list(harmless(language))
    alarms = missed(every)
    assert len(every) > 400
    assert len(alarms) <= 0.05 * len(every), lines(alarms)


@pytest.mark.parametrize("history", HISTORIES)
def test_danger_is_urgent_whatever_was_said_before(history: tuple[str, ...]) -> None:
    every = [one for language in LANGUAGES for one in sentences(language)][::97]
    calm = [one for one in every if analyse(subject(one.text, *chat(history))).urgency_score < 8]
    assert len(calm) <= 0.03 * len(every), lines(calm)


@pytest.mark.parametrize(
    ("text", "danger"),
    [
        ("kaza yaptım", Danger.INJURY),
        ("gidon kırıldı", Danger.RIDE),
        ("teker yerinden fırladı", Danger.RIDE),
        ("düştüm kolumu incittim", Danger.INJURY),
        ("acil frenim tutmuyor", Danger.RIDE),
        ("fren ayarı kaç para, ön fren hiç tutmuyor", Danger.RIDE),
        ("on fren tutmuyo", Danger.RIDE),
        ("frenim tutmuyor ne yapmalıyım", Danger.RIDE),
        ("maşada çatlak var sürebilir miyim", Danger.RIDE),
        ("frenim\ntutmuyor", Danger.RIDE),
        ("koptu fren teli", Danger.RIDE),
        ("kırık gidonla eve kadar geldim", Danger.RIDE),
        ("fren tutmamaya başladı", Danger.RIDE),
        ("zincir kopmak üzere, yokuştayım", Danger.RIDE),
        ("frenim tutmuyor, geçen hafta siz tamir ettiniz", Danger.RIDE),
        ("tamir ettiniz ama fren yine tutmuyor", Danger.RIDE),
        ("Geçen ay sizden aldığım bisikletin gidonu kırıldı", Danger.RIDE),
        ("kızım düştü, kolu kırıldı galiba", Danger.INJURY),
        ("parmağım zincire sıkıştı", Danger.INJURY),
        ("smoke is coming out of the battery", Danger.BATTERY),
        ("der Akku bläht sich auf", Danger.BATTERY),
        ("Feuer!", Danger.FIRE),
        ("imdat hırsız", Danger.THEFT),
        ("kilidi kırmışlar, bisiklet yok", Danger.THEFT),
    ],
)
def test_it_is_seen(text: str, danger: Danger) -> None:
    assert danger in dangers_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fren",
        "gidon kırıldı mı",
        "kadro çatlak mı bakar mısınız",
        "tel mi gevşek göbek mi",
        "fren tutmazsa ne yapmak lazım",
        "can a carbon frame break",
        "könnt ihr prüfen ob der Rahmen einen Riss hat",
        "fren tutmuyordu, tamir ettiniz, teşekkürler",
        "fren koptu, değiştirdiniz, sağ olun",
        "kaza yaptım ama bir şeyim yok",
        "geçen sene düştüm, yeni kask bakıyorum",
        "I crashed last year and need a new helmet",
        "çalınan bisikletim bulundu",
        "kilidimi kendim kestim, yenisi lazım",
        "vites kolu elimde kırıldı",
        "gidon çantası yırtıldı",
        "kask masadan düştü",
        "ön teker hafif sallanıyor",
        "fiyatı görünce öldüm ambulans çağırın 😂",
        "oğlum bisiklete bayıldı",
        "broken English, sorry: which brake pads?",
        "frenler süper tutuyor",
        "çatlak yok, kırık değil",
        "kırıldıysa değiştiririz",
    ],
)
def test_it_is_left_alone(text: str) -> None:
    assert dangers_of(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "zinciri atıyo sürekli",
        "zincir atıp duruyor abi",
        "çocuğun zinciri gene düştü",
        "beim Rückwärtstreten springt die Kette ab",
        "Jant böyle oldu",
        "scooter gitmiyor",
        "Kapağı kapanmıyor ki kullanalım.",
        "Kargo nerede kaldı usta",
        "I'll swing by tonight, put them aside",
    ],
)
def test_what_is_broken_and_holds_no_rider_is_no_danger(text: str) -> None:
    assert dangers_of(text) == ()


def test_the_gravest_comes_first_and_each_is_told_in_its_words() -> None:
    found = reports_of("ön frenim boşaldı, düştüm, kolum kırıldı, bisiklet yanıyor!")
    assert [report.danger for report in found] == [Danger.FIRE, Danger.INJURY, Danger.RIDE]
    assert [report.words for report in found] == [
        "bisiklet … yanıyor",
        "düştüm",
        "frenim … boşaldı",
    ]


def test_it_is_found_amid_a_long_message() -> None:
    around = "Sizden aldığımız bisikletle çok güzel turlar attık, hava güneşliydi. " * 30
    assert dangers_of(f"{around}Dün inişte ön frenim birden boşaldı. {around}") == (Danger.RIDE,)


def test_two_texts_together_report_what_they_would_as_one() -> None:
    """Though few are read as one: a text in two pieces, and others that follow each other."""
    texts = [one.text for one in said_in("danger-heldout")[:300]]
    halves = [
        (" ".join(words[:place]), " ".join(words[place:]))
        for words in map(str.split, texts)
        for place in (1, len(words) // 2, len(words) - 1)
    ]
    told = 0
    for before, text in (*halves, *pairwise(texts)):
        together = told_in(f"{before}\n{text}")
        told += bool(together)
        assert told_together(before, text) == together
    assert told > 50
