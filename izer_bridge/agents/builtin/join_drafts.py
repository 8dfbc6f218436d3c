"""Joins the answers to everything that a customer has asked in a row. Pure: it writes no draft."""

import re
from collections.abc import Iterable, Sequence

from izer_bridge.agents.builtin.topic import Draft, topics_of
from izer_bridge.domain.danger import Danger

# As much as fits into one message; earlier questions are left to a person.
MOST_ASKED = 5
_GREETING = re.compile(
    r"^(?:merhaba(?:lar)?|selam(?:lar)?|[iİ]yi (?:günler|akşamlar|çalışmalar)|günaydın"
    r"|hello|hi|hallo|guten tag|good (?:morning|afternoon|evening))\b[\s,.!:–-]*",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?…])(?=\s)")


def joined(drafts: Sequence[Draft], told_before: Iterable[Danger] = ()) -> Draft:
    """The latest of these, oldest first, joined; as confident as the least confident of them.

    It is fixed: a model that reworded two answers might give one the other's figures. It also names
    the dangers that were `told_before` them.
    """
    kept = drafts[-MOST_ASKED:]
    if len(drafts) == 1:
        return drafts[0]
    told = (*told_before, *(danger for one in drafts for danger in one.dangers))
    return Draft(
        topic="+".join(dict.fromkeys(one.topic for one in kept)),
        reply="\n".join(_parts(kept)),
        confidence=min(one.confidence for one in kept),
        needs_human=any(one.needs_human for one in kept) or len(kept) < len(drafts),
        steps=tuple(dict.fromkeys(step for one in kept for step in one.steps)),
        facts=tuple(dict.fromkeys(fact for one in kept for fact in one.facts)),
        sources=tuple(dict.fromkeys(source for one in kept for source in one.sources)),
        is_fixed=True,
        asks=tuple(dict.fromkeys(name for one in kept for name in one.asks)),
        dangers=tuple(dict.fromkeys(told)),
    )


def _opening(draft: Draft) -> str:
    """What introduces the shop's own words, in a language that they are not written in."""
    if not draft.sources:
        return ""
    known = topics_of("general").named("known").reply.values()
    openings = (one.partition("{}")[0].strip() for one in known)
    return next((one for one in openings if one and draft.reply.startswith(one)), "")


def _parts(drafts: Iterable[Draft]) -> list[str]:
    """Each once: no template sentence is repeated; the shop's own words stay whole."""
    parts: list[str] = []
    said: set[str] = set()
    for draft in drafts:
        reply = _GREETING.sub("", draft.reply, count=1) if parts else draft.reply
        if (opening := _opening(draft)) and opening in said:
            reply = reply.removeprefix(opening).lstrip()
        said.add(opening)
        sentences = _SENTENCES.split(reply)
        new = [one for one in sentences if draft.sources or one.strip() not in said]
        part = "".join(new).strip()
        said.update(one.strip() for one in sentences)
        if part and part not in parts:
            parts.append(part)
    return parts
