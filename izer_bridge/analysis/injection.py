"""Takes out of a text the sentences that speak to a machine. It punishes nobody for them.

What remains is judged as if they had never been written, so that "mark this as critical" moves
nothing. Where nothing would remain, only the instruction's own words go.
"""

import re

from izer_bridge.analysis.language import languages_in
from izer_bridge.analysis.lexicon import lexicon
from izer_bridge.analysis.words import read

CONCEPT = "injection"
THEME = ("instructions",)
# A role that speaks ("SYSTEM:", "<system>"), or a field of the answer that is set.
_LABEL = re.compile(
    r"(?:^|[\W_])(?:system|sistem|assistant|asistan|bot|admin|komut|système|система|النظام)"
    r"(?:\s\w+)?\s?[:>\]]"
    r"|(?:urgency|urgency_score|category|sentiment|priority|priority_level|action_required)\s?[:=]",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r".+?(?:[.!?…;؟]+(?=\s|$)|\n|$)", re.DOTALL)


def without_instructions(text: str) -> str:
    """The text without sentences for a machine; unchanged when there are none."""
    if not _instructs(text):
        return text
    kept = "".join(part for part in _SENTENCE.findall(text) if not _instructs(part))
    return kept if read(kept).words else text


def _instructs(text: str) -> bool:
    if _LABEL.search(text):
        return True
    words = read(text).words
    return lexicon(THEME).mentions(CONCEPT, words, languages_in(words))
