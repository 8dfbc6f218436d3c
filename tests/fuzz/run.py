"""Feeds inputs by their numbers and counts the results; a crash names its input."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.fuzz.served import Feed
from tests.fuzz.targets import TARGETS, Target


class CrashError(Exception):
    """An input that was neither accepted nor refused; `args` are target, seed, number and why."""

    def __init__(self, target: str, seed: int, number: int, why: str) -> None:
        super().__init__(target, seed, number, why)
        self.target, self.seed, self.number, self.why = target, seed, number, why

    def __str__(self) -> str:
        again = f"--target {self.target} --seed {self.seed} --first {self.number} --count 1"
        return f"{self.target}: {self.why}\nagain: python -m tests.fuzz {again}"


@dataclass
class Counts:
    taken: int = 0
    refused: int = 0

    @property
    def inputs(self) -> int:
        return self.taken + self.refused

    def add(self, other: "Counts") -> None:
        self.taken += other.taken
        self.refused += other.refused


def named(name: str) -> Target:
    return next(target for target in TARGETS if target.name == name)


def feed_all(target_name: str, seed: int, numbers: Iterable[int]) -> Counts:
    """In this process. Raises CrashError."""
    target, counts = named(target_name), Counts()
    for number in numbers:
        try:
            is_taken = target.feed(target.input(seed, number))
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:300]
            raise CrashError(target_name, seed, number, why) from error
        _count(counts, is_taken=is_taken)
    return counts


async def serve_all(target_name: str, seed: int, numbers: Iterable[int], feed: Feed) -> Counts:
    """Over HTTP and into a store. Raises CrashError."""
    target, counts = named(target_name), Counts()
    for number in numbers:
        try:
            is_taken = await feed(target.input(seed, number))
        except Exception as error:
            why = f"{type(error).__name__}: {error}"[:300]
            raise CrashError(target_name, seed, number, why) from error
        _count(counts, is_taken=is_taken)
    return counts


def _count(counts: Counts, *, is_taken: bool) -> None:
    if is_taken:
        counts.taken += 1
    else:
        counts.refused += 1
