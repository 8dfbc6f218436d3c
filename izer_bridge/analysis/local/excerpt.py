"""Chooses what to read of a long text: its beginning, its end, and where it mentions danger.

It bounds the time that one message may take. It only finds where words of danger are; the lexicon
says what they mean there. It looks for words in Latin letters.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from izer_bridge.domain.folding import fold

# A request is in the first hundred words, and demands come last.
LONGEST = 700
# Nobody types more; searching this much takes the time that is saved by reading less of it.
_LONGEST_TYPED = 10_000
_LONGEST_OF_MORE = 400
# Half of what WhatsApp lets anybody send.
_LONGEST_SEARCHED = 32_768
# How much around a word of danger is read: its sentence, and its neighbours.
_BEFORE, _AFTER = 60, 90
_DANGER = (
    "alev ambulan ates bayil bicak bosald calind carpm carpt catlad dava duman dusm dust dusu ezil "
    "hastane hirsiz itfaiye kanad kanam kaniyo kaza kirik kirild koptu mahkeme avukat parcalan "
    "patlad polis sakatla savci tutmad yand yangin yaniyo yaral zehirlen "
    "accident bleed blood burn crash court explo fell fire hospital hurt injur lawyer smoke stolen "
    "anwalt blut brennt feuer gesturzt gestohlen krankenhaus rauch unfall verletz "
    "avocat bless feu fumee hopital incendie tombe vole"
)
# One byte per character, so that positions are unchanged; missing characters become a blank.
_PAGE = "cp1254"


def _blank_or_letter(code: int) -> int:
    folded = fold(bytes([code]).decode(_PAGE, "replace"))
    return ord(folded) if len(folded) == 1 and folded.isascii() and folded.isalpha() else ord(" ")


def _any_of(stems: str) -> str:
    """Sorted by first letters, because every blank of a text is looked at."""
    groups = groupby(sorted(stems.split()), itemgetter(0))
    return "|".join(f"{first}(?:{'|'.join(one[1:] for one in group)})" for first, group in groups)


_FOLDED = bytes(map(_blank_or_letter, range(256)))


def beginning_with(stems: str) -> re.Pattern[bytes]:
    """Finds words that begin so, folded, for `bounded`."""
    return re.compile(f" (?:{_any_of(stems)})".encode())


_BEGINS = beginning_with(_DANGER)


def bounded(text: str, length: int = LONGEST, begins: re.Pattern[bytes] = _BEGINS) -> str:
    """The text or, if it is long, its beginning, possible danger in the middle, and its end."""
    if len(text) <= length:
        return text
    longest = length if len(text) <= _LONGEST_TYPED else min(length, _LONGEST_OF_MORE)
    tail = longest // 3
    head = longest - tail
    danger = "\n".join(_dangers(text[head:-tail][:_LONGEST_SEARCHED], longest // 2, begins))
    # It replaces the text right before it and after it.
    head, tail = head - len(danger) * 2 // 3, tail - len(danger) // 3
    return f"{text[:head]}\n{danger}\n{text[-tail:]}"


def _dangers(text: str, room: int, begins: re.Pattern[bytes]) -> Iterator[str]:
    """The surroundings of different danger words, in order, up to `room` characters."""
    found: dict[bytes, int] = {}
    for match in begins.finditer(text.encode(_PAGE, "replace").translate(_FOLDED)):
        found.setdefault(match.group(), match.start())
    end = 0
    for place in found.values():
        begin, last = max(end, place - _BEFORE), place + _AFTER
        if last > end and last - begin <= room:
            room -= last - begin
            end = last
            yield text[begin:last]
