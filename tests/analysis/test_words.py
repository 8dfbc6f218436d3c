import pytest

from izer_bridge.analysis.local.words import (
    asks,
    is_before,
    is_denied,
    is_if_not,
    is_possible,
    is_told,
    is_unable,
    is_you_did_not,
    read,
)
from izer_bridge.domain.folding import fold


def folded(text: str) -> list[str]:
    return [word.folded for word in read(text).words]


def test_words_numbers_signs_and_links() -> None:
    assert folded("Trek'in freni 28.990 TL 👍 https://x.example/a?b=1 e-bike :)") == [
        "trek", "in", "freni", "28.990", "tl", "👍", "http", "e", "bike", ":)",
    ]  # fmt: skip


def test_the_arabic_article_is_no_part_of_a_word() -> None:
    assert folded("الدراجة والفرامل") == ["دراجه", "فرامل"]


def test_words_typed_as_spoken_are_their_written_ones() -> None:
    assert [word.folded for word in read("nası bi lastik").words] == ["nasil", "bir", "lastik"]


def test_clauses_end_at_commas_and_sentences_at_stops() -> None:
    words = read("fren bozuk, zincir koptu. 3.500 TL\nolur").words
    assert [word.clause for word in words] == [0, 0, 1, 1, 2, 2, 3]
    assert [word.sentence for word in words] == [0, 0, 0, 0, 1, 1, 2]


def test_signs_are_counted() -> None:
    text = read("NEREDE BU KARGO??? HAYRET!!")
    assert (text.questions, text.exclamations, text.is_shouted) == (3, 2, True)
    assert not read("Kargom nerede? ABS").is_shouted


@pytest.mark.parametrize(
    "word",
    ["tutmuyor", "tutmuyo", "gelmedi", "açmaz", "dönmediniz", "gelmeyecek", "gidemiyorum"],
)
def test_verbs_that_deny(word: str) -> None:
    assert is_denied(fold(word))


@pytest.mark.parametrize("word", ["tamam", "zaman", "memnun", "tutuyor", "geldi", "lazım"])
def test_words_that_do_not_deny(word: str) -> None:
    assert not is_denied(fold(word))


@pytest.mark.parametrize("word", ["varmı", "alabilirmiyim", "atarmısınız", "değilmi", "gelirmi"])
def test_glued_question_particles(word: str) -> None:
    assert asks(fold(word))


@pytest.mark.parametrize("word", ["resmi", "kremi", "mimari", "samimi"])
def test_words_that_only_end_like_a_question(word: str) -> None:
    assert not asks(fold(word))


def test_what_we_cannot_do_and_what_must_be_done_before() -> None:
    assert is_unable(fold("satamıyoruz"))
    assert not is_unable(fold("satıyoruz"))
    assert is_before(fold("kapanmadan"))
    assert not is_before(fold("meydan"))


@pytest.mark.parametrize("word", ["kaldım", "düştü", "akıyor", "yanıyo", "kırılmış", "devrildik"])
def test_what_has_happened(word: str) -> None:
    assert is_told(fold(word))


@pytest.mark.parametrize("word", ["yedek", "acelesi", "kaza", "bisikletim", "sorun"])
def test_what_is_no_event(word: str) -> None:
    assert not is_told(fold(word))


@pytest.mark.parametrize("word", ["gondermediniz", "bakmiyosunuz", "aramamissiniz"])
def test_verbs_that_blame(word: str) -> None:
    assert is_you_did_not(word)


@pytest.mark.parametrize("word", ["bekletmediniz", "gonderdiniz", "bakiyorsunuz", "gondermedik"])
def test_verbs_that_do_not_blame(word: str) -> None:
    assert not is_you_did_not(word)


def test_what_one_tried_in_vain_and_what_can_be_done() -> None:
    assert not is_denied("ayarlayamadim")
    assert is_possible("alinabiliyor")
    assert not is_possible("bilmiyor")
    assert is_if_not("yapilmazsa")
    assert not is_if_not("yapilirsa")
