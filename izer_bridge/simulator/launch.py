"""Runs izer-bridge so that it trusts the simulator: `launch --root-key HEX -- run …`."""

import sys

from izer_bridge.__main__ import main
from izer_bridge.analysis.local import analyser

_USAGE = "usage: python -m izer_bridge.simulator.launch --root-key HEX -- ARGUMENTS"


def launch(arguments: list[str]) -> None:
    match arguments:
        case ["--root-key", key, "--", *rest]:
            # Trusting loads the client, before which the product loads its analyser: `run_cli`.
            analyser.prepare()
            from izer_bridge.simulator.trust import trust

            trust(bytes.fromhex(key))
            main(rest)
        case _:
            sys.exit(_USAGE)


if __name__ == "__main__":
    launch(sys.argv[1:])
