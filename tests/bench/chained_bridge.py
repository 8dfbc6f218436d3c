"""The simulator's bridge; each extension of the hash chain is a line of JSON in `CHAIN_NOTES`."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from izer_bridge.pipeline.store import hash_chain
from izer_bridge.simulator.launch import launch

NOTES = "CHAIN_NOTES"


def note_extensions(file: Path) -> None:
    """Its start, and how long it took by wall and thread time, in nanoseconds."""
    extend = hash_chain.extend

    def timed(*arguments: Any) -> None:
        began, worked = time.monotonic_ns(), time.thread_time_ns()
        extend(*arguments)
        worked, ended = time.thread_time_ns() - worked, time.monotonic_ns()
        with file.open("a") as noted:
            noted.write(json.dumps([began, ended - began, worked]) + "\n")

    replacements: dict[str, Any] = {"extend": timed}
    vars(hash_chain).update(replacements)


if __name__ == "__main__":
    note_extensions(Path(os.environ[NOTES]))
    launch(sys.argv[1:])
