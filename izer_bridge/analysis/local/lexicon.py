"""Finds the concepts that the words of a text stand for. It gives no weight to any."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from izer_bridge.analysis.local.patterns import (
    GAP,
    NUMBER,
    Made,
    Pattern,
    PatternWord,
    Together,
    combinations,
    concepts_of,
    is_number,
)
from izer_bridge.analysis.local.words import (
    Word,
    asks,
    is_before,
    is_denied,
    is_if_not,
    is_possible,
    is_told,
    is_unable,
    is_you_did,
    is_you_did_not,
)

THEMES = (
    "bicycle",
    "trade",
    "aftersale",
    "trouble",
    "mood",
    "opinion",
    "time",
    "elsewhere",
    "conversation",
    "instructions",
    "grammar",
)
MOST_BETWEEN = 3
_NEGATION_REACH = 2
# A text that says one thing a hundred times says it no louder, and pairs of hits cost time.
_MOST_HITS = 6
_REMEMBERED = 1 << 13
_KEY = 2
# Concepts told by the ending of one Turkish word.
_ENDINGS: Mapping[str, Callable[[str], bool]] = {
    "denied_verb": is_denied,
    "before_it": is_before,
    "is_possible": is_possible,
    "if_not": is_if_not,
    "we_cannot": is_unable,
    "you_did": is_you_did,
    "you_did_not": is_you_did_not,
    "question": asks,
}


class Hit(NamedTuple):
    """A concept and the words that stand for it, from index `first` to `last`."""

    concept: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Patterns by the first word or stem that they begin with, and endings by what they tell."""

    words: Mapping[str, Sequence[Pattern]]
    stems: Mapping[str, Sequence[Pattern]]
    longest_stem: int

    def of(self, word: Word) -> Iterator[Pattern]:
        """The patterns whose first place the word fits."""
        yield from self.words.get(word.folded, ())
        if is_number(word):
            yield from self.words.get(NUMBER, ())
        for length in range(2, min(len(word.folded), self.longest_stem) + 1):
            yield from self.stems.get(word.folded[:length], ())


class Begun(NamedTuple):
    """What a word stands for by itself, in any text or in one of a language, and may begin.

    `phrases` go by the first letters of the word that must follow, `open_phrases` by none.
    """

    concepts: tuple[str, ...]
    ambiguous: tuple[Pattern, ...]
    phrases: Mapping[str, Sequence[Pattern]]
    open_phrases: tuple[Pattern, ...]

    @property
    def begins(self) -> bool:
        return bool(self.phrases or self.open_phrases)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Finds concepts; `begun` says what begins with a word."""

    begun: Callable[[str, bool], Begun]
    concepts: frozenset[str]
    masks: frozenset[str]
    times: frozenset[str]
    grammar: frozenset[str]
    opinions: frozenset[str]
    negated: Mapping[str, str]
    together: tuple[Together, ...]

    def find(self, words: Sequence[Word], matches: Iterable[Hit]) -> list[Hit]:
        """What the words of a text mean by these `matches`; some of very many."""
        hits = _some(matches)
        masked = {
            place
            for hit in hits
            if hit.concept in self.masks
            for place in range(hit.first, hit.last + 1)
        }
        free = [
            hit
            for hit in hits
            if not masked
            or hit.concept in self.masks
            or masked.isdisjoint(range(hit.first, hit.last + 1))
        ]
        found = list(self._negated(free, words))
        by_concept: dict[str, list[Hit]] = defaultdict(list)
        for hit in found:
            by_concept[hit.concept].append(hit)
        joined: list[Hit] = []
        is_missing = by_concept.keys().isdisjoint
        for one in self.together:
            if not any(map(is_missing, one.of)) and (new := _joined(one, by_concept)):
                by_concept[one.concept] += new
                joined += new
        return [*self._widest(found), *joined]

    def _widest(self, hits: Sequence[Hit]) -> Iterator[Hit]:
        """Without what stands inside a wider hit: in "son fiyat" nobody asks for a "fiyat".

        Only a time hides a time, because haste is no part of what is wanted, and nothing hides
        a question or a denial. What is thought of a thing hides nothing of what it is.
        """
        covering: dict[int, list[Hit]] = defaultdict(list)
        for hit in hits:
            if hit.last > hit.first and hit.concept not in self.opinions:
                for place in range(hit.first, hit.last + 1):
                    covering[place].append(hit)
        for hit in hits:
            if (
                not covering[hit.first]
                or hit.concept in self.grammar
                or not any(
                    _is_inside(hit, other)
                    and (hit.concept not in self.times or other.concept in self.times)
                    for other in covering[hit.first]
                )
            ):
                yield hit

    def matches(self, words: Sequence[Word], languages: frozenset[str]) -> Iterator[Hit]:
        """All that the words of a text in `languages` name, denied or not, by itself or in more."""
        for first, word in enumerate(words):
            begun = self.begun(word.folded, word.is_number)
            for concept in begun.concepts:
                yield Hit(concept, first, first)
            for pattern in begun.ambiguous:
                if pattern.language in languages:
                    yield Hit(pattern.concept, first, first)
            if not begun.begins:
                continue
            following = words[first + 1].folded[:_KEY] if first + 1 < len(words) else ""
            for pattern in (*begun.phrases.get(following, ()), *begun.open_phrases):
                if pattern.is_ambiguous and pattern.language not in languages:
                    continue
                last = _end(pattern.elements, words, first)
                if last is not None:
                    yield Hit(pattern.concept, first, last)

    def _negated(self, hits: Sequence[Hit], words: Sequence[Word]) -> Iterator[Hit]:
        before = {hit.last for hit in hits if hit.concept == "not_before"}
        after = {hit.first for hit in hits if hit.concept == "not_after"}
        there = {hit.first for hit in hits if hit.concept == "not_there"}
        for hit in hits:
            instead = self.negated.get(hit.concept)
            if instead is None:
                yield hit
                continue
            denying = after if is_told(words[hit.last].folded) else after | there
            if not _is_denied(hit, words, before, denying):
                yield hit
            elif instead != "none":
                yield Hit(instead, hit.first, hit.last)


def _end(elements: Sequence[PatternWord], words: Sequence[Word], first: int) -> int | None:
    """The index of the last word that the pattern covers, None where it does not fit.

    The first word is known to fit.
    """
    place = first + 1
    between = 0
    for element in elements[1:]:
        if element.text == GAP:
            between = MOST_BETWEEN
            continue
        limit = min(place + between, len(words) - 1)
        while place <= limit and not element.fits(words[place]):
            place += 1
        if place > limit or words[place].sentence != words[first].sentence:
            return None
        place += 1
        between = 0
    return place - 1


def _is_denied(hit: Hit, words: Sequence[Word], before: set[int], after: set[int]) -> bool:
    clause = words[hit.last].clause
    following = range(hit.last + 1, min(hit.last + 1 + _NEGATION_REACH, len(words)))
    preceding = range(max(0, hit.first - _NEGATION_REACH), hit.first)
    if any(place in after and words[place].clause == clause for place in following):
        return True
    return any(place in before and words[place].clause == clause for place in preceding)


def _some(hits: Iterable[Hit]) -> list[Hit]:
    """The first hits of each concept."""
    counts: Counter[str] = Counter()
    kept = []
    for hit in dict.fromkeys(hits):
        counts[hit.concept] += 1
        if counts[hit.concept] <= _MOST_HITS:
            kept.append(hit)
    return kept


def _is_inside(hit: Hit, other: Hit) -> bool:
    return (
        other.first <= hit.first
        and hit.last <= other.last
        and other.last - other.first > hit.last - hit.first
    )


def _place(hit: Hit) -> tuple[int, int, str]:
    return hit.first, hit.last, hit.concept


def _joined(one: Together, hits: Mapping[str, Sequence[Hit]]) -> list[Hit]:
    """The combination at the places where all of its parts stand near each other."""
    parts = [
        sorted((hit for concept in concepts for hit in hits.get(concept, ())), key=_place)
        for concepts in one.of
    ]
    left, *rest = parts
    for right in rest:
        left = [
            Hit(one.concept, min(a.first, b.first), max(a.last, b.last))
            for a in left
            for b in right
            if (a.first, a.last) != (b.first, b.last)
            and max(a.first - b.last, b.first - a.last) <= one.words
        ]
    return list(dict.fromkeys(left))[:MOST_BETWEEN]


@cache
def lexicon() -> Lexicon:
    """The lexicon in the files of the package, read once."""
    made: Made = {}
    concepts = {theme: concepts_of(theme, made) for theme in THEMES}
    every = [concept for theme in THEMES for concept in concepts[theme]]
    words: dict[str, list[Pattern]] = defaultdict(list)
    stems: dict[str, list[Pattern]] = defaultdict(list)
    for concept in every:
        for pattern in concept.patterns:
            begin = pattern.elements[0]
            (stems if begin.is_stem else words)[begin.text].append(pattern)
    beginnings = Beginnings(words, stems, max(map(len, stems)))
    together = combinations()
    return Lexicon(
        begun=_remembering(beginnings),
        concepts=frozenset(
            {*(one.name for one in every), *(one.concept for one in together), *_ENDINGS}
        ),
        masks=frozenset(concept.name for concept in every if concept.masks),
        times=frozenset(concept.name for concept in concepts["time"]),
        grammar=frozenset(concept.name for concept in concepts["grammar"]),
        opinions=frozenset(concept.name for concept in concepts["opinion"]),
        negated={concept.name: concept.negated for concept in every if concept.negated},
        together=together,
    )


def _key_of(element: PatternWord) -> str:
    """With what a word must begin to fit; empty where several beginnings do."""
    is_open = element.text in (GAP, NUMBER) or (element.is_stem and len(element.text) < _KEY)
    return "" if is_open else element.text[:_KEY]


def _begun(patterns: Sequence[Pattern], endings: Sequence[str]) -> Begun:
    single = [one for one in patterns if len(one.elements) == 1]
    sure = [one.concept for one in single if not one.is_ambiguous]
    phrases: dict[str, list[Pattern]] = defaultdict(list)
    for one in patterns:
        if len(one.elements) > 1:
            phrases[_key_of(one.elements[1])].append(one)
    return Begun(
        concepts=tuple(dict.fromkeys([*sure, *endings])),
        ambiguous=tuple(one for one in single if one.is_ambiguous),
        open_phrases=tuple(phrases.pop("", ())),
        phrases=phrases,
    )


def _remembering(beginnings: Beginnings) -> Callable[[str, bool], Begun]:
    """Looks a word up once, because people use the same few thousand."""

    @lru_cache(_REMEMBERED)
    def look_up(folded: str, is_number: bool) -> Begun:
        patterns = tuple(beginnings.of(Word(folded, folded, 0, 0, is_number)))
        endings = tuple(ending for ending, is_so in _ENDINGS.items() if is_so(folded))
        return shared(patterns, endings)

    # All numbers, and most of all other words, begin the same: each alone would take kilobytes.
    shared = lru_cache(_REMEMBERED)(_begun)
    return look_up
