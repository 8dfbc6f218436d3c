import pytest

from izer_bridge.analysis.danger import dangers_of
from tests.analysis.danger_grid import LANGUAGES, Sentence, harmless, sentences


def missed(language: str) -> tuple[list[Sentence], int]:
    every = list(sentences(language))
    return [one for one in every if one.danger not in dangers_of(one.text)], len(every)


@pytest.mark.parametrize("language", LANGUAGES)
def test_danger_is_seen_in_whatever_words(language: str) -> None:
    misses, every = missed(language)
    assert every > 1_500
    assert len(misses) <= 0.03 * every, "\n".join(one.text for one in misses)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_only_sounds_like_danger_is_calm(language: str) -> None:
    every = list(harmless(language))
    alarms = [one.text for one in every if dangers_of(one.text)]
    assert len(alarms) <= 0.05 * len(every), "\n".join(alarms)
