"""A long text is read at its ends and around words of danger."""

import pytest

from izer_bridge.analysis.local.analyser import analyse
from izer_bridge.analysis.local.excerpt import LONGEST, bounded
from izer_bridge.analysis.local.words import read
from tests.analysis.subjects import subject

POLITE = "Merhaba, umarım iyisinizdir, dükkanınızı ve bisikletlerinizi çok beğeniyoruz. "


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = bounded("baştan " + "uzun " * 20_000 + "sondan")
    assert text.startswith("baştan")
    assert text.endswith("sondan")
    assert len(text) <= LONGEST + 2
    assert bounded("kısa") == "kısa"


@pytest.mark.parametrize("text", ["a b " * 50_000, "🚲🔧" * 50_000, "1 " * 50_000, "?! " * 50_000])
def test_of_the_longest_text_few_words_are_read(text: str) -> None:
    assert len(read(bounded(text)).words) <= 200


def test_all_words_of_danger_leave_room_for_both_ends() -> None:
    text = bounded("baştan " + "kaza, yangın! Unfall; hospital alev " * 500 + "sondan")
    assert text.startswith("baştan")
    assert text.endswith("sondan")
    assert len(text) <= LONGEST + 10


@pytest.mark.parametrize("sentences", [14, 50, 400])
@pytest.mark.parametrize(
    "danger",
    [
        "Dün oğlum inişte düştü, freni tutmadı, hastanedeyiz. ",
        "ARKADAŞIM KAZA YAPTI KAFASI KANIYOR ",
        "Bataryasi sarjda alev aldi ev yaniyor. ",
        "Cevap gelmezse avukatım dava açacak. ",
        "My son crashed, he is bleeding and on the way to the hospital. ",
    ],
)
def test_danger_amid_many_polite_words_is_seen(danger: str, sentences: int) -> None:
    polite = POLITE * sentences
    assert analyse(subject(polite + polite)).urgency_score <= 5
    assert analyse(subject(polite + danger + polite)).urgency_score >= 8
