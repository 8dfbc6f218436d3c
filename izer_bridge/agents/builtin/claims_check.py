"""Detects claims in a reply that nobody at the shop has made: prices, stock, promises. Pure.

It trusts no writer. A claim in the shop's own files is the shop's; figures and times may also be
the customer's own. It does not judge whether a reply is good.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from izer_bridge.agents.builtin.knowledge import is_like, telling_words
from izer_bridge.agents.builtin.topic import table_of, topics_of
from izer_bridge.analysis.local.language import spoken_in
from izer_bridge.analysis.local.words import read
from izer_bridge.domain.folding import fold, visible

LONGEST_REPLY = 1000
# Characters of a word; its endings may differ.
_LONGEST_BEGINNING = 6
# The emergency number is never an invention.
_ALWAYS = frozenset({"112"})
_FIGURE = re.compile(r"\d+(?:[.,:/]\d+)*")
_SIGNS = re.compile(r"[€$₺£%‰]")
_WORD = re.compile(r"[^\W\d_]+")
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)")
# Suffixes may follow an apostrophe: "TL'dir", "15:00'te".
_APOSTROPHE = re.compile(r"'\w*")
_SENTENCE = re.compile(r"[.!?;…]+(?:\s+|$)|\n+")
_LANGUAGES = frozenset({"tr", "en", "de"})


def violations(reply: str, said: Sequence[str], sources: Sequence[str]) -> tuple[str, ...]:
    """Unfounded claims in the reply, by kind; empty for a reply that may stand.

    `said` are the customer's own words, `sources` the shop's own texts on the matter.
    """
    text, owned = _harmless().sub(" ", _normal(reply)), _normal(" ".join(sources))
    known = f"{owned} {_normal(' '.join(said))}"
    found = [*_form(reply)]
    if not set(_figures(text)) <= set(_figures(known)) | _ALWAYS:
        found.append("figure")
    if not _numbers(text) <= _numbers(known):
        found.append("number word")
    if not _words(text, "times") <= _words(known, "times"):
        found.append("time")
    if not (_money(text) <= _money(owned) and set(_amounts(text)) <= set(_amounts(owned))):
        found.append("money")
    found += [kind for kind, claim in _claims().items() if _is_invented(claim, text, owned)]
    if _strange(reply, sources):
        found.append("unknown words")
    return tuple(found)


def _form(reply: str) -> Iterable[str]:
    if not reply.strip() or len(reply) > LONGEST_REPLY:
        yield "length"
    if spoken_in(read(reply).words).main not in _LANGUAGES or _other_letters(reply):
        yield "language"


def _other_letters(reply: str) -> bool:
    """Whether there are letters of an alphabet in which claims would go unseen."""
    return any(letter.isalpha() and ord(letter) > 0x24F for letter in reply)


def _normal(text: str) -> str:
    """Folded on one line; a figure is separated from letters attached to it."""
    bare = _APOSTROPHE.sub(" ", fold(visible(text)))
    return " ".join(_GLUED.sub(" ", bare).split())


def _figures(text: str) -> list[str]:
    """Figures in one spelling: 1.250 and 1250 and 1.250,00; 9.00 and 09:00."""
    return [_figure(match.group()) for match in _FIGURE.finditer(text)]


def _figure(written: str) -> str:
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{1,2})?", written):
        return re.sub(r"[.,](?=\d{3})", "", re.sub(r"[.,]0{1,2}$", "", written))
    if time := re.fullmatch(r"(\d{1,2})[.:](\d\d)", written):
        return f"{int(time[1])}:{time[2]}"
    if re.fullmatch(r"\d{4,}[.,]00", written):
        return written[:-3]
    return written.lstrip("0") or "0"


def _amounts(text: str) -> list[str]:
    """Figures next to a currency or a per cent sign, with the sign: "1250 tl"."""
    money = "|".join(sorted(_list("money", "words"), key=len, reverse=True))
    beside = re.compile(
        rf"(\d+(?:[.,:/]\d+)*)\s*(bin|k|yuz|thousand)?\s*\b({money})\b|([€$₺£%])\s*(\d+(?:[.,]\d+)*)"
        r"|(\d+(?:[.,]\d+)*)\s*([€$₺£%])"
    )
    return [
        f"{_figure(one[1] or one[5] or one[6])} {one[2] or ''} {one[3] or one[4] or one[7]}"
        for one in beside.finditer(text)
    ]


def _money(text: str) -> set[str]:
    return _words(text, "money") | set(_SIGNS.findall(text))


def _words(text: str, table: str) -> set[str]:
    """Which of a table's words the text contains, whatever their endings."""
    single = {word for word in _list(table, "words") if "+" not in word}
    words = _WORD.findall(text)
    held = {word for word in words if word in single}
    for group in _list(table, "words") - single:
        if group.replace("+", " ") in text:
            held.add(group)
    return held


def _numbers(text: str) -> set[str]:
    """Number words; "on" counts only in a Turkish text."""
    held = set()
    language = spoken_in(read(text).words).main
    for spoken in _LANGUAGES:
        for word in _WORD.findall(text):
            if word in _list("numbers", spoken) and (word != "on" or language == "tr"):
                held.add(word)
    return held


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(table_of('guard')['harmless']['phrases'])})\b")


def _strange(reply: str, sources: Sequence[str]) -> bool:
    """Whether nobody at the shop has used half of a sentence's words.

    A claim that no list foresees mostly comes in new words, or in the customer's.
    """
    known = [word for text in sources for word in telling_words(text)]
    sentences = (telling_words(sentence) for sentence in _SENTENCE.split(reply))
    return any(len(one) > 1 and _unknown(one, known) * 2 >= len(one) for one in sentences)


def _unknown(words: Sequence[str], known: Sequence[str]) -> int:
    return sum(not (_is_courtesy(word) or _is_among(word, known)) for word in words)


def _is_among(word: str, others: Iterable[str]) -> bool:
    return any(word[0] == other[0] and is_like(word, other) for other in others)


@lru_cache(4096)
def _is_courtesy(word: str) -> bool:
    return _is_among(word, _courtesy())


@cache
def _courtesy() -> frozenset[str]:
    """Courtesies in the templates of any language, plus a list."""
    texts = [table_of("guard")["courtesy"]["words"]]
    for name in ("business", "technical", "general"):
        texts += [text for topic in topics_of(name).each for text in topic.reply.values()]
    for sentences in table_of("asks").values():
        texts += sentences["ask"].values()
    return frozenset(token for text in texts for token in telling_words(text))


@cache
def _list(table: str, key: str) -> frozenset[str]:
    return frozenset(table_of("guard")[table][key].split())


@cache
def _claims() -> dict[str, re.Pattern[str]]:
    return {
        kind: re.compile(rf"\b(?:{'|'.join(patterns)})")
        for kind, patterns in table_of("guard")["claims"].items()
    }


def _is_invented(claim: re.Pattern[str], text: str, owned: str) -> bool:
    """Whether the reply claims something that the shop's texts do not say in the same words."""
    return any(
        f" {match.group()[:_LONGEST_BEGINNING]}" not in f" {owned}"
        for match in claim.finditer(text)
    )
