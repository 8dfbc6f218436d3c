"""A vote is told by the names of the options that its hashes stand for."""

from hashlib import sha256

import pytest

from izer_bridge.model.poll import chosen

POLL = "Hangi gün: sabah mı?: Cumartesi / Pazar / 27,5 / 29 inç"


def hashed(*names: str) -> set[bytes]:
    return {sha256(name.encode()).digest() for name in names}


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("Pazar",), ["Pazar"]),
        (("29 inç", "Cumartesi"), ["Cumartesi", "29 inç"]),
        (("27,5 / 29 inç",), ["27,5 / 29 inç"]),
        (("Salı",), []),
        ((), []),
    ],
)
def test_options_are_found_by_their_hashes(names: tuple[str, ...], found: list[str]) -> None:
    poll = POLL.replace(": sabah mı?", "")
    assert sorted(chosen(poll, hashed(*names))) == sorted(found)


def test_a_question_may_have_the_sign_that_ends_it() -> None:
    assert chosen(POLL, hashed("Pazar")) == ["Pazar"]
    assert chosen(POLL, hashed("Cumartesi")) == ["Cumartesi"]


def test_a_poll_without_end_is_looked_through_as_far_as_any_goes() -> None:
    assert chosen("x: " + "a / " * 100_000, hashed("Pazar")) == []
