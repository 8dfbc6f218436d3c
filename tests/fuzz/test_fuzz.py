"""The short part of `make fuzz`, and proof that it would notice a crash."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fuzz.run import CrashError, feed_all, named, serve_all
from tests.fuzz.served import Feed, feeds
from tests.fuzz.targets import TARGETS
from tests.fuzz.town import run

SEED = 20261124
NAMES = [target.name for target in TARGETS]


@pytest.fixture
async def into(store_url: str) -> AsyncIterator[dict[str, Feed]]:
    async with feeds(store_url) as found:
        yield found


@pytest.mark.parametrize("name", NAMES)
def test_wrong_input_is_taken_or_refused(name: str) -> None:
    counts = feed_all(name, SEED, range(1_000))
    assert counts.taken > 0
    assert counts.refused > 0


async def test_so_it_is_over_http_and_in_a_store(into: dict[str, Feed]) -> None:
    for name in NAMES:
        counts = await serve_all(name, SEED, range(100), into[name])
        assert counts.inputs == 100


async def test_a_bridge_that_is_sent_anything_keeps_nobody_waiting(
    store_url: str, tmp_path: Path
) -> None:
    course = await run(tmp_path, store_url, SEED, range(100))
    assert (course.sent, course.customers) == (100, 5)
    assert (course.exits, course.stalls, course.server_errors) == (0, 0, 0)
    assert set(course.aside) <= {"DecodeError", "ValueError"}


def test_an_input_is_the_same_whenever_it_is_made() -> None:
    for target in TARGETS:
        assert target.input(SEED, 7) == target.input(SEED, 7) != target.input(SEED, 8)


def test_a_crash_says_how_to_see_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> bool:
        raise KeyError("choices")

    monkeypatch.setattr(type(named("openai")), "feed", property(lambda _: fail), raising=False)
    with pytest.raises(CrashError, match="--target openai --seed 20261124 --first 3 --count 1"):
        feed_all("openai", SEED, range(3, 9))
