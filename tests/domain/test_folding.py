import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.domain.folding import fold, visible


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("İZMİR", "izmir"),
        ("IŞIK", "isik"),
        ("ışık", "isik"),
        ("Çalışmıyor", "calismiyor"),
        ("ÇALIŞMIYOR", "calismiyor"),
        ("calismiyor", "calismiyor"),
        ("lütfeeeen", "lutfen"),
        ("saat", "saat"),
        ("10.000", "10.000"),
        ("Größe", "grosse"),
        ("Déçu", "decu"),
        ("ёлка", "елка"),
        ("مُشْكِلَة", "مشكله"),
        ("إعادة", "اعاده"),
        ("ﬁren", "firen"),
    ],
)
def test_one_spelling_for_every_way_to_type(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_composed_and_decomposed_letters_are_the_same() -> None:
    text = "göbeği çıkış şüphe"
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)


def test_letters_of_another_alphabet_do_not_hide_a_word() -> None:
    assert fold("kаzаndınız") == fold("kazandınız")
    assert fold("тормоз") == "тормоз"


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("re\u200bza\u200dlet", "rezalet"),
        ("\u202eters\u202c", "ters"),
        ("a\x00b\x1b", "a b"),
        ("bir\r\niki\t üç\u2028dört", "bir iki üç dört"),
        ("\ud800x", "x"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\ufefffren", "fren"),
    ],
)
def test_what_nobody_sees_is_gone(hidden: str, shown: str) -> None:
    assert visible(hidden) == shown


@given(st.text())
def test_visible_text_is_printable_and_stays(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in shown)


@given(st.text(alphabet="abcçdeğıiİIöşüÇĞÖŞÜ "))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
