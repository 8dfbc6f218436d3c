"""A topic: the words that select it, its answer, and what the shop does next."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from izer_bridge.agents.builtin.facts import Fact
from izer_bridge.agents.builtin.request import Beginnings, Case, folded, mentions
from izer_bridge.analysis.local.danger import dangers_of
from izer_bridge.analysis.local.signals import signals_of
from izer_bridge.analysis.local.words import read
from izer_bridge.domain.danger import Danger

Texts = Mapping[str, str]
_REMEMBERED = 1 << 10
# Stems are found by this many first letters; none is shorter.
_KEY = 2


@dataclass(frozen=True, slots=True)
class Step:
    """Something for the shop's people to do: a fixed `type` for machines, a Turkish sentence."""

    type: str
    text: str


class Weight(IntEnum):
    """How certainly a part of an answer is asked for."""

    COURTESY = 0
    # By its category alone, or because nothing else fits.
    GUESSED = 1
    # The same, for what is certainly a question.
    ASKED = 2
    CALLED = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply from templates, and the facts that a model that rewords it may rely on.

    If `reply` is empty, nothing is said. `confidence` is 0–1. `sources` are the shop's own texts
    behind the reply. A fixed reply is not reworded. `dangers` are those that it reports though
    nobody has named them. `asks` names facts that `completed` acknowledges or asks for.
    """

    topic: str
    reply: str
    confidence: float
    needs_human: bool
    steps: tuple[Step, ...] = ()
    facts: tuple[Fact, ...] = ()
    sources: tuple[str, ...] = ()
    is_fixed: bool = False
    dangers: tuple[Danger, ...] = ()
    asks: tuple[str, ...] = ()
    weight: Weight = Weight.CALLED

    def actions(self) -> list[dict[str, Any]]:
        """For the answer's `actions`: each step with the known facts of the case."""
        known = {fact.name: fact.value for fact in self.facts}
        return [{"type": step.type, "text": step.text, **known} for step in self.steps]


@dataclass(frozen=True, slots=True)
class Topic:
    """Matches one of `stems` or `categories`; one with neither matches everything.

    `dangers` and `about` (one of each, if there are any) and `most_words` are further conditions.
    `about` names signals. `asks` names facts to ask for, `tells` the danger that the topic is in
    itself.
    """

    name: str
    reply: Texts
    confidence: float
    steps: tuple[Step, ...] = ()
    stems: Beginnings = ()
    categories: frozenset[str] = frozenset()
    dangers: frozenset[Danger] = frozenset()
    tells: tuple[Danger, ...] = ()
    most_words: int | None = None
    needs_human: bool = True
    asks: tuple[str, ...] = ()
    is_fixed: bool = False
    is_only_by_name: bool = False
    about: frozenset[str] = frozenset()
    weight: Weight = Weight.CALLED

    def allows(self, text: str) -> bool:
        """Whether all further conditions hold."""
        if self.is_only_by_name:
            return False
        if self.dangers and self.dangers.isdisjoint(dangers_of(text)):
            return False
        if self.about and self.about.isdisjoint(signals_of(text).found):
            return False
        return self.most_words is None or len(folded(text)) <= self.most_words

    def calls(self, text: str) -> bool:
        """Whether the words select it, whatever the category is."""
        return not (self.stems or self.categories) or mentions(folded(text), self.stems)

    def draft(
        self, language: str, facts: Sequence[Fact] = (), weight: Weight | None = None
    ) -> Draft:
        """The answer; a language without its own text is asked nothing."""
        return Draft(
            topic=self.name,
            reply=in_language(self.reply, language) if self.reply else "",
            confidence=self.confidence,
            needs_human=self.needs_human,
            steps=self.steps,
            facts=tuple(facts),
            is_fixed=self.is_fixed,
            dangers=self.tells,
            asks=self.asks if language in self.reply else (),
            weight=self.weight if weight is None else weight,
        )


class Stems:
    """Finds which of many named groups of stems begin words of a text.

    It looks at each word once, and only at stems with the same beginning.
    """

    def __init__(self, groups: Iterable[tuple[str, Beginnings]]) -> None:
        self._stems: dict[str, dict[str, None]] = defaultdict(dict)
        self._groups: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
        for name, beginnings in groups:
            for group in beginnings:
                self._groups[group[0]].append((name, frozenset(group)))
                for stem in group:
                    self._stems[stem[1 : 1 + _KEY]][stem] = None

    def named(self, words: Iterable[str]) -> frozenset[str]:
        """The names of the groups of which each stem begins a word."""
        begun = {
            stem
            for word in words
            for stem in self._stems.get(word[:_KEY], ())
            if word.startswith(stem[1:])
        }
        return frozenset(
            name
            for stem in begun
            for name, group in self._groups.get(stem, ())
            if len(group) == 1 or begun.issuperset(group)
        )


class Topics:
    """All topics of one agent, in the order in which they are tried."""

    def __init__(self, each: Iterable[Topic]) -> None:
        self.each = tuple(each)
        # In a burst each earlier message is judged again with the next, whose category it gets.
        self._candidates = lru_cache(_REMEMBERED)(self._candidates_of)
        # The first that the words themselves select.
        self.called_by = lru_cache(_REMEMBERED)(self._called_by)
        self._stems = Stems((one.name, one.stems) for one in self.each)

    def of(self, case: Case) -> Topic:
        """The first that matches, if the last one matches everything."""
        topic = self.first(case)
        if topic is None:
            raise LookupError("no topic matches everything")
        return topic

    def first(self, case: Case) -> Topic | None:
        """The first that matches."""
        for topic, is_called in self._candidates(case.text):
            if is_called or case.category in topic.categories:
                return topic
        return None

    def first_of(self, text: str) -> Topic | None:
        """The first that matches a text of whatever category."""
        return next((topic for topic, is_called in self._candidates(text) if is_called), None)

    def _called_by(self, text: str) -> Topic | None:
        named = self._stems.named(folded(text))
        called = (one for one in self.each if one.name in named and one.allows(text))
        return next(called, None)

    def _candidates_of(self, text: str) -> tuple[tuple[Topic, bool], ...]:
        """Up to the first that the words select, each with whether they do."""
        found = []
        named = self._stems.named(folded(text))
        for topic in self.each:
            is_called = not (topic.stems or topic.categories) or topic.name in named
            if (is_called or topic.categories) and topic.allows(text):
                found.append((topic, is_called))
                if is_called:
                    break
        return tuple(found)

    def named(self, name: str) -> Topic:
        return next(topic for topic in self.each if topic.name == name)


def in_language(texts: Texts, language: str) -> str:
    """The text in that language; if there is none, in the language its readers know best."""
    return texts.get(language) or texts["en"]


@cache
def topics_of(name: str) -> Topics:
    """The topics in `texts/{name}.toml`; for a language that one lacks, the last one's text."""
    topics = [_topic(table) for table in table_of(name)["topic"]]
    fallback = next((one.reply for one in topics[::-1] if not one.is_only_by_name), {})
    return Topics(replace(one, reply=_filled(one, fallback)) for one in topics)


@cache
def table_of(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "texts" / f"{name}.toml").read_text("utf-8"))


@cache
def stems_in(text: str) -> Beginnings:
    """`a b+c`: the groups (" a",) and (" b", " c"), folded as words are."""
    return tuple(tuple(map(_folded, group.split("+"))) for group in text.split())


def _folded(stem: str) -> str:
    return f" {read(stem).words[0].folded}"


def _filled(topic: Topic, fallback: Texts) -> Texts:
    return dict(fallback) | dict(topic.reply) if topic.reply else {}


def _topic(table: dict[str, Any]) -> Topic:
    known = {"reply": {}} | dict(table)
    return Topic(
        steps=tuple(Step(*step) for step in known.pop("steps")),
        stems=stems_in(known.pop("stems", "")),
        categories=frozenset(known.pop("categories", ())),
        asks=tuple(known.pop("asks", ())),
        dangers=frozenset(map(Danger, known.pop("dangers", ()))),
        tells=tuple(map(Danger, known.pop("tells", ()))),
        about=frozenset(known.pop("about", ())),
        weight=Weight[known.pop("weight", "called").upper()],
        **known,
    )
