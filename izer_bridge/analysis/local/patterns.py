"""The notation of the word lists in lexicon/*.toml, and their contents. It searches no text.

A file holds one table for each concept, and in it a list of patterns for each language:

- `fren-` is a stem with whatever follows it; `fren` is that word alone;
- `almak isti-` are two words in a row; `..` stands for up to three words in between;
- `<n>` is a number;
- `any` stands for every language;
- `masks = true`: what this concept covers says nothing else ("acil durum freni");
- `negated = "x"`: denied ("acil değil") it is concept x, or nothing when x is "none".
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TypeAlias

from izer_bridge.analysis.local.words import Word, read

NUMBER = "<n>"
GAP = ".."
ANY = "any"
# A short word is often another one in another language: "was", "die", "on".
SHORT = 4
# And some are, however long: a brand is no fire, and nobody races "of course".
_FALSE_FRIENDS = frozenset(
    ("brand", "course", "credit", "danger", "justice", "locker", "normal", "spurt", "stage")
)
# The last consonant of a Turkish stem gives way before a vowel: lastik, lastiği.
_SOFTENED = {"k": "g", "t": "d", "p": "b"}
_NUMBERS = (
    "iki uc dort bes alti yedi sekiz dokuz yirmi two three four five six seven eight nine ten "
    "zwei drei vier funf sechs deux trois quatre cinq два две три четыре пять"
)
_NUMBER_WORDS = frozenset(_NUMBERS.split())


def is_number(word: Word) -> bool:
    return word.is_number or word.folded in _NUMBER_WORDS


@dataclass(frozen=True, slots=True)
class PatternWord:
    """One place of a pattern: a word, a stem, a number or a gap."""

    text: str
    is_stem: bool = False

    def fits(self, word: Word) -> bool:
        if self.text == NUMBER:
            return is_number(word)
        return word.folded.startswith(self.text) if self.is_stem else word.folded == self.text


# Most stand in several patterns, and are kept once.
Made: TypeAlias = dict[PatternWord, PatternWord]


# Each is itself alone: equal ones are never made, and thousands would be hashed for each word.
@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """A phrase of one language that stands for a concept.

    One that `is_ambiguous` is a word of other languages, too: it counts only in its own's texts.
    """

    concept: str
    language: str
    elements: tuple[PatternWord, ...]
    is_ambiguous: bool


@dataclass(frozen=True, slots=True)
class Concept:
    """One table of a file; `negated` is what it is when denied, None when denial is no matter."""

    name: str
    patterns: tuple[Pattern, ...]
    masks: bool
    negated: str | None


@dataclass(frozen=True, slots=True)
class Together:
    """A concept made of others that stand within `words` words of each other."""

    concept: str
    of: tuple[frozenset[str], ...]
    words: int


def concepts_of(theme: str, made: Made) -> tuple[Concept, ...]:
    """The concepts of one file; `made` are the elements of the files before it."""
    return tuple(
        Concept(
            name=name,
            patterns=tuple(_patterns(name, table, made)),
            masks=table.get("masks", False),
            negated=table.get("negated"),
        )
        for name, table in _toml(theme).items()
    )


def combinations() -> tuple[Together, ...]:
    """What together.toml combines, in its order: a later one may build on an earlier."""
    return tuple(
        Together(concept, tuple(frozenset(part.split("|")) for part in one["of"]), one["words"])
        for concept, one in _toml("together").items()
    )


def _patterns(concept: str, table: Mapping[str, Any], made: Made) -> Iterator[Pattern]:
    for language, listed in table.items():
        if language not in ("masks", "negated"):
            for text in filter(None, map(str.strip, listed.split(","))):
                for found in _elements(text.split(), language):
                    elements = tuple(made.setdefault(one, one) for one in found)
                    is_ambiguous = language != ANY and _is_ambiguous(elements)
                    yield Pattern(concept, language, elements, is_ambiguous)


def _is_ambiguous(elements: Sequence[PatternWord]) -> bool:
    if len(elements) == 1 and elements[0].text in _FALSE_FRIENDS:
        return True
    return all(len(one.text) <= SHORT + one.is_stem for one in elements)


def _elements(parts: Sequence[str], language: str) -> Iterator[tuple[PatternWord, ...]]:
    """The pattern's elements, and a second time with its last consonant softened."""
    elements: list[PatternWord] = []
    for part in parts:
        if part in (NUMBER, GAP):
            elements.append(PatternWord(part))
            continue
        *head, last = [word.folded for word in read(part.removesuffix("-")).words]
        elements.extend(map(PatternWord, head))
        elements.append(PatternWord(last, is_stem=part.endswith("-")))
    yield tuple(elements)
    *beginning, end = elements
    softened = _SOFTENED.get(end.text[-1])
    if language == "tr" and end.is_stem and len(end.text) >= SHORT and softened:
        yield (*beginning, PatternWord(end.text[:-1] + softened, is_stem=True))


def _toml(name: str) -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((files(__package__) / "lexicon" / f"{name}.toml").read_text("utf-8"))
