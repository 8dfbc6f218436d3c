"""One version of izer-bridge, whole in a directory of its own; `current` points to the one in use.

A release is its virtual environment, named by version and content, with what belongs to it outside
of Python under `share/izer-bridge`. So going back is one link, and nothing is built twice.
"""

import hashlib
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import handbook
from machine import CHECKOUT, COMMAND, CURRENT, RELEASES, UNITS, remove, run, say, systemctl, write

_PACKAGED = ("izer_bridge", "pyproject.toml", "README.md", "LICENSE")
_SHARED = ("README.md", "config.toml", "systemd", "scripts/izer-bridge")
# Which town a number belongs to: 40 MB that a dependency has and nobody asks for.
_UNUSED = "lib/python*/site-packages/phonenumbers/geodata"
_CONSTRAINTS = "constraints.txt"
_PINS = "scripts/pins"
_PINNED = "pinned.txt"
_HANDBOOK = "handbook"
_FINISHED = "finished"


@dataclass(frozen=True)
class Release:
    path: Path

    @property
    def version(self) -> str:
        return self.path.name.rpartition("-")[0]

    @property
    def program(self) -> Path:
        return self.path / "bin" / "izer-bridge"

    @property
    def share(self) -> Path:
        return self.path / "share" / "izer-bridge"

    def use(self) -> None:
        """Make it the current one: its units, its command with what tells of it, and the link."""
        units = {unit.name: unit.read_text("utf-8") for unit in (self.share / "systemd").iterdir()}
        for old in UNITS.glob("izer-bridge*.*"):
            if old.is_file() and not old.is_symlink() and old.name not in units:
                old.unlink()
        for name, text in units.items():
            write(UNITS / name, text, 0o644)
        handbook.put(self.share / _HANDBOOK)
        write(COMMAND, (self.share / "izer-bridge").read_text("utf-8"), 0o755)
        link = CURRENT.with_name(".current")
        link.unlink(missing_ok=True)
        link.symlink_to(self.path)
        link.replace(CURRENT)
        systemctl("daemon-reload")


def current() -> Release | None:
    return Release(CURRENT.resolve()) if CURRENT.exists() else None


def build() -> Release:
    """The checkout as a release; built only where it is not there yet. Raises CannotError."""
    release = Release(RELEASES / _name())
    if (release.path / _FINISHED).exists():
        return release
    say(f"Building izer-bridge {release.version}; this takes a minute or two.")
    remove(release.path)
    RELEASES.mkdir(parents=True, exist_ok=True)
    run(sys.executable, "-I", "-m", "venv", release.path)
    with tempfile.TemporaryDirectory() as folder:
        # pip writes beside what it builds; the checkout belongs to somebody else.
        for name in _PACKAGED:
            _copy(CHECKOUT / name, Path(folder) / name)
        pinned = Path(folder) / _PINNED
        pinned.write_text(run(sys.executable, "-I", CHECKOUT / _PINS, "show", "build", "product"))
        pip = (release.path / "bin" / "python", "-I", "-m", "pip", "install", "--quiet")
        # Wheels of known hashes alone, then the project: pip refuses hashes beside one.
        hashed = ("--require-hashes", "--only-binary", ":all:", "--no-cache-dir", "-r", pinned)
        run(*pip, *hashed, env=_environment())
        alone = ("--no-deps", "--no-index", "--no-build-isolation", "--no-cache-dir")
        run(*pip, *alone, folder, env=_environment())
    run(release.path / "bin" / "python", "-I", "-m", "izer_bridge.whatsapp.library_check")
    for unused in release.path.glob(_UNUSED):
        remove(unused)
    for name in _SHARED:
        _copy(CHECKOUT / name, release.share / Path(name).name)
    handbook.make(release.path / "bin", release.share / _HANDBOOK, _environment())
    (release.path / _FINISHED).touch()
    return release


def remove_others(*wanted: Release) -> None:
    """Forget what is older than the release before."""
    for path in RELEASES.iterdir():
        if Release(path) not in wanted:
            remove(path)


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copyfile(source, target)


def _name() -> str:
    """The version, and a hash over everything that is installed."""
    digest = hashlib.sha256(sys.version.encode())
    for name in sorted({*_PACKAGED, *_SHARED, _CONSTRAINTS, _PINS}):
        path = CHECKOUT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(CHECKOUT)).encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    text = (CHECKOUT / "izer_bridge" / "__init__.py").read_text("utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    return f"{found[1] if found else '0'}-{digest.hexdigest()[:8]}"
