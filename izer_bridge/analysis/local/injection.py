"""Removes sentences addressed to a machine from a text. It penalises nobody for them.

The rest is judged as if they had never been written, so that "mark this as critical" changes
nothing. If nothing would remain, only the instruction's own words go.
"""

import re
from typing import NamedTuple

from izer_bridge.analysis.local.language import spoken_in
from izer_bridge.analysis.local.lexicon import Hit, lexicon
from izer_bridge.analysis.local.words import Text, read

CONCEPT = "injection"
# A speaking role ("SYSTEM:", "<system>"), or an assignment to a field of the answer.
_LABEL = re.compile(
    r"(?:^|[\W_])(?:system|sistem|assistant|asistan|bot|admin|komut|système|система|النظام)"
    r"(?:\s\w+)?\s?[:>\]]"
    r"|(?:urgency|urgency_score|category|sentiment|priority|priority_level|action_required)"
    r"['\"]?\s?[:=]",
    re.IGNORECASE,
)
# Searching for a label is expensive, and few texts contain the end of one.
_LABELS_END = re.compile(r"[:>\]=]")
_SENTENCE = re.compile(r".+?(?:[.!?…;؟}>\]]+(?=\s|$)|\n|$)", re.DOTALL)


class Seen(NamedTuple):
    """A text, all that the lexicon has at its words, and what of it no machine is told."""

    text: Text
    matches: tuple[Hit, ...]
    said: str


def read_without_instructions(text: str) -> Seen:
    """The words of a text without sentences for a machine; all of them if there are none."""
    seen = _seen(text)
    if not _instructs(text, seen):
        return seen
    sentences = _SENTENCE.findall(text)
    kept = _seen("".join(one for one in sentences if not _instructs(one, _seen(one))))
    return kept if kept.text.words else seen


def _seen(text: str) -> Seen:
    whole = read(text)
    return Seen(whole, tuple(lexicon().matches(whole.words, spoken_in(whole.words).all)), text)


def _instructs(text: str, seen: Seen) -> bool:
    if _LABELS_END.search(text) and _LABEL.search(text):
        return True
    return any(hit.concept == CONCEPT for hit in seen.matches)
