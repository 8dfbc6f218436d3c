"""Polls and their votes: a vote names its options only by their hashes; pure."""

import hashlib
from collections.abc import Collection, Mapping

BETWEEN_OPTIONS = " / "


def hash_of(option: str) -> str:
    """A vote's name for this option, in hex: a hash of exactly the bytes that were sent."""
    return hashlib.sha256(option.encode()).hexdigest()


def chosen(options: Mapping[str, str], hashes: Collection[bytes]) -> list[str]:
    """The options of a poll whose hashes are among `hashes`, as they are shown."""
    return [shown for sent, shown in options.items() if bytes.fromhex(sent) in hashes]
