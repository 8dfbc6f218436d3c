"""What the client loads and the bridge does not need."""

import subprocess
import sys

_UNUSED = (
    *("PIL", "requests", "httpx", "bs4", "tqdm", "openai", "alembic", "segno", "multiprocessing"),
    *("sqlalchemy.dialects.mysql", "sqlalchemy.orm", "pydoc"),
)
_LOADED = f"""
import sys, izer_bridge.daemon, izer_bridge.analysis.masking
print(*sorted({{*{_UNUSED}}} & set(sys.modules)))
import requests, PIL.Image, segno, concurrent.futures
assert requests.get and PIL.Image.open and segno.make_qr
assert concurrent.futures.ProcessPoolExecutor.__module__ == "concurrent.futures.process"
"""


def test_a_bridge_loads_no_packages_for_stickers_and_previews() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
