"""The versions of the tables that this program knows, by the files that lead to them."""

from pathlib import Path

MIGRATIONS = Path(__file__).with_name("migrations")
_VERSIONS = sorted(path.name[:4] for path in MIGRATIONS.glob("versions/[0-9]*.py"))


def head() -> str:
    """The newest."""
    return _VERSIONS[-1]


def knows(version: str) -> bool:
    """Whether this program can bring a store of `version` to its own."""
    return version in _VERSIONS
