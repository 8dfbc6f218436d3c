"""The learnt model of danger: its authors, its quality, and its role beside the rules."""

import json

import pytest

from izer_bridge.analysis.local.danger import dangers_of, reports_of
from izer_bridge.analysis.local.danger_learned import Learned, model_of, read, signs_of
from izer_bridge.domain.danger import Danger
from tests.analysis.learn_danger import TARGET, digest, in_letters, said_in, shares

_NOTHING = {"": (0, 0, 0, 0, 0)}


def model(signs: dict[str, int], told: int = 0) -> Learned:
    return model_of(
        {"begin": -100, "told": told, "least": 0, "signs": signs, "marks": {}, "kinds": _NOTHING}
    )


def test_the_file_is_what_the_messages_teach() -> None:
    """Else: `make learn`."""
    assert json.loads(TARGET.read_text("utf-8"))["of"] == digest()


def test_nobody_who_teaches_is_asked_how_well_it_was_learnt() -> None:
    held_out, taught = said_in("danger-heldout"), said_in("danger-train")
    assert {one.author for one in held_out}.isdisjoint(one.author for one in taught)
    assert {one.text for one in held_out}.isdisjoint(one.text for one in taught)


def test_danger_is_seen_in_words_of_authors_who_taught_nothing() -> None:
    for seen, alarms in shares(said_in("danger-heldout")).values():
        assert seen >= 97
        assert alarms <= 5


def test_points_of_a_text_add_up_whatever_its_length() -> None:
    known = model({"wfren": 300, "wtutm": 0})
    assert read("fren", (), is_told=False, model=known).points == pytest.approx(2.0)
    assert read("bugün hava güzel", (), is_told=False, model=known).points == pytest.approx(-1.0)
    assert read("", (), is_told=False, model=known).points == pytest.approx(-1.0)


def test_the_rules_word_counts() -> None:
    assert read("", (), is_told=True, model=model({}, told=250)).points == pytest.approx(1.5)


def test_it_names_the_words_that_told() -> None:
    [report] = reports_of("abi menteşe açıldı", model({"wmentes": 900, "wacildi": 400}))
    assert report.words == "menteşe … açıldı"


def test_a_sign_is_counted_once_at_its_first_place() -> None:
    signs = signs_of("fren FREN frën")
    assert signs["wfren"] == 0
    assert len(signs) == len(signs_of("fren FREN frën"))


def test_endless_texts_are_read_in_bounded_steps() -> None:
    assert len(signs_of("x" * 1_000_000)) < 5_000_000
    assert len(set(signs_of("fren tutmuyor " * 10_000).values())) <= 120


def test_it_knows_which_danger_it_is() -> None:
    assert dangers_of("katlanır bisikletin orta menteşesi açılıyo giderken") == (Danger.RIDE,)
    assert Danger.BATTERY in dangers_of("hissing noise from battery, help")


def test_danger_in_a_long_letter_is_seen_and_the_letter_alone_is_calm() -> None:
    for seen, alarms in in_letters().values():
        assert seen >= 80
        assert alarms <= 25
