"""A topic: the words that call for it, and what is answered then in each language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from izer_bridge.agents.case import Case


@dataclass(frozen=True, slots=True)
class Topic:
    """Matches one of the `stems` (folded beginnings of words) or one of the `categories`.

    A topic with neither matches everything. `min_urgency` and `most_words` must hold besides.
    `next_step` tells the shop's people what to do; `confidence` is 0–1.
    """

    name: str
    stems: tuple[str, ...]
    tr: str
    en: str
    de: str
    next_step: str
    confidence: float = 0.6
    needs_human: bool = True
    categories: frozenset[str] = frozenset()
    min_urgency: int | None = None
    most_words: int | None = None

    def matches(self, case: Case) -> bool:
        if self.min_urgency is not None and case.urgency < self.min_urgency:
            return False
        if self.most_words is not None and len(case.words) > self.most_words:
            return False
        if not (self.stems or self.categories):
            return True
        return case.category in self.categories or case.mentions(self.stems)

    def reply(self, language: str) -> str:
        return {"tr": self.tr, "en": self.en, "de": self.de}[language]


def answer(agent: str, topics: Sequence[Topic], case: Case) -> dict[str, Any]:
    """The answer of the first topic that matches; the last one must match everything."""
    topic = next(topic for topic in topics if topic.matches(case))
    return {
        "agent": agent,
        "reply": topic.reply(case.language),
        "language": case.language,
        "topic": topic.name,
        "confidence": topic.confidence,
        "needs_human": topic.needs_human,
        "next_step": topic.next_step,
    }
