"""Makes text comparable: one spelling for every way to type a word. It does not judge meaning."""

import re
import unicodedata

# Format (Cf: zero-width, bidi), private and unassigned characters are invisible and hide words.
_INVISIBLE = {"Cc", "Cf", "Co", "Cn", "Cs"}
_UNUSUAL = re.compile(r"[^\t\n\r -~¡-¬®-ͷ]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
# Both Turkish i's become one, so that "ACİL", "acıl" and "acil" are the same word.
_LETTERS = str.maketrans(
    {"İ": "i", "I": "i", "ı": "i", "ß": "ss", "œ": "oe", "ø": "o", "’": "'", "‘": "'", "`": "'"}
    | {"ى": "ي", "ة": "ه", "ـ": "", "ڤ": "ف", "پ": "ب", "گ": "ك"}
)
# Look-alikes of Latin letters in other alphabets, for words that mix both to slip past a reader.
_DOUBLES = str.maketrans("авекмнорстухіјѕԁԛԝοαε", "abekmhopctyxijsdqwoae")
_MIXED = re.compile(r"[a-z]*[а-яіјѕԁԛԝοαε]+[a-z][a-zа-яіјѕԁԛԝοαε]*|[a-z]+[а-яіјѕԁԛԝοαε]+")


def visible(text: str) -> str:
    """The text on one line without invisible characters, such as bidi overrides."""
    return " ".join(_UNUSUAL.sub(_shown, text).split())


def fold(text: str) -> str:
    """The text in lower case without diacritics; three or more equal letters become one.

    Turkish typed with and without its own letters folds to the same, as do Arabic and Cyrillic
    spellings with and without their marks.
    """
    bare = text.translate(_LETTERS).casefold()
    if not bare.isascii():
        bare = _BEYOND_ASCII.sub(_without_marks, unicodedata.normalize("NFKD", bare))
    once = _STRETCHED.sub(r"\1", bare)
    return once if once.isascii() else _MIXED.sub(_latin, once)


def _shown(match: re.Match[str]) -> str:
    character = match.group()
    category = unicodedata.category(character)
    if category == "Cc":
        return " "
    return "" if category in _INVISIBLE else character


def _without_marks(match: re.Match[str]) -> str:
    return "".join(mark for mark in match.group() if not unicodedata.combining(mark))


def _latin(match: re.Match[str]) -> str:
    return match.group().translate(_DOUBLES)
