"""The shop's own answers: Markdown read as sections, and the one that answers a question.

Pure: it reads no file, and it gives a section's own words or none.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from izer_bridge.agents.topic import stems_in, table_of
from izer_bridge.analysis.words import is_inflection, read

LONGEST_ANSWER = 700
_SHORTEST_STEM, _LONG_STEM = 3, 5
# How much of a heading the question must speak of, and how much of the question the section.
_HEADING_ASKED, _QUESTION_MET = 0.6, 0.75
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$")
_FORM = re.compile(r"\*\*|__|`|^\s*>\s?", re.MULTILINE)
_ITEM = re.compile(r"^\s*[*+-]\s+", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\((\S+?)\)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SOFTENED = str.maketrans("gbd", "kpt")


@dataclass(frozen=True, slots=True)
class Section:
    """One answer. `questions` are the heading's alternatives, divided by `/` in the file."""

    questions: tuple[str, ...]
    answer: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What answers a question. `is_sure`: it may be said without a person's look.

    `related` are the sections that share words with the question, the best one first.
    """

    related: tuple[Section, ...] = ()
    is_sure: bool = False


NOTHING = Found()


def sections_in(markdown: str, source: str = "") -> tuple[Section, ...]:
    """Each heading with the text below it. Raises ValueError for a text without any such.

    A heading without a text of its own is a chapter's and lends nothing to those below it.
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
            sections.append(Section(asked, answer, source))
        heading, lines = (found[2] if found else None), []
    if not sections:
        raise ValueError("holds no heading (## …) with a text below it")
    return tuple(sections)


def find(question: str, sections: Sequence[Section]) -> Found:
    """What the sections say to the question; nothing where none shares a word with it."""
    asked = tokens(question)
    if not asked or not sections:
        return NOTHING
    rarity = _rarity(sections)
    scored = sorted(
        ((_scores(asked, section, rarity), section) for section in sections),
        key=lambda pair: (-pair[0][0] * pair[0][1], -pair[0][1]),
    )
    related = tuple(section for (heading, met), section in scored if heading and met)[:3]
    if not related:
        return NOTHING
    heading, met = scored[0][0]
    return Found(related, heading >= _HEADING_ASKED and met >= _QUESTION_MET)


def _scores(
    asked: Sequence[str], section: Section, rarity: dict[str, float]
) -> tuple[float, float]:
    """How much of the best heading is asked for, and how much of the question the section meets."""
    headings = [tokens(question) for question in section.questions]
    heading = max((_share(one, asked, rarity) for one in headings if one), default=0.0)
    whole = [token for one in headings for token in one] + list(tokens(section.answer))
    return heading, _share(asked, whole, rarity)


def _share(of: Sequence[str], among: Sequence[str], rarity: dict[str, float]) -> float:
    """Which part of the tokens, weighed by how rare each is, has its like among the others."""
    rarest = max(rarity.values(), default=1.0)
    weights = {token: rarity.get(_key(token), rarest) for token in of}
    met = sum(
        weight for token, weight in weights.items() if any(is_like(token, other) for other in among)
    )
    return met / sum(weights.values()) if weights else 0.0


def _rarity(sections: Sequence[Section]) -> dict[str, float]:
    counts = Counter(
        key
        for section in sections
        for key in {
            _key(token) for text in (*section.questions, section.answer) for token in tokens(text)
        }
    )
    return {key: 1.0 + math.log((1 + len(sections)) / count) for key, count in counts.items()}


def _key(token: str) -> str:
    return token if token.startswith("c:") else token[:5]


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


def tokens(text: str) -> tuple[str, ...]:
    """What a text speaks of: concepts, else its words and numbers, without the small ones."""
    words = [word.folded for word in read(text).words]
    concepts, used = _concepts(words)
    rest = [word for word in words if word not in used and word not in _small() and len(word) > 1]
    return tuple(dict.fromkeys([*concepts, *rest]))


def _concepts(words: Sequence[str]) -> tuple[list[str], set[str]]:
    found: list[str] = []
    used: set[str] = set()
    for name, stems in table_of("concepts")["concepts"].items():
        for group in stems_in(stems):
            hits = [{word for word in words if _begins(word, stem)} for stem in group]
            if all(hits) and not all(hit <= used for hit in hits):
                found.append(f"c:{name}")
                used.update(*hits)
    return list(dict.fromkeys(found)), used


def _begins(word: str, stem: str) -> bool:
    return word.startswith(stem) and (
        len(stem) > _SHORTEST_STEM or is_inflection(word[len(stem) :])
    )


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
    """Paragraphs, and each item of a list by itself."""
    for block in re.split(r"\n\s*\n", text):
        yield from re.split(r"\n(?=•)", block)
