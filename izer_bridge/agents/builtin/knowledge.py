"""The shop's own answers: Markdown read as sections, and the one that answers a question.

Pure: it reads no file, and it returns a section's own words or nothing.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain

from izer_bridge.agents.builtin.meant_words import is_seeking, meant_words
from izer_bridge.agents.builtin.topic import stems_in, table_of
from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.analysis.local.words import is_inflection, read

LONGEST_ANSWER = 700
_SHORTEST_STEM, _LONG_STEM = 3, 4
_REMEMBERED, _QUESTIONS, _WORDS = 1 << 10, 1 << 9, 1 << 12
# How much of a heading the question must mention, and how much of the question the section.
_HEADING_ASKED, _QUESTION_MET = 0.6, 0.75
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_FORM = re.compile(r"\*\*|__|`|^\s*>\s?", re.MULTILINE)
_ITEM = re.compile(r"^\s*[*+-]\s+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\((\S+?)\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Verbs that say only that something is done, had or possible: yapsam, olur, alabilir, edecek.
_LIGHT = re.compile(
    r"(?:yap(?:t[iu]r|[iu]l)?|edil|ed|et|ol|al[iu]n|al)(?:[ae]?bil\w*|[iu]yo\w*|[aeiu]r(?:s[iu]n[iu]z)?|s[ae]m?|s[ae]k|s[iu]n|m[ae]z(?:s[ae])?|m[ae]d[ae]n"
    r"|m[ae]k"
    r"|[ae]c[ae][gk]\w*|[dt][iu][mk]?)$"
    r"|(?:ogren|basla|dus|ulas|yaptir)"
    r"(?:[ae]?bil\w*|m[ae]k|[iu]?yo\w*|[iae]r|[ae]c[ae][gk]\w*|s[ae][mk])$"
    r"|gel(?:sem|sek|eyim|elim|eceg\w*|mek|ebil\w*)$|bisiklet(?:l[ae]r)?(?:[iu]?(?:n[iu]z|n|m)?|[iu]?[ae]|[dt][ae]n?)$"
)
# What the customer himself may do says no more than that he asks: "nasıl gidebilirim".
_MAY_I = re.compile(r"\w{2,}[ae]bil(?:ir(?:im|iz)|iyor?(?:um|uz|mu\w*))$")
# "Aldığım", "gelen ürünün" say which one, not what is asked about it.
_WHICH = re.compile(r"(?!lastig|plastig)\w{2,}[dt][iu]g[iu](?:m|miz|n)?$")
_OF_ALL_GOODS = frozenset({"c:return", "c:ship", "c:pay", "c:installment", "c:invoice"})
_GOODS = ("goods", "part", "bike")
_SOFTENED = str.maketrans("gbd", "kpt")


@dataclass(frozen=True, slots=True)
class Section:
    """One answer. `questions` are the heading's alternatives, separated by `/` in the file."""

    questions: tuple[str, ...]
    answer: str

    @property
    def whole(self) -> str:
        return f"{' / '.join(self.questions)}\n{self.answer}"


def sections_in(markdown: str) -> tuple[Section, ...]:
    """Each heading with the text below it. Raises ValueError if the text has none.

    A heading without text is a chapter's and adds nothing to the headings below it.
    """
    sections: list[Section] = []
    heading: str | None = None
    lines: list[str] = []
    for line in [*_COMMENT.sub("", markdown).splitlines(), "# "]:
        found = _HEADING.match(line)
        if found is None and line != "# ":
            lines.append(line)
            continue
        answer = _plain("\n".join(lines))
        if heading and answer:
            asked = tuple(part.strip() for part in heading.split(" / ") if part.strip())
            sections.append(Section(asked, answer))
        heading, lines = (found[2] if found else None), []
    if not sections:
        raise ValueError("holds no heading (## …) with a text below it")
    return tuple(sections)


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A section and its tokens: of each heading, of all headings, and of all of it."""

    section: Section
    headings: tuple[tuple[str, ...], ...]
    headed: frozenset[str]
    whole: frozenset[str]

    @classmethod
    def of(cls, section: Section) -> "_Indexed":
        headings = tuple(filter(None, map(tokens, section.questions)))
        headed = frozenset(chain.from_iterable(headings))
        return cls(section, headings, headed, headed.union(tokens(section.answer)))

    def about(self, elsewhere: frozenset[str]) -> frozenset[str]:
        """Without what its answer only mentions and another section's heading is about."""
        return self.headed | (self.whole - elsewhere)


class Knowledge:
    """All sections; their subjects are computed here once, not for each question."""

    def __init__(self, sections: Iterable[Section]) -> None:
        self.sections = tuple(sections)
        self._topics = tuple(map(_Indexed.of, self.sections))
        counts = Counter(key for topic in self._topics for key in set(map(_key, topic.whole)))
        self._rarity = {
            key: 1.0 + math.log((1 + len(self.sections)) / count) for key, count in counts.items()
        }
        self._rarest = max(self._rarity.values(), default=1.0)
        self._beginning: dict[str, set[str]] = defaultdict(set)
        for token in chain.from_iterable(topic.whole for topic in self._topics):
            self._beginning[_beginning(token)].add(token)
        self._headed = frozenset(chain.from_iterable(one.headed for one in self._topics))
        # In a burst each earlier question is asked again with the last one.
        self.find = lru_cache(_QUESTIONS)(self._found)
        # People use the same words.
        self._like = lru_cache(_WORDS)(self._words_like)

    def speaks_of(self, text: str) -> bool:
        """Whether any word of it is in a heading: otherwise no section answers a part of it."""
        return any(not self._headed.isdisjoint(self._like(token)) for token in tokens(text))

    def _found(self, question: str) -> Section | None:
        """The section that certainly answers the question; None if a person should look.

        Where the heading of another section is asked for as well, it is two questions.
        """
        alike = {token: self._like(token) for token in tokens(question)}
        known = frozenset(chain.from_iterable(alike.values()))
        if known.isdisjoint(self._headed):
            return None
        # How much of the best heading is asked for, and how much of the question the section
        # covers.
        scored = [
            (
                max(self._share(one, known) for one in topic.headings),
                self._share(
                    alike, {one for one in alike if alike[one] & topic.about(self._headed)}
                ),
                topic,
            )
            for topic in self._topics
            if not known.isdisjoint(topic.headed)
        ]
        nothing: tuple[float, float, _Indexed | None] = (0.0, 0.0, None)
        heading, met, best = max(scored, key=lambda one: one[0] * one[1], default=nothing)
        if best is None or heading < _HEADING_ASKED or met < _QUESTION_MET:
            return None
        asked_besides = known & self._headed - best.whole
        return None if asked_besides else best.section

    def _words_like(self, token: str) -> frozenset[str]:
        near = self._beginning.get(_beginning(token), ())
        return frozenset(other for other in near if is_like(token, other))

    def _share(self, of: Iterable[str], met: Collection[str]) -> float:
        """The share of the tokens that is covered, each weighted by its rarity."""
        weights = {token: self._rarity.get(_key(token), self._rarest) for token in of}
        return sum(weights[token] for token in weights if token in met) / sum(weights.values())


NOTHING = Knowledge(())


def _key(token: str) -> str:
    return token if token.startswith("c:") else token[:5]


def _beginning(token: str) -> str:
    """The prefix that all similar words share."""
    return token.translate(_SOFTENED)[:_SHORTEST_STEM]


def is_like(one: str, other: str) -> bool:
    """The same word with other Turkish endings: saatleri, saatiniz; stok, stoğu."""
    if one == other:
        return True
    if one.startswith("c:") or other.startswith("c:") or not (one.isalpha() and other.isalpha()):
        return False
    common = _common(one.translate(_SOFTENED), other.translate(_SOFTENED))
    if common < max(_SHORTEST_STEM, min(_LONG_STEM, len(one), len(other))):
        return False
    return is_inflection(one[common:]) and is_inflection(other[common:])


def _common(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


@cache
def _small() -> frozenset[str]:
    return frozenset(table_of("concepts")["words"]["small"].split())


@cache
def _places() -> tuple[str, ...]:
    return tuple(table_of("concepts")["words"]["places"].split())


@lru_cache(_WORDS)
def _is_small(word: str) -> bool:
    if (
        word in _small()
        or is_seeking(word)
        or any(light.match(word) for light in (_LIGHT, _MAY_I, _WHICH))
    ):
        return True
    return any(word.startswith(one) and is_inflection(word[len(one) :]) for one in _places())


@lru_cache(_REMEMBERED)
def tokens(text: str) -> tuple[str, ...]:
    """What a text is about: concepts, else its words and numbers, without stop words.

    Terms that hold for all goods ("kaskı iade edebilir miyim") are not about one of them.
    """
    words = [word.folded for word in meant_words(text)]
    concepts, used = _listed().of(words)
    if not _OF_ALL_GOODS.isdisjoint(concepts):
        goods = _goods_in(text)
        words = [word for word in words if word not in goods]
        concepts, used = _listed().of(words)
    rest = [word for word in words if word not in used and not _is_small(word) and len(word) > 1]
    return tuple(dict.fromkeys([*concepts, *rest]))


def _goods_in(text: str) -> frozenset[str]:
    found = signals_of(text).found
    named = chain.from_iterable(found.get(name, ()) for name in _GOODS)
    return frozenset(word.folded for one in named for word in read(one).words)


def telling_words(text: str) -> tuple[str, ...]:
    """The meaningful words, without figures, as they are written."""
    words = (word.folded for word in read(text).words if not word.is_number)
    return tuple(word for word in words if word not in _small() and len(word) > 1)


class _Concepts:
    """Groups of stems in their order; among groups that share words the first is meant."""

    def __init__(self) -> None:
        self._groups = [
            (f"c:{name}", tuple(map(str.lstrip, group)))
            for name, stems in table_of("concepts")["concepts"].items()
            for group in stems_in(stems)
        ]
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (_, group) in enumerate(self._groups):
            for stem in group:
                self._places[stem].append(place)
        self._longest = max(map(len, self._places))
        self._stems = lru_cache(_WORDS)(self._stems_of)

    def of(self, words: Sequence[str]) -> tuple[list[str], set[str]]:
        """The concepts that the words stand for, and the words that express them."""
        hits: dict[str, set[str]] = defaultdict(set)
        for word in words:
            for stem in self._stems(word):
                hits[stem].add(word)
        found: list[str] = []
        used: set[str] = set()
        for place in sorted({place for stem in hits for place in self._places[stem]}):
            name, group = self._groups[place]
            if hits.keys() >= set(group) and not all(hits[stem] <= used for stem in group):
                found.append(name)
                used.update(*(hits[stem] for stem in group))
        return list(dict.fromkeys(found)), used

    def _stems_of(self, word: str) -> tuple[str, ...]:
        stems = (word[:length] for length in range(1, min(len(word), self._longest) + 1))
        return tuple(
            stem
            for stem in stems
            if stem in self._places
            and (len(stem) > _SHORTEST_STEM or is_inflection(word[len(stem) :]))
        )


@cache
def _listed() -> _Concepts:
    return _Concepts()


def _plain(markdown: str) -> str:
    """The text as WhatsApp shows it, paragraphs kept, at most LONGEST_ANSWER characters."""
    text = _LINK.sub(r"\1: \2", _ITEM.sub("• ", _FORM.sub("", markdown)))
    paragraphs = (part for part in (" ".join(block.split()) for block in _blocks(text)) if part)
    kept: list[str] = []
    for paragraph in paragraphs:
        if kept and sum(map(len, kept)) + len(paragraph) > LONGEST_ANSWER:
            break
        kept.append(paragraph)
    return "\n".join(kept)[:LONGEST_ANSWER].strip()


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs, and each list item by itself."""
    for block in re.split(r"\n\s*\n", text):
        yield from re.split(r"\n(?=•)", block)
