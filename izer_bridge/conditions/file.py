"""The present conditions in a private file of the state directory, for restarts and commands."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from izer_bridge.domain.condition import Condition
from izer_bridge.domain.errors import ConfigError
from izer_bridge.host.plain_files import read_plain

FILE = "conditions.json"
_MOST_BYTES = 256 * 1024
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


class ConditionFile:
    """At `path`. A disk that refuses it stops nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Sequence[Condition]:
        """None if there is no such file, or none that this version can read."""
        try:
            said = json.loads(read_plain(self._path, _MOST_BYTES))
            found = [Condition.of_json(one) for one in said]
        except (OSError, ConfigError, ValueError, KeyError, TypeError):
            return ()
        return found if all(_is_shown(one) for one in found) else ()

    def write(self, holding: Sequence[Condition]) -> None:
        scratch = self._path.with_suffix(".new")
        text = json.dumps([one.as_json() for one in holding], ensure_ascii=False)
        with suppress(OSError):
            with open(os.open(scratch, _WRITING, 0o600), "wb") as file:
                file.write(text.encode())
            scratch.replace(self._path)


def _is_shown(one: Condition) -> bool:
    """Somebody else's file must not control a terminal."""
    return (one.sentence + one.remedy + one.about).isprintable()
