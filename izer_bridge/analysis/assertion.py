"""Whether words assert what they name: not denied, asked, supposed, heard of, or over.

It goes by the words around, as ConText does for doctors' notes; what they name, it does not know.
"""

import re
from collections.abc import Iterator, Sequence

from izer_bridge.analysis.spelling import Mark
from izer_bridge.analysis.words import Word, asks

# Within so many words a denial is meant, before what it denies and after it.
_BEFORE, _AFTER = 2, 2
# "greift nicht mehr", "is just not working": the denial of what should happen.
_REACH = 3
_PLUPERFECT = re.compile(r"m[iu]s[dt][iu]|y[dt][iu]m[iu]s")
_IMPERFECT = re.compile(r"(?:yo|yor)d[iu]")
_ONGOING = re.compile(r"yo(?:r|$)")
# Only where something follows from them are these forms told: kopmak üzere, sallanmaya başladı.
_BEGINS = ("basla", "calis")
_FOLLOWED = {"mak": ("uzere",), "mek": ("uzere",), "maya": _BEGINS, "meye": _BEGINS}
_PAST_REACH = 2
# geçen ay aldığım: what is bought then fails now.
_RELATIVE = re.compile(r"[dt][iu][gk][iu]")


class Assertions:
    """The marks of one text, asked for what is asserted."""

    def __init__(self, words: Sequence[Word], marks: Sequence[Mark]) -> None:
        self._words = words
        self._marks = marks

    def is_undone(self, mark: Mark) -> bool:
        """Whether it is said of something that should happen that it does not."""
        return any(
            -_REACH <= no.first - mark.last <= _REACH and self._same_sentence(no, mark)
            for no in self._named("no")
        )

    def holds(self, mark: Mark, of: Mark) -> bool:
        """Whether the mark is told of the other one as it is."""
        return not (
            self._is_unfinished(mark)
            or self._is_asked(mark, of)
            or self._is_supposed(of)
            or self._is_slight(mark)
            or self._is_hearsay(mark)
            or self._is_over(mark)
        )

    def is_denied(self, mark: Mark) -> bool:
        """kirik degil, çatlak yok; not broken, kein Riss."""
        return any(self._denies(no, mark) for no in self._named("no"))

    def has(self, name: str) -> bool:
        return any(True for _ in self._named(name))

    def _denies(self, no: Mark, mark: Mark) -> bool:
        if not self._same_clause(no, mark):
            return False
        if 0 < no.first - mark.last <= _AFTER:
            return True
        is_turkish = any(no[1:] == one[1:] for one in self._named("turkish_no"))
        return not is_turkish and 0 < mark.first - no.last <= _BEFORE

    def _is_unfinished(self, mark: Mark) -> bool:
        """A form that tells nothing without what follows it."""
        word = self._words[mark.last].folded
        for ending, needed in _FOLLOWED.items():
            if word.endswith(ending) and mark.first == mark.last and len(word) > len(ending) + 1:
                return not self._folded(mark.last + 1).startswith(needed)
        return False

    def _is_asked(self, mark: Mark, of: Mark) -> bool:
        """kırıldı mı, çatlak var mı, kopmuş olabilir mi; gevşek göbek mi."""
        place = (of if of.first == mark.last + 1 else mark).last + 1
        if self._is_at("maybe", place) or (
            self._is_at("there", place) and not asks(self._words[mark.last].folded)
        ):
            place += 1
        if (
            self._is_at("asked", place)
            and self._words[place].clause == self._words[mark.last].clause
        ):
            return True
        return asks(self._words[mark.last].folded)

    def _is_supposed(self, of: Mark) -> bool:
        """can a carbon frame break; if the fork has a crack; ob der Rahmen gebrochen ist."""
        place = of.first - 1
        while place >= 0 and self._is_at("beside", place):
            place -= 1
        return (
            self._is_at("supposed", place)
            and self._words[place].clause == self._words[of.first].clause
        )

    def _is_slight(self, mark: Mark) -> bool:
        return mark.name == "loose" and any(
            abs(mark.first - slight.first) <= _REACH for slight in self._named("slightly")
        )

    def _is_hearsay(self, mark: Mark) -> bool:
        return any(self._same_sentence(one, mark) for one in self._named("hearsay"))

    def _is_over(self, mark: Mark) -> bool:
        word = self._words[mark.last].folded
        if _PLUPERFECT.search(word):
            return True
        if not _ONGOING.search(word) or _IMPERFECT.search(word):
            near = (one for one in self._named("past") if self._same_sentence(one, mark))
            if any(self._is_near(one, mark) for one in near):
                return True
        is_still = self.has("still")
        return not is_still and any(one.first > mark.last for one in self._named("solved"))

    def _is_near(self, one: Mark, other: Mark) -> bool:
        first, last = sorted((one, other))
        between = self._words[first.last + 1 : last.first]
        return len(between) <= _PAST_REACH and not any(
            _RELATIVE.search(word.folded) for word in between
        )

    def _folded(self, place: int) -> str:
        return self._words[place].folded if place < len(self._words) else ""

    def _named(self, name: str) -> Iterator[Mark]:
        return (mark for mark in self._marks if mark.name == name)

    def _is_at(self, name: str, place: int) -> bool:
        return any(mark.first <= place <= mark.last for mark in self._named(name))

    def _same_sentence(self, one: Mark, other: Mark) -> bool:
        return self._words[one.first].sentence == self._words[other.first].sentence

    def _same_clause(self, one: Mark, other: Mark) -> bool:
        return self._words[one.first].clause == self._words[other.last].clause
