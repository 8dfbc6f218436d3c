"""A text's words, without those that only look like shop topics. It ranks nothing.

An e-bike is one thing, `saat 14:00` a time of day and not a question about opening hours,
`açık mavi` a colour and `indirim kodu` not an error code.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from izer_bridge.analysis.local.words import Word, read

# Its readers remember what they found: this serves those that read the same text right after.
_REMEMBERED = 1 << 7
_E_BIKE = re.compile(r"\be[-‑\s]bike", re.IGNORECASE)
_COLOURS = (
    *("mavi", "yesil", "gri", "kahve", "pembe", "kirmizi", "mor", "sari", "turuncu", "bej", "ten"),
    *("renk", "hava", "artirma"),
)
_SEEKING = re.compile(r"sor(?:mus|du[mk]|[au]ca)|merak|ogren")
_CODE_OF = ("indirim", "kupon", "promosyon", "kampanya", "posta", "davet", "hediye", "takip")


@lru_cache(_REMEMBERED)
def meant_words(text: str) -> tuple[Word, ...]:
    """In their order."""
    words = read(_E_BIKE.sub("ebike", text)).words
    if not any(word.folded.startswith(("saat", "acik", "kod")) for word in words):
        return words
    return tuple(_meant(words))


def is_seeking(folded: str) -> bool:
    """Whether it says that somebody asks, and not what: sormuştum, öğrenmek istedim."""
    return bool(_SEEKING.match(folded))


def _meant(words: Sequence[Word]) -> Iterator[Word]:
    for place, word in enumerate(words):
        before = words[place - 1] if place else None
        after = words[place + 1] if place + 1 < len(words) else None
        if word.folded.startswith("saat") and _is_hour(word, before, after):
            continue
        if word.folded == "acik" and after is not None and after.folded.startswith(_COLOURS):
            continue
        if word.folded.startswith("kod") and before and before.folded.startswith(_CODE_OF):
            continue
        yield word


def _is_hour(word: Word, before: Word | None, after: Word | None) -> bool:
    """A time of day, or a duration."""
    is_clock = word.folded == "saat" and after is not None and after.is_number
    return is_clock or (before is not None and before.is_number)
