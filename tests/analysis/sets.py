"""The labelled sets beside the tests, read once."""

from functools import cache
from pathlib import Path

from izer_bridge.analysis import local
from izer_bridge.analysis.evaluation import Labelled, Report, evaluate

DATA = Path(__file__).parents[1] / "data"


@cache
def labelled(name: str) -> tuple[Labelled, ...]:
    """The messages of `tests/data/{name}.jsonl`."""
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    return tuple(Labelled.model_validate_json(line) for line in lines if line)


@cache
def report(name: str) -> Report:
    """How the local analyser does on a set."""
    messages = labelled(name)
    return evaluate(messages, {one.id: local.analyse(one.subject) for one in messages})
