"""The features of a message and its chat."""

from izer_bridge.analysis.local.context import context_of
from izer_bridge.analysis.local.features import features_of
from izer_bridge.analysis.local.signals import signals_of
from tests.analysis.subjects import chat, subject


def of(text: str, *history: str) -> dict[str, float]:
    one = subject(text, *chat(history))
    signals = signals_of(one.text)
    return features_of(signals, context_of(one, signals))


def test_words_count_once_and_by_their_ends() -> None:
    features = of("Vitesim vites VİTESLERİ 28")
    assert [name for name in features if name.startswith("word:")] == ["word:vites"]
    endings = {name for name in features if name.startswith("ending:")}
    assert endings == {"ending:esim", "ending:ites", "ending:leri"}


def test_of_a_long_text_both_ends_are_read() -> None:
    features = of("baştan " + "uzun " * 70 + "sondan")
    assert features.keys() >= {"word:basta", "word:sonda"}


def test_a_signal_that_shows_twice_counts_more() -> None:
    once, twice = of("fren sesi"), of("fren sesi, frenler")
    assert twice["sign:brake"] > once["sign:brake"] == 1


def test_what_was_said_before_counts_less_the_older_it_is() -> None:
    features = of("evet", "frenim ses yapıyor", "> Yarın bakalım mı?")
    assert features["shop:word:bakal"] == 1
    assert features["customer:word:freni"] == 0.75
    assert features.keys() >= {"short", "has_chat", "short_in_chat"}
    assert "has_chat" not in of("evet")


def test_texts_share_what_is_remembered_of_their_words() -> None:
    """Of two thousand texts: a string of its own for each beginning and end is megabytes."""
    one, other = (
        signals_of("vitesim atlıyor").beginnings,
        signals_of("vitesimiz gıcırdıyor").beginnings,
    )
    assert [part for part in one if any(part is each for each in other)] == ["vites"]
