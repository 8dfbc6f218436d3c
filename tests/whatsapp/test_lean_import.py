"""What the client loads and the bridge does not need."""

import subprocess
import sys

_LOADED = """
import sys, izer_bridge.daemon
print(*sorted({"PIL", "requests", "httpx", "bs4", "tqdm", "openai", "alembic"} & set(sys.modules)))
import requests, PIL.Image
assert requests.get and PIL.Image.open
"""


def test_a_bridge_loads_no_packages_for_stickers_and_previews() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
