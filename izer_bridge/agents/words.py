"""Words of a message in one spelling, and the language that they are in."""

import re
import unicodedata

LANGUAGES = ("tr", "en", "de")
DEFAULT_LANGUAGE = "tr"

# Both Turkish i's become one, so that "ACİL", "acıl" and "acil" are the same word.
_TURKISH = str.maketrans({"İ": "i", "I": "i", "ı": "i", "ß": "ss"})
_LONGEST = 4000

_TEXTS = {
    "tr": "acil ama bana bir bisiklet bisikletim bu cok da de degil gun iyi icin ile ise kadar "
    "lazim lutfen merhaba mi miyim misiniz mu musunuz nasil ne nerede neden olarak olur saat "
    "selam siparis tesekkurler var ve ya yok zaman",
    "en": "a and are be bike can could do does for have hello help hi how i is it me my need not "
    "of on please thanks thank that the there this to we what when where with you your",
    "de": "aber auf bitte dank danke das der die dringend ein eine fahrrad fur guten hallo habe "
    "ich ihr im ist kann konnen mein meine mir mit nicht noch oder rad sie tag und viele vielen "
    "von wann warum was wie wir wo zu",
}
_COMMON = {language: frozenset(text.split()) for language, text in _TEXTS.items()}
_LETTERS = {"tr": "ğışĞİŞ", "de": "äßÄ", "en": ""}


def fold(text: str) -> str:
    """Lower case without diacritics, the same for every way to type a Turkish word."""
    lowered = text.translate(_TURKISH).casefold()
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(mark for mark in decomposed if not unicodedata.combining(mark))


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of the text's beginning, in order."""
    return tuple(re.findall(r"[^\W_]+", fold(text[:_LONGEST])))


def language_of(text: str) -> str:
    """The language with the most common words and letters of its own; Turkish when none has."""
    words = words_of(text)
    scores = {
        language: sum(word in _COMMON[language] for word in words)
        + sum(text.count(letter) for letter in _LETTERS[language])
        for language in LANGUAGES
    }
    return max(LANGUAGES, key=lambda language: scores[language])
