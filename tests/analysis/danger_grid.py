"""Sentences of danger and their harmless twins, combined at random from `danger-grid.toml`.

`python -m tests.analysis.danger_grid` prints how many are recognised and how many raise a false
alarm. Each part meets each of its faults; what surrounds them, the order and the spelling are drawn
from a seed.
"""

import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from izer_bridge.analysis.local.danger import dangers_of
from izer_bridge.domain.danger import Danger

LANGUAGES = ("tr", "en", "de")
_GRID = Path(__file__).parents[1] / "data" / "danger-grid.toml"
_SEED = 20_260
_UNDOTTED = str.maketrans("çğıöşüÇĞİÖŞÜäÄ", "cgiosuCGIOSUaA")
_SHORTEST_MISTYPED = 6


class Sentence(NamedTuple):
    """A text and the danger that it reports, None for a harmless one."""

    text: str
    danger: Danger | None


def sentences(language: str) -> Iterator[Sentence]:
    """Sentences of danger: each part with each fault, alone and among other topics."""
    table, chance = words_of(language), Random(_SEED)
    for group in table["danger"]:
        danger = Danger(group["kind"])
        for part in group["parts"]:
            for fault in group["faults"]:
                said = f"{part} {fault}".strip()
                yield Sentence(_spelt(said, chance), danger)
                yield Sentence(_amid(said, table, chance), danger)


def harmless(language: str, rounds: int = 8) -> Iterator[Sentence]:
    """Sentences that only sound like it, alone and among other topics."""
    table, chance = words_of(language), Random(_SEED)
    for said in table["calm"]["plain"]:
        yield Sentence(said, None)
        for _ in range(rounds):
            yield Sentence(_amid(said, table, chance), None)


def missed(found: Iterable[Sentence]) -> list[Sentence]:
    """Dangers that are not recognised, and harmless ones that raise an alarm."""
    return [
        one
        for one in found
        if (one.danger not in dangers_of(one.text) if one.danger else dangers_of(one.text))
    ]


def main() -> None:
    for language in LANGUAGES:
        told, calm = list(sentences(language)), list(harmless(language))
        recall = 100 - 100 * len(missed(told)) / len(told)
        alarms = 100 * len(missed(calm)) / len(calm)
        print(  # noqa: T201
            f"{language}: {recall:.1f} % of {len(told)} seen, {alarms:.1f} % of {len(calm)} alarm"
        )


def _amid(said: str, table: dict[str, Any], chance: Random) -> str:
    """With haste, politeness, a question and other topics before or after it."""
    spelt = _spelt(said, chance)
    before = [chance.choice(table["politeness"]), chance.choice(table["haste"])]
    after = [chance.choice(table["question"]), chance.choice(table["around"])]
    if chance.random() < 0.3:
        before, after = after, before
    pause = chance.choice([" ", ", ", ". ", "\n"])
    return pause.join(filter(None, [*before, spelt, *after]))


def _spelt(said: str, chance: Random) -> str:
    way = chance.choice((_as_it_is, _undotted, _shouted, _lower, _stretched, _mistyped))
    return way(said, chance)


def _as_it_is(said: str, chance: Random) -> str:
    return said


def _undotted(said: str, chance: Random) -> str:
    return said.translate(_UNDOTTED)


def _shouted(said: str, chance: Random) -> str:
    return said.replace("i", "İ").upper() + "!!"


def _lower(said: str, chance: Random) -> str:
    return said.lower().replace(",", "").replace("'", "")


def _stretched(said: str, chance: Random) -> str:
    return said + said[-1] * 4


def _mistyped(said: str, chance: Random) -> str:
    """One longer word with a letter doubled, left out or swapped."""
    words = said.split()
    long = [place for place, word in enumerate(words) if len(word) >= _SHORTEST_MISTYPED]
    if long:
        place = chance.choice(long)
        words[place] = _slip(words[place], chance)
    return " ".join(words)


def _slip(word: str, chance: Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice(
        (
            word[:at] + word[at] * 2 + word[at + 1 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


@cache
def words_of(language: str) -> dict[str, Any]:
    grid: dict[str, Any] = tomllib.loads(_GRID.read_text("utf-8"))
    return grid[language]  # type: ignore[no-any-return]


if __name__ == "__main__":
    main()
