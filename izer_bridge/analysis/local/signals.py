"""Observations in one text: concepts, endings, punctuation, media. It assigns no weight."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from izer_bridge.analysis.local.excerpt import bounded
from izer_bridge.analysis.local.injection import read_without_instructions
from izer_bridge.analysis.local.language import answered_in
from izer_bridge.analysis.local.lexicon import Hit, lexicon
from izer_bridge.analysis.local.words import Text

_PLACEHOLDER = re.compile(r"\s*\[([^\]\n]{1,80})\]\s*")
_MEDIA = {
    "image/webp": "sticker",
    "sticker": "sticker",
    "image": "image",
    "photo": "image",
    "fotoğraf": "image",
    "video": "video",
    "gif": "video",
    "audio": "voice",
    "voice": "voice",
    "ptt": "voice",
    "sesli mesaj": "voice",
    "ses kaydı": "voice",
    "document": "document",
    "belge": "document",
    "application": "document",
    "text": "document",
    "location": "location",
    "contact": "contact",
}
# "Kolay gelsin" is an idiom, and greets where it stands first.
_GREETINGS = frozenset(("greeting", "harmless"))
_SHOWN_WORDS = 6
_BEGINNING, _ENDING = 5, 4
# From a text of more than twice this many words, those at its two ends.
_READ = 30
_REMEMBERED = 2_048


@dataclass(frozen=True, slots=True)
class Signals:
    """The names of the signals in one text, each with the words that show it.

    `words` counts the words of the text without a media placeholder, and without a greeting before
    them; `beginnings` and `endings` are the first and the last letters of theirs. `said` is that
    text, without what speaks to a machine; empty where it is too long to be read whole, because
    pieces beside each other tell what nobody said.
    """

    found: Mapping[str, tuple[str, ...]]
    beginnings: tuple[str, ...]
    endings: tuple[str, ...]
    language: str
    words: int
    said: str = ""

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def has_any(self, names: Iterable[str]) -> bool:
        return not self.found.keys().isdisjoint(names)


def signals_of(announced: str) -> Signals:
    """The signals of a text as announced: a medium stands before it as `[mimetype] name`."""
    read = bounded(announced)
    return _signals_of(read, read == announced)


@lru_cache(maxsize=_REMEMBERED)
def _signals_of(announced: str, is_whole: bool) -> Signals:
    """Remembered, because what is a message now is the context of those that follow."""
    media, text = _without_placeholder(announced)
    seen, matches, said = read_without_instructions(text)
    hits = lexicon().find(seen.words, matches)
    greeted = _greeting_ends(hits, len(seen.words))
    # Who greets before they ask asks the same.
    hits = [hit for hit in hits if hit.first >= greeted]
    found = dict.fromkeys(_signs(seen), ()) | _concepts(seen, hits)
    if media:
        found[f"media_{media}"] = ()
    if not seen.words:
        found["media_only" if media and media != "sticker" else "wordless"] = ()
    asked = seen.words[greeted:]
    ends = (*asked[:_READ], *asked[_READ:][-_READ:])
    words = [word.folded for word in ends if not word.is_number]
    return Signals(
        found,
        beginnings=_each_once(word[:_BEGINNING] for word in words),
        endings=_each_once(word[-_ENDING:] for word in words if len(word) > _ENDING),
        language=answered_in(said),
        words=len(asked),
        said=said if is_whole else "",
    )


def _each_once(parts: Iterable[str]) -> tuple[str, ...]:
    """As one object for all texts that have it, and not as a set, which takes ten times as much."""
    return tuple(dict.fromkeys(map(intern, parts)))


def forget() -> None:
    """Clears the cache; for measurements."""
    _signals_of.cache_clear()


def _without_placeholder(announced: str) -> tuple[str | None, str]:
    match = _PLACEHOLDER.match(announced)
    if match is None:
        return None, announced
    said = match.group(1).casefold()
    for begin, kind in _MEDIA.items():
        if said.startswith(begin):
            return kind, announced[match.end() :]
    return None, announced


def _greeting_ends(hits: Iterable[Hit], words: int) -> int:
    """At which word something else begins than the greeting before it; 0 where nothing does."""
    ends = 0
    for hit in sorted(one for one in hits if one.concept in _GREETINGS):
        if hit.first <= ends <= hit.last:
            ends = hit.last + 1
    return ends if ends < words else 0


def _concepts(text: Text, hits: Iterable[Hit]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for hit in hits:
        shown = " ".join(
            word.written for word in text.words[hit.first : hit.last + 1][:_SHOWN_WORDS]
        )
        found.setdefault(hit.concept, {})[shown] = None
    return {concept: tuple(words) for concept, words in found.items()}


def _signs(text: Text) -> set[str]:
    return {
        name
        for name, is_there in (
            ("number", any(word.is_number for word in text.words)),
            ("question", text.questions > 0),
            ("doubts", text.questions > 1),
            ("exclaims", text.exclamations > 1),
            ("shouted", text.is_shouted),
        )
        if is_there
    }
