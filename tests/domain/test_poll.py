"""A vote shows the names of the options that its hashes stand for."""

import unicodedata
from hashlib import sha256

import pytest

from izer_bridge.domain.poll import chosen, hash_of

APPLES = unicodedata.normalize("NFD", "Akşam  üstü")
OPTIONS = {hash_of(sent): sent for sent in ("Cumartesi", "Pazar", "27,5 / 29 inç: hepsi")}
OPTIONS |= {hash_of(APPLES): "Akşam üstü"}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Pazar",), ["Pazar"]),
        (("27,5 / 29 inç: hepsi", "Cumartesi"), ["Cumartesi", "27,5 / 29 inç: hepsi"]),
        ((APPLES,), ["Akşam üstü"]),
        (("Akşam üstü",), []),
        (("Salı",), []),
        ((), []),
    ],
)
def test_options_are_found_by_what_was_sent_and_told_as_they_are_shown(
    names: tuple[str, ...], found: list[str]
) -> None:
    assert chosen(OPTIONS, {sha256(name.encode()).digest() for name in names}) == found
