"""A command loads what it needs: one that only asks the store starts no client and no analyser."""

import json
import subprocess
import sys

import pytest

from tests.console.leaves import LASTING, LEAVES, as_typed

_HEAVY = ("neonize", "izer_bridge.analysis.local.analyser", "izer_bridge.agents.builtin", "openai")
# They judge a message, or try the whole chain.
_JUDGING = {("doctor",), ("config", "check"), ("route",), ("explain",), ("evaluate",), ("replay",)}
_IN_TURN = """
import json, sys
from izer_bridge.__main__ import main

heavy, lines = json.loads(sys.argv[1])
found = {}
for line in lines:
    before = set(sys.modules)
    try:
        main(line)
    except SystemExit:
        loaded = set(sys.modules) - before
        found[" ".join(line)] = [name for name in heavy if name in loaded]
print(json.dumps(found), file=sys.stderr)
"""


@pytest.mark.usefixtures("shop")
def test_only_what_judges_loads_an_analyser_and_none_loads_the_client() -> None:
    lines = [as_typed(path) for path in LEAVES if path not in LASTING | _JUDGING]
    ended = subprocess.run(
        [sys.executable, "-c", _IN_TURN, json.dumps([_HEAVY, lines])],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ended.stderr.splitlines()[-1])
    assert len(found) == len(lines)
    assert {line: names for line, names in found.items() if names} == {}
