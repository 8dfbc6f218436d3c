"""Customers' texts for a run, none of them twice, so that no cache helps their readers."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import count

from tests.analysis.sets import DATA

_SETS = ("analysis-train", "danger-train")


def different() -> Iterator[str]:
    """A round takes the same texts in each run, and in each of the programs compared."""
    texts = _texts()
    yield from texts
    # Two of them together are a third.
    for apart in count(1):
        yield from (f"{one}\n{texts[place - apart]}" for place, one in enumerate(texts))


@cache
def _texts() -> tuple[str, ...]:
    lines = [
        json.loads(line)
        for name in _SETS
        for line in (DATA / f"{name}.jsonl").open(encoding="utf-8")
    ]
    return tuple(dict.fromkeys(one.get("message") or one["text"] for one in lines))
