"""Splits a message into clauses. Pure; it does not judge what they say.

People type without full stops, and Turkish ends a clause with its verb: "kask küçük geldi iade
edebilir miyim bi de kaçta kapatıyosunuz" is three clauses.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from izer_bridge.agents.builtin.meant_words import is_seeking, meant_words
from izer_bridge.analysis.local.words import Word, asks, is_told, read

_REMEMBERED = 1 << 10
# Text after this many clauses is one clause.
MOST_CLAUSES = 12
_MARKS = ("?", "؟")
_AFTER_A_QUESTION = re.compile(r"(?<=[?؟])(?=\s)")
_PERSONS = ("", "yim", "yiz", "siniz", "sin", "dir", "ydi", "sunuz", "sun", "yum", "yuz")
_PARTICLES = frozenset(f"{particle}{person}" for particle in ("mi", "mu") for person in _PERSONS)
_WHAT = frozenset(
    "ne neden nerede nerde neresi nereye nasil kac kaca kacta kacda kacdan kim kimle hangi "  # noqa: SIM905
    "hangisi nedir nezaman napayim kacadir neredesiniz nerdesiniz neydi neresiydi kacti kacaydi "
    "what when where how which who can could do does is are wann "
    "wo wie was welche wer konnen kann haben habt что когда где как сколько "
    "можно متى اين كم هل".split()
)
_JOINING = frozenset("ayrica ayriyeten birde bide hem ama fakat yoksa and und".split())  # noqa: SIM905
# A question without a verb ends with these: "bakım fiyatı nedir", "kask ne kadar".
_LAST = frozenset({"nedir", "neresi", "nerede", "nerde", "nerdesiniz", "neredesiniz"})
_HOW_MUCH = frozenset({"kadar", "para", "lira", "tl", "tutar", "gun", "yil"})
# "Bıraksam olur mu" is one clause.
_WOULD_DO = frozenset({"olur", "mumkun", "uygun", "sorun", "olabilir", "ne", "nasil"})
_IF = ("sam", "sem", "sak", "sek", "sayim", "seyim")


# "Kredi" ends as a verb that is told does.
_ENDING_LIKE_VERBS = frozenset({"kredi", "kendi", "simdi", "hangi", "lastik", "plastik"})
_TRAILING = frozenset("da de ya yaa yav yahu iste yani galiba sanirim abi usta hocam".split())  # noqa: SIM905
# Patladı, küçük geldi; but "soracaktım" and "istiyordum" wish.
_HAPPENED = re.compile(
    r"\w{2}(?<!yor)(?<!yo)(?<!c[ae]k)(?:d|(?<=[cfhkpst])t)[iu][mk]?$|\w{2}m[iu]s(?:[iu]m)?$"
)
# Gecikicem, getireceğim.
_WILL = re.compile(r"\w{2}c[ae](?:m|z|g[iu]m|g[iu]z)$")
_DOING = re.compile(r"\w{2}(?:[iu]yor?(?:s[iu]n[iu]z|sun|lar|uz)?|[aeiu]rs[iu]n[iu]z)$")


def clauses_of(text: str) -> tuple[str, ...]:
    """Its clauses in their order, as they were written; a question keeps its mark."""
    found: list[str] = []
    for part in _AFTER_A_QUESTION.split(text):
        clauses = [" ".join(word.written for word in one) for one in _clauses(part) if one]
        if clauses and part.endswith(_MARKS):
            clauses[-1] += "?"
        found += clauses
    return (*found[:MOST_CLAUSES], *filter(None, [" ".join(found[MOST_CLAUSES:])]))


def _clauses(text: str) -> list[list[Word]]:
    found: list[list[Word]] = [[]]
    words = read(text).words
    for place, word in enumerate(words):
        own = found[-1]
        if own and (word.clause != own[-1].clause or _begins(words, place)):
            own = []
            found.append(own)
        own.append(word)
        after = words[place + 1] if place + 1 < len(words) else None
        if after is not None and _ends(own, after):
            found.append([])
    return found


@lru_cache(_REMEMBERED)
def is_asking(text: str) -> bool:
    """Whether it shows a sign of a question."""
    if any(mark in text for mark in _MARKS):
        return True
    folded = [word.folded for word in meant_words(text)]
    return any(one in _WHAT or one in _PARTICLES or asks(one) for one in folded)


def is_report(text: str) -> bool:
    """Whether it says what has happened, and asks and wishes nothing."""
    words = [word.folded for word in meant_words(text) if word.folded not in _TRAILING]
    if not words or is_asking(text) or any(map(is_seeking, words)):
        return False
    return bool(_HAPPENED.search(words[-1]))


def _begins(words: Sequence[Word], place: int) -> bool:
    """`bi de`, `bir de` and the like."""
    word = words[place].folded
    following = words[place + 1].folded if place + 1 < len(words) else ""
    return word in _JOINING or (word == "bir" and following in ("de", "da"))


def _ends(own: Sequence[Word], after: Word) -> bool:
    """Whether the last word of a clause ends it."""
    word, before = own[-1], own[-2].folded if own[1:] else ""
    if after.folded in _PARTICLES or (word.folded.endswith(_IF) and after.folded in _WOULD_DO):
        return False
    if after.folded.startswith(("tut", "sur")):
        return False
    if word.folded in _LAST or (before in ("ne", "kac") and word.folded in _HOW_MUCH):
        return True
    is_told_so = word.folded.endswith(_IF) or (
        is_told(word.folded) and word.folded not in _ENDING_LIKE_VERBS
    )
    # "Kaç taksit yapıyosunuz": what asks stands before the verb.
    is_asked = bool(_DOING.search(word.folded)) and any(one.folded in _WHAT for one in own)
    is_done = is_told_so or is_asked or bool(_WILL.search(word.folded))
    is_particle = asks(word.folded) and word.folded != "yirmi"
    return word.folded in _PARTICLES or is_particle or (is_done and len(word.folded) > 4)
