"""The wheels that a release is built from, so that an installation needs no network."""

import subprocess
import sys
from pathlib import Path

_PINS = Path(__file__).parents[2] / "scripts/pins"


def fill(folder: Path) -> None:
    """Exactly the files of the hashes in constraints.txt; pip has most of them in its cache."""
    folder.mkdir()
    pinned = folder / "pinned.txt"
    shown = [sys.executable, "-I", str(_PINS), "show", "build", "product"]
    pinned.write_text(subprocess.run(shown, capture_output=True, text=True, check=True).stdout)
    hashed = ("--require-hashes", "--only-binary", ":all:", "--requirement", str(pinned))
    download = ("-m", "pip", "download", "--quiet", "--no-deps", *hashed, "--dest", str(folder))
    subprocess.run([sys.executable, *download], check=True)
