"""Polls and their votes: a vote names its options by their hashes alone; pure."""

import hashlib
from collections.abc import Collection, Iterator
from itertools import combinations

BETWEEN_OPTIONS = " / "
_MOST_PARTS = 40
_MOST_ENDS = 5


def chosen(poll: str, hashes: Collection[bytes]) -> list[str]:
    """The options of a poll, as its row tells it, whose SHA-256 is among `hashes`.

    The signs that end the question and part the options may stand within them, too: each run of
    parts is tried.
    """
    runs = dict.fromkeys(run for told in _options(poll) for run in _runs(told))
    return [run for run in runs if hashlib.sha256(run.encode()).digest() in hashes]


def _options(poll: str) -> Iterator[str]:
    """What stands after the question, wherever that may end."""
    for _ in range(_MOST_ENDS):
        _, end, poll = poll.partition(": ")
        if not end:
            return
        yield poll


def _runs(told: str) -> Iterator[str]:
    parts = told.split(BETWEEN_OPTIONS)[:_MOST_PARTS]
    for begin, end in combinations(range(len(parts) + 1), 2):
        yield BETWEEN_OPTIONS.join(parts[begin:end])
