"""Takes out of a text the sentences that speak to a machine. It punishes nobody for them.

What remains is judged as if they had never been written, so that "mark this as critical" moves
nothing. Where nothing would remain, only the instruction's own words go.
"""

import re

from izer_bridge.analysis.language import spoken_in
from izer_bridge.analysis.lexicon import lexicon
from izer_bridge.analysis.words import Text, read

CONCEPT = "injection"
THEME = ("instructions",)
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


def read_without_instructions(text: str) -> Text:
    """The words of a text without sentences for a machine; all of them when there are none."""
    seen = read(text)
    if not _instructs(text, seen):
        return seen
    kept = read("".join(one for one in _SENTENCE.findall(text) if not _instructs(one, read(one))))
    return kept if kept.words else seen


def _instructs(text: str, seen: Text) -> bool:
    if _LABELS_END.search(text) and _LABEL.search(text):
        return True
    return lexicon(THEME).mentions(CONCEPT, seen.words, spoken_in(seen.words).all)
