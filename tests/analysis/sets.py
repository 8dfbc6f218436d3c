"""The labelled sets beside the tests, read once.

- `analysis-dev` came with the task; nothing is learnt from it
- `analysis-train` teaches learned.json
- `analysis-heldout` is by two authors who wrote neither the word lists nor any of the training set;
  nothing is learnt from it and nothing was mended for it. `held` is like `analysis-dev`, `heldout`
  meant to be harder

An id begins with its author.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from izer_bridge.analysis.local import analyser as local_analyser
from izer_bridge.trials.scoring import EvaluationReport, Labelled, Scores, evaluate

DATA = Path(__file__).parents[1] / "data"


@cache
def labelled(name: str) -> tuple[Labelled, ...]:
    """The messages of `tests/data/{name}.jsonl`."""
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(Labelled.model_validate_json(line) for line in lines if line)


def author_of(one: Labelled) -> str:
    return one.id.partition("-")[0]


def by_author(messages: Iterable[Labelled]) -> dict[str, list[Labelled]]:
    """Who has written what."""
    found: dict[str, list[Labelled]] = defaultdict(list)
    for one in messages:
        found[author_of(one)].append(one)
    return found


@cache
def report(name: str) -> EvaluationReport:
    """The local analyser's result on a set."""
    return _judged(labelled(name))


def reports_by_author(name: str) -> dict[str, EvaluationReport]:
    return {author: _judged(own) for author, own in by_author(labelled(name)).items()}


def _judged(messages: Sequence[Labelled]) -> EvaluationReport:
    return evaluate(messages, {one.id: local_analyser.analyse(one.subject) for one in messages})


def as_line(scores: Scores) -> str:
    values = ((field.name, getattr(scores, field.name)) for field in fields(scores))
    return "  ".join(f"{name} {value:.3g}" for name, value in values if value is not None)
