"""The running bridge's note about its link, for the command line: a private file by the session.

The file contains the QR code now shown, which is a secret for as long as it lives.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.link_state import LinkState
from izer_bridge.host.plain_files import NotPlainError, read_plain

_MOST_BYTES = 16 * 1024
# A QR code can hold no more; WhatsApp's have 240 characters.
_LONGEST_CODE = 1_000
_WRITING = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class LinkNote:
    """`code` is the QR's text, None if none is shown. Times are aware UTC."""

    state: str = "starting"
    sentence: str = ""
    at: datetime | None = None
    code: str | None = None
    code_until: datetime | None = None
    phone_seen_at: datetime | None = None


_NOTE = TypeAdapter(LinkNote)


class LinkFile:
    """Keeps the latest note at `path`. A disk that refuses it stops nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.note = LinkNote()
        with suppress(ConfigError):
            self.note = replace(read(path), code=None, code_until=None)

    def write(self, **changes: Any) -> None:
        self.note = replace(self.note, **changes)
        scratch = self._path.with_suffix(".new")
        with suppress(OSError):
            # Nobody but the owner may read it, not even while it is being created.
            with open(os.open(scratch, _WRITING, 0o600), "wb") as file:
                file.write(_NOTE.dump_json(self.note))
            scratch.replace(self._path)


def read(path: Path) -> LinkNote:
    """The latest note. Raises ConfigError if there is no readable one."""
    try:
        note = _NOTE.validate_json(read_plain(path, _MOST_BYTES))
        _refuse_strange(note)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no bridge has run with this state_dir yet") from None
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; run this as root or the bridge's user"
        ) from None
    except NotPlainError:
        raise
    except ValueError:
        raise ConfigError(f"{path}: is no note of a bridge; restart the bridge") from None
    return note


def _refuse_strange(note: LinkNote) -> None:
    """It is shown on an operator's terminal. Raises ValueError for text that no bridge writes."""
    LinkState(note.state)
    code = note.code or ""
    if not (note.sentence + code).isprintable() or len(code) > _LONGEST_CODE:
        raise ValueError("it holds what cannot be shown")
