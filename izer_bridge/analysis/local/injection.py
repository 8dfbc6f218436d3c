"""Takes out of a text the sentences that speak to a machine. It punishes nobody for them.

What remains is judged as if they had never been written, so that "mark this as critical" moves
nothing. Where nothing would remain, only the instruction's own words go.
"""

import re
from typing import NamedTuple

from izer_bridge.analysis.local.language import spoken_in
from izer_bridge.analysis.local.lexicon import Hit, lexicon
from izer_bridge.analysis.local.words import Text, read

CONCEPT = "injection"
# A role that speaks ("SYSTEM:", "<system>"), or a field of the answer that is set.
_LABEL = re.compile(
    r"(?:^|[\W_])(?:system|sistem|assistant|asistan|bot|admin|komut|système|система|النظام)"
    r"(?:\s\w+)?\s?[:>\]]"
    r"|(?:urgency|urgency_score|category|sentiment|priority|priority_level|action_required)"
    r"['\"]?\s?[:=]",
    re.IGNORECASE,
)
# To look for a label is dear, and few texts have what ends one.
_LABELS_END = re.compile(r"[:>\]=]")
_SENTENCE = re.compile(r".+?(?:[.!?…;؟}>\]]+(?=\s|$)|\n|$)", re.DOTALL)


class Seen(NamedTuple):
    """A text, and all that the lexicon has at its words."""

    text: Text
    matches: tuple[Hit, ...]


def read_without_instructions(text: str) -> Seen:
    """The words of a text without sentences for a machine; all of them when there are none."""
    seen = _seen(text)
    if not _instructs(text, seen):
        return seen
    sentences = _SENTENCE.findall(text)
    kept = _seen("".join(one for one in sentences if not _instructs(one, _seen(one))))
    return kept if kept.text.words else seen


def _seen(text: str) -> Seen:
    whole = read(text)
    return Seen(whole, tuple(lexicon().matches(whole.words, spoken_in(whole.words).all)))


def _instructs(text: str, seen: Seen) -> bool:
    if _LABELS_END.search(text) and _LABEL.search(text):
        return True
    return any(hit.concept == CONCEPT for hit in seen.matches)
