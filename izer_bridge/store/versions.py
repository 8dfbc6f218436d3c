"""The table versions that this program knows, by their migration files."""

from pathlib import Path

MIGRATIONS = Path(__file__).with_name("migrations")
_VERSIONS = sorted(path.stem for path in MIGRATIONS.glob("versions/[0-9]*.py"))
# From before the first version, when the tables still changed during development.
_OF_DEVELOPMENT = frozenset(f"{number:04}" for number in range(1, 12))


def head() -> str:
    """The newest version."""
    return _VERSIONS[-1]


def foreign_writer(version: str) -> str | None:
    """The other program that writes tables of `version`; None if this program can upgrade them."""
    if version in _VERSIONS:
        return None
    if version in _OF_DEVELOPMENT:
        return "an izer-bridge from before the first version"
    return "a newer izer-bridge"
