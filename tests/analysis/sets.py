"""The labelled sets beside the tests, read once.

- `analysis-dev` came with the task; nothing is learnt from it
- `analysis-own` teaches learned.toml, with `analysis-phrases` and, since it is mended, `-fresh`
- `analysis-fresh` was written without a look at the lexicon, in four parts; each part was measured
  before the kinds of errors in it were mended (overall 91.2, 95.4, 86.7, 89.1 %)
- `analysis-unseen` was written and measured after that; nothing has been mended for it (96.5 %)
"""

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
