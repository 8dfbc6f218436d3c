"""The packages of this environment as wheels again, so that an installation needs no network."""

import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

_NOT_PACKED = ("INSTALLER", "REQUESTED", "direct_url.json")


def fill(folder: Path) -> None:
    """Write a wheel of everything that is installed, but for what is edited here."""
    folder.mkdir()
    for one in distributions():
        if (wheel := one.read_text("WHEEL")) is not None and one.name != "izer-bridge":
            tags = [line.partition(" ")[2] for line in wheel.splitlines() if line[:4] == "Tag:"]
            name = f"{one.name.replace('-', '_')}-{one.version}-{tags[-1]}.whl"
            with zipfile.ZipFile(folder / name, "w") as packed:
                for path in _files(one):
                    packed.write(str(one.locate_file(path)), path)


def _files(one: Distribution) -> Iterable[str]:
    """Without what the installation made, and what lies outside of the packages."""
    for file in one.files or ():
        if file.suffix != ".pyc" and ".." not in file.parts and file.name not in _NOT_PACKED:
            yield str(file)
