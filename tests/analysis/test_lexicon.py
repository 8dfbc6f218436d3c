import re
import tomllib
from importlib.resources import files

import pytest

from izer_bridge.analysis.local.language import spoken_in
from izer_bridge.analysis.local.learned import learned
from izer_bridge.analysis.local.lexicon import THEMES, lexicon
from izer_bridge.analysis.local.words import read


def concepts(text: str) -> set[str]:
    words = read(text).words
    matches = lexicon().matches(words, spoken_in(words).all)
    return {hit.concept for hit in lexicon().find(words, matches)}


def test_every_name_that_combinations_use_exists() -> None:
    parts = {name for one in lexicon().together for group in one.of for name in group}
    instead = set(lexicon().negated.values()) - {"none"}
    assert parts | instead <= lexicon().concepts


def test_every_concept_is_of_use() -> None:
    """It is learnt from, is part of another, or changes how others are read."""
    words = lexicon()
    learnt = {name.rpartition(":")[2] for name in learned()}
    parts = {name for one in words.together for group in one.of for name in group}
    changing = words.masks | words.times | words.grammar | words.negated.keys()
    assert words.concepts - learnt - parts - changing - set(words.negated.values()) == set()


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("frenim", "brake"),
        ("lastiğim patladı", "part"),
        ("son 2 gündür", "waiting_long"),
        ("kartımdan dün gece çekilmiş", "payment_trouble"),
        ("Bremsen", "brake"),
        ("тормоза", "brake"),
        ("الفرامل", "brake"),
        ("şuraya bak https://x.example/a", "link"),
        ("Telefonunuz neden açılmıyor", "nobody_answers"),
        ("numaranız bir türlü açılmıyor", "nobody_answers"),
        ("telefonlar niye hep meşgul", "nobody_answers"),
        ("why don't you answer your phone", "nobody_answers"),
        ("bei euch geht keiner ans Telefon", "nobody_answers"),
        ("aynı tutarı dört kez çekmişsiniz", "payment_trouble"),
        ("kartımdan 5 defa tahsil edilmiş", "payment_trouble"),
        ("paketten zil çıkmadı", "defective_delivery"),
        ("kutuda kılavuz yoktu", "defective_delivery"),
        ("the charger was missing from the box", "defective_delivery"),
        ("Die Klingel war nicht im Paket", "defective_delivery"),
    ],
)
def test_stems_numbers_and_gaps(text: str, concept: str) -> None:
    assert concept in concepts(text)


def test_a_wider_phrase_hides_the_narrow_word() -> None:
    assert concepts("son fiyat nedir") >= {"bargain"}
    assert "price" not in concepts("son fiyat nedir")


def test_a_name_hides_its_words() -> None:
    assert "urgent" in concepts("acil lazım")
    assert "urgent" not in concepts("acil durum freni lazım")


@pytest.mark.parametrize("text", ["acil değil", "hiç acil değil", "it is not urgent"])
def test_denied_haste_is_no_hurry(text: str) -> None:
    assert "no_hurry" in concepts(text)
    assert "urgent" not in concepts(text)


@pytest.mark.parametrize("text", ["can you urgently call", "ne olur acil bakın"])
def test_a_request_denies_no_haste(text: str) -> None:
    assert "no_hurry" not in concepts(text)


def test_negation_stays_in_its_clause() -> None:
    assert "urgent" in concepts("sorun değil, acil")


def test_parts_make_a_whole_only_near_each_other() -> None:
    assert "brake_failure" in concepts("ön fren artık tutmuyor")
    far = "fren balatası aldım geçen hafta sizden çok iyi oldu, dükkan telefonu tutmuyor"
    assert "brake_failure" not in concepts(far)


def test_a_short_foreign_word_counts_only_in_its_language() -> None:
    assert "hours" not in concepts("zu yapan kim")
    assert "location" in concepts("Wo ist ihr Laden")


@pytest.mark.parametrize("theme", THEMES)
def test_no_pattern_relies_on_a_sign_that_is_not_read(theme: str) -> None:
    """A "thanks(!)" would match any thanks."""
    text = (files("izer_bridge.analysis.local") / "lexicon" / f"{theme}.toml").read_text("utf-8")
    for concept, table in tomllib.loads(text).items():
        listed = [text for text in table.values() if isinstance(text, str)]
        for pattern in {one.strip() for text in listed for one in text.split(",")}:
            signs = re.sub(r":[)dp]|\.\.", "", pattern)
            assert not re.search(r"[?!():;.]", signs), (concept, pattern)
