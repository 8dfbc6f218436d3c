"""Small numbers by text, in a tenth of a dictionary's memory for many; it never grows."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain

_BITS = 64
_HALF = 1 << (_BITS - 1)
# This many bits for each text: most texts looked up are absent, and few share one.
_SLOTS_A_TEXT = 8
_BIT = tuple(1 << place for place in range(8))
# A hash's first bits narrow the search to a few: bisecting all would touch distant memory.
_FIRST_BITS = 16


class Packed:
    """The numbers by the texts' 64-bit hashes: hardly ever is one text taken for another.

    Each stored text has a position, by which it can be counted once.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        """Numbers of 32 bits, signed."""
        ordered = sorted((hash(text), number) for text, number in numbers.items())
        self._hashes = array("q", [one for one, _ in ordered])
        self.numbers = array("i", [number for _, number in ordered])
        self._begins = array("I", self._borders())
        self._most = 1 << (len(ordered) * _SLOTS_A_TEXT).bit_length()
        self._slots = bytearray((self._most >> 3) + 1)
        for one in self._hashes:
            self._slots[one % self._most >> 3] |= _BIT[one & 7]

    def places(self, texts: Iterable[str]) -> Iterator[int]:
        """Of the stored texts; `numbers` are by position."""
        slots, last, hashes, begins = self._slots, self._most - 1, self._hashes, self._begins
        likely = [one for one in map(hash, texts) if slots[(one & last) >> 3] & _BIT[one & 7]]
        for wanted in likely:
            first = (wanted + _HALF) >> (_BITS - _FIRST_BITS)
            end = begins[first + 1]
            place = bisect_left(hashes, wanted, begins[first], end)
            if place < end and hashes[place] == wanted:
                yield place

    def of(self, text: str) -> int:
        """Its number; 0 if it is absent."""
        return sum(self.numbers[place] for place in self.places((text,)))

    def _borders(self) -> Iterator[int]:
        """Where the hashes begin that share their first bits, and where the last of them end."""
        counts = array("I", [0]) * (1 << _FIRST_BITS)
        for one in self._hashes:
            counts[(one + _HALF) >> (_BITS - _FIRST_BITS)] += 1
        return accumulate(counts, initial=0)


class PackedRows:
    """Rows of as many numbers each, of 32 bits, by text."""

    def __init__(self, rows: Mapping[str, Sequence[int]]) -> None:
        self._order = Packed({text: number for number, text in enumerate(rows)})
        self._numbers = array("i", chain.from_iterable(rows.values()))
        self._width = len(self._numbers) // max(len(rows), 1)

    def of(self, texts: Iterable[str]) -> Iterator[Sequence[int]]:
        """Of the stored texts."""
        for place in self._order.places(texts):
            begin = self._order.numbers[place] * self._width
            yield self._numbers[begin : begin + self._width]
