"""Polls and their votes: a vote names its options by their hashes alone; pure."""

import hashlib
from collections.abc import Collection, Mapping

BETWEEN_OPTIONS = " / "


def hash_of(option: str) -> str:
    """What a vote names this option by, in hex: it is made of the very bytes that were sent."""
    return hashlib.sha256(option.encode()).hexdigest()


def chosen(options: Mapping[str, str], hashes: Collection[bytes]) -> list[str]:
    """The options of a poll whose hashes are among `hashes`, as they are shown."""
    return [shown for sent, shown in options.items() if bytes.fromhex(sent) in hashes]
