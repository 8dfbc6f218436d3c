"""Finds keywords in a text, as they are or with the endings of a Turkish noun; pure.

It accepts no ending that forms a different word: "hata" is in "hatasından" and not in "hatalı".
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"\w+")
# Folded: plural, possessive, case, and suffixed particles (evdeki, evdir, evmi).
_AFTER_VOWEL, _D = r"(?<=[aeiou])", r"(?:(?<=[cfhkpst])t|(?<![cfhkpst])d)"
_ENDING = (
    r"(?P<ending>(?:l[ae]r)?"
    rf"(?:(?:[iu]|{_AFTER_VOWEL})[mn](?:[iu]z)?|(?:{_AFTER_VOWEL}s)?[iu])?"
    rf"(?:(?:{_AFTER_VOWEL}n)?[iu]n|(?:{_AFTER_VOWEL}[yn])?[aeiu]|n?{_D}[ae]n?"
    rf"|(?:{_AFTER_VOWEL}y)?l[ae])?"
    rf"(?:ki)?(?:{_D}[iu]r|m[iu])?)"
)
# Which vowel of an ending follows which, with ı, ö and ü folded to i, o and u.
_HARMONY = {"a": "ai", "e": "ei", "i": "iae", "o": "uae", "u": "uae"}
# A foreign word's written vowel often differs from the spoken one ("servera", "exceptionı").
_SHORT = 3
# Consonants that soften before a vowel, in words of two or more syllables: kitap, kitabı.
_SOFTENED = {"p": "b", "t": "d", "k": "g"}
_VOWEL = re.compile(r"[aeiou]")
# Words that only look like a keyword with an ending: bugün, buğu; Hatay'a.
_OTHERS = re.compile(r"bugu|hataya\b")


def keywords_in(text: str, keywords: Iterable[str]) -> list[str]:
    """Keywords in the text, in order; both are folded, and a keyword may be several words."""
    words = " ".join(_WORD.findall(text))
    return sorted(keyword for keyword in keywords if keyword and _is_in(words, keyword))


def _is_in(words: str, keyword: str) -> bool:
    return any(
        not found["ending"]
        or (_is_in_harmony(keyword, found["ending"]) and not _OTHERS.match(found.group()))
        for found in _pattern(keyword).finditer(words)
    )


@lru_cache(1024)
def _pattern(keyword: str) -> re.Pattern[str]:
    stem = re.escape(keyword)
    if keyword[-1] in _SOFTENED and len(_VOWEL.findall(keyword)) > 1:
        stem = f"(?:{stem}|{re.escape(keyword[:-1])}{_SOFTENED[keyword[-1]]}(?=[aeiu]))"
    return re.compile(rf"\b{stem}{_ENDING}\b")


def _is_in_harmony(keyword: str, ending: str) -> bool:
    vowels = _VOWEL.findall(ending)
    if len(keyword) <= _SHORT:
        vowels = _VOWEL.findall(keyword)[-1:] + vowels
    return all(second in _HARMONY[first] for first, second in pairwise(vowels))
