"""Names and people are the same in every spelling that keyboards and connectors produce."""

import unicodedata
from dataclasses import replace

import pytest

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules, Treatment, folded, person_key

GROUP = Jid("120363041234567890", "g.us")


@pytest.mark.parametrize(
    ("listed", "subject"),
    [
        ("İzer Management", unicodedata.normalize("NFD", "İzer  Management ")),
        ("İzer Management", "i\u0307zer management"),
        ("izer management", "\u200eIZER\u00a0MANAGEMENT\u2069"),
        ("Müşteri Hattı", unicodedata.normalize("NFD", "MÜŞTERİ HATTI")),
        (unicodedata.normalize("NFD", "Şube Yöneticileri"), "şube  yöneticileri"),
        ("Cafe @ Moda", "CAFE @ MODA"),
    ],
)
def test_a_group_s_name_is_the_same_in_every_spelling_of_its_letters(
    listed: str, subject: str
) -> None:
    assert ImportanceRules.of([], [listed]).of_group(GROUP, subject, is_own=True) == Treatment()


@pytest.mark.parametrize("other", ["Izer Managemen", "İzer Management 2", "Üzer Management", ""])
def test_another_name_is_another_name(other: str) -> None:
    assert ImportanceRules.of([], ["İzer Management"]).of_group(GROUP, other, is_own=True) is None


@pytest.mark.attack("a stranger's group is raised for its name")
@pytest.mark.parametrize("subject", ["İzer Management", str(GROUP), f" {GROUP}\u200f"])
def test_a_group_of_somebody_else_is_what_its_jid_is_and_not_what_it_says(subject: str) -> None:
    rules = ImportanceRules.of([], ["İzer Management", str(GROUP)])
    other = Jid("120363049999999999", "g.us")
    assert rules.of_group(other, subject, is_own=False) is None
    assert rules.awaits_confirmation(other, subject)
    assert rules.of_group(GROUP, subject, is_own=False) == Treatment()
    assert not rules.awaits_confirmation(GROUP, subject)
    confirmed = replace(rules, confirmed=frozenset([str(other)]))
    assert confirmed.of_group(other, subject, is_own=False) == Treatment()


def test_letters_with_and_without_their_marks_stay_different() -> None:
    assert folded("Gül") != folded("Gul")


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("491701234567", "+491701234567"),
        ("905551112233@c.us", "+905551112233"),
        ("+184467440737095@lid", "184467440737095@lid"),
        ("184467440737095:3@lid", "184467440737095@lid"),
    ],
)
def test_a_person_is_known_as_whatsapp_and_connectors_write_them(typed: str, key: str) -> None:
    assert person_key(typed) == key
    assert ImportanceRules.of([typed], []).people.keys() == {key}
