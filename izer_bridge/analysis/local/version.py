"""The local analyser's fingerprint: it changes with its words, its learnt weights, or its code."""

import hashlib
from functools import cache
from pathlib import Path

from izer_bridge.domain import folding

_PARTS = (".json", ".py", ".toml")
_LENGTH = 8


@cache
def version() -> str:
    """A hash of this package's files and of the folding, in eight hexadecimal digits."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    files = sorted(one for one in folder.rglob("*") if one.suffix in _PARTS)
    for file in (*files, Path(folding.__file__)):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:_LENGTH]
