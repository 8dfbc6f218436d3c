"""Whether words assert what they name: not denied, asked, supposed, hearsay, or over.

It goes by the surrounding words, as ConText does for clinical notes; it does not know what the
words name.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from izer_bridge.analysis.local.spelling import Mark
from izer_bridge.analysis.local.words import Word, asks

# A denial is within this many words of what it denies; for something that should happen the reach
# is wider: "greift einfach gar nicht".
_BESIDE, _REACH = 2, 3
_PLUPERFECT = re.compile(r"m[iu]s[dt][iu]")
_IMPERFECT = re.compile(r"yor?d[iu]")
_ONGOING = re.compile(r"[iu]yo")
# geçen ay aldığım gidon kırıldı: the past purchase fails now.
_RELATIVE = re.compile(r"[dt][iu][gk][iu]")
# These forms assert something only if more follows: kopmak üzere, sallanmaya başladı.
_FINITE = re.compile(r"(?:[dt][iu]|yor?|m[iu]s)(?:m|k|n|n[iu]z|l[ae]r|[iu]z|uz)?$")
_ATTEMPT = re.compile(r"m[ae](?:y[ae]|k)$")
_AND = ("and", "but", "so", "und", "aber", "ve", "ama")
_BEGINS = ("basla", "calis")
_FOLLOWED = {"mak": ("uzere",), "mek": ("uzere",), "maya": _BEGINS, "meye": _BEGINS}


class Assertions:
    """The marks of one text; answers which of them are asserted."""

    def __init__(self, words: Sequence[Word], marks: Sequence[Mark]) -> None:
        self._words = words
        self._by_name: dict[str, list[Mark]] = defaultdict(list)
        for mark in marks:
            self._by_name[mark.name].append(mark)

    def has(self, name: str) -> bool:
        return name in self._by_name

    def are(self, names: Sequence[str], places: Iterable[int]) -> bool:
        """Whether the words at all of these places are in lists of these names."""
        return all(any(self._is_at(name, place) for name in names) for place in places)

    def is_undone(self, mark: Mark) -> bool:
        """Whether the text says that something that should happen does not."""
        return any(
            -_REACH <= no.first - mark.last <= _REACH and self._same_sentence(no, mark)
            for no in self._named("no")
        )

    def is_finite(self, mark: Mark) -> bool:
        """A finite verb ends a Turkish sentence: what comes after it is a separate statement."""
        return bool(_FINITE.search(self._words[mark.last].folded))

    def is_denied(self, mark: Mark) -> bool:
        """kırık değil, çatlak yok; not broken, kein Riss."""
        return any(self._denies(no, mark) for no in self._named("no"))

    def holds(self, mark: Mark, of: Mark, over: Sequence[str]) -> bool:
        """Whether the mark is asserted of the other one.

        `over` are names of marks that, further on, say that it is no longer so.
        """
        return not (
            self._is_unfinished(mark)
            or self._is_asked(mark, of)
            or self._is_supposed(of)
            or self._is_slight(mark)
            or self._is_hearsay(mark)
            or self._is_past(mark)
            or self._is_over(mark, over)
        )

    def _denies(self, no: Mark, mark: Mark) -> bool:
        if not self._same_clause(no, mark):
            return False
        if 0 < no.first - mark.last <= _BESIDE:
            return not (self._is_at("absent", no.first) and self.is_finite(mark))
        return not self._is_at("no_after", no.first) and 0 < mark.first - no.last <= _BESIDE

    def _is_unfinished(self, mark: Mark) -> bool:
        """A form that asserts nothing without what follows it."""
        word = self._words[mark.last].folded
        following = self._words[mark.last + 1].folded if mark.last + 1 < len(self._words) else ""
        return any(
            word.endswith(ending)
            and len(word) > len(ending) + 1
            and not following.startswith(needed)
            for ending, needed in _FOLLOWED.items()
        )

    def _is_asked(self, mark: Mark, of: Mark) -> bool:
        """kırıldı mı, çatlak var mı, kopmuş olabilir mi; gevşek göbek mi; tel mi gevşek."""
        if asks(self._words[mark.last].folded):
            return True
        last = (of if of.first == mark.last + 1 else mark).last
        after = last + 1 + self._is_at("maybe", last + 1)
        if self._is_at("asked", after) and self._words[after].clause == self._words[last].clause:
            return True
        is_after_particle = self._is_at("asked", mark.first - 1)
        return is_after_particle and not self._is_at("whole", mark.first - 2)

    def _is_supposed(self, of: Mark) -> bool:
        """can a carbon frame break; if the fork has a crack; is it; no "jetzt ist die Gabel"."""
        place = of.first - 1
        while place >= 0 and self._is_at("beside", place):
            place -= 1
        clause = self._words[of.first].clause
        if place < 0 or self._words[place].clause != clause:
            return False
        begins = place == 0 or self._words[place - 1].clause != clause
        return self._is_at("supposed", place) or (begins and self._is_at("inverted", place))

    def _is_slight(self, mark: Mark) -> bool:
        return mark.name == "loose" and any(
            abs(mark.first - slight.first) <= _REACH for slight in self._named("slightly")
        )

    def _is_hearsay(self, mark: Mark) -> bool:
        return any(self._same_sentence(one, mark) for one in self._named("hearsay"))

    def _is_past(self, mark: Mark) -> bool:
        """geçen sene düştüm; kaza yapmıştım."""
        word = self._words[mark.last].folded
        if _PLUPERFECT.search(word):
            return True
        return not self._is_ongoing(mark) and any(
            self._is_then(past, mark) for past in self._named("past")
        )

    def _is_then(self, past: Mark, mark: Mark) -> bool:
        first, last = sorted((past, mark), key=lambda one: one.first)
        between = self._words[first.last + 1 : last.first]
        is_another = any(_RELATIVE.search(word.folded) for word in between) or (
            last is past and not self._ends_clause(past)
        )
        return self._same_clause(past, mark) and len(between) <= _BESIDE and not is_another

    def _ends_clause(self, mark: Mark) -> bool:
        following = self._words[mark.last + 1 : mark.last + 2]
        return not any(
            word.clause == self._words[mark.last].clause and word.folded not in _AND
            for word in following
        )

    def _is_ongoing(self, mark: Mark) -> bool:
        word = self._words[mark.last].folded
        return bool(_ONGOING.search(word)) and not _IMPERFECT.search(word)

    def _is_over(self, mark: Mark, over: Sequence[str]) -> bool:
        """It was repaired, found or put out; and not "ama yine"."""
        ends = [one for name in over for one in self._named(name) if one.first > mark.last]
        thanked = any(one.first > mark.last for one in self._named("thanks"))
        if thanked and not self._is_ongoing(mark):
            ends += [one for one in self._named("repaired") if one.first > mark.last]
            if _IMPERFECT.search(self._words[mark.last].folded):
                return True
        return any(
            not self._is_soon_after(one, "still") and not self._is_attempt(one) for one in ends
        )

    def _is_attempt(self, mark: Mark) -> bool:
        """düzeltmeye çalıştım"""
        return bool(_ATTEMPT.search(self._words[mark.last].folded))

    def _is_soon_after(self, mark: Mark, name: str) -> bool:
        return any(0 < one.first - mark.last <= _REACH for one in self._named(name))

    def _named(self, name: str) -> Sequence[Mark]:
        return self._by_name.get(name, ())

    def _is_at(self, name: str, place: int) -> bool:
        return any(mark.first <= place <= mark.last for mark in self._named(name))

    def _same_sentence(self, one: Mark, other: Mark) -> bool:
        return self._words[one.first].sentence == self._words[other.first].sentence

    def _same_clause(self, one: Mark, other: Mark) -> bool:
        return self._words[one.first].clause == self._words[other.last].clause
