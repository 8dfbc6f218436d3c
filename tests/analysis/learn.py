"""Writes learned.toml from the texts in tests/data: `python -m tests.analysis.learn`.

Smoothed log-odds of each beginning of a word, as naive Bayes adds them, scaled so that the
lexicon keeps the upper hand. analysis-dev and analysis-unseen are left out: they shall measure what
this does.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.resources import files
from math import log
from pathlib import Path

from izer_bridge.analysis.injection import read_without_instructions
from izer_bridge.analysis.learned import HUNDREDTHS, beginnings
from izer_bridge.model.analysis import Category
from tests.analysis.sets import DATA, labelled

# Found by cross-validation over the parts of the sets; anything near does as well.
SMOOTHING = 2.0
SHARE = 0.35
LEAST_TEXTS = 2
TARGET = Path(str(files("izer_bridge.analysis") / "learned.toml"))
HEADER = f"""\
# What beginnings of words add to each category, in hundredths of a point:
# {", ".join(Category)}.
# Written by `python -m tests.analysis.learn`; change tests/data and run it again instead.
[points]
"""


def texts() -> Iterator[tuple[str, list[Category]]]:
    """Every training text with its accepted categories."""
    for one in (*labelled("analysis-own"), *labelled("analysis-fresh")):
        yield one.message, one.expected.category
    for line in (DATA / "analysis-phrases.jsonl").read_text("utf-8").splitlines():
        phrase = json.loads(line)
        yield phrase["text"], [Category(phrase["category"])]


def learned() -> dict[str, list[int]]:
    """Points in hundredths for each category, by beginning of a word."""
    seen: Counter[str] = Counter()
    of_category: Counter[Category] = Counter()
    together: dict[str, Counter[Category]] = defaultdict(Counter)
    for text, categories in texts():
        found = beginnings(read_without_instructions(text).words)
        seen.update(found)
        for category in categories:
            of_category[category] += 1
            for beginning in found:
                together[beginning][category] += 1
    return {
        beginning: _points(together[beginning], of_category)
        for beginning in sorted(seen)
        if seen[beginning] >= LEAST_TEXTS
    }


def _points(counts: Counter[Category], of_category: Counter[Category]) -> list[int]:
    shares = [
        (counts[one] + SMOOTHING / len(Category)) / (of_category[one] + SMOOTHING)
        for one in Category
    ]
    mean = sum(shares) / len(shares)
    return [round(SHARE * log(share / mean) * HUNDREDTHS) for share in shares]


def as_toml() -> str:
    lines = (
        f"{json.dumps(one, ensure_ascii=False)} = {points}" for one, points in learned().items()
    )
    return HEADER + "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(as_toml(), "utf-8")
