"""The manual page, and what the shells complete `izer-bridge` by: made and put with a release."""

import gzip
import shutil
from pathlib import Path

from machine import remove, run

_PAGE = "izer-bridge.1.gz"
_SHARE = Path("/usr/local/share")
_PLACES = {
    _PAGE: _SHARE / "man/man1/izer-bridge.1.gz",
    "bash": _SHARE / "bash-completion/completions/izer-bridge",
    "zsh": _SHARE / "zsh/site-functions/_izer-bridge",
    "fish": Path("/etc/fish/completions/izer-bridge.fish"),
}


def make(programs: Path, folder: Path, environment: dict[str, str]) -> None:
    """Write them as the release in whose `programs` they are tells them. Raises CannotError."""
    folder.mkdir()
    page = run(programs / "python", "-I", "-m", "izer_bridge.manual", env=environment)
    (folder / _PAGE).write_bytes(gzip.compress(page.encode(), mtime=0))
    for shell in _PLACES.keys() - {_PAGE}:
        asked = environment | {"_IZER_BRIDGE_COMPLETE": f"source_{shell}"}
        text = run(programs / "izer-bridge", "--help", env=asked).lstrip()
        # zsh runs the file at the first completion, and only then knows the function.
        more = '_izer_bridge_completion "$@"\n' if shell == "zsh" else ""
        (folder / shell).write_text(f"{text}{more}", "utf-8")


def put(folder: Path) -> None:
    """What is in `folder` to where man and the shells that are here look for it."""
    for name, place in _PLACES.items():
        if name == _PAGE or shutil.which(name):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, place)
            place.chmod(0o644)


def take_away() -> None:
    for place in _PLACES.values():
        remove(place)
