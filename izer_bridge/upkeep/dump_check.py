"""Checks a MySQL dump before a client runs it: it may contain only tables and their rows.

The client would run anything in the file, including programs of this machine (`\\!`).
"""

import re
from pathlib import Path

from izer_bridge.domain.errors import UsageError

_LONGEST_LINE = 1 << 30
# Quoted text is data; the rest is what would be run.
_QUOTED = re.compile(rb"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`]|``)*`", re.DOTALL)
_WRAPPED = re.compile(rb"/\*!?M?!?\d*(.*?)\*/", re.DOTALL)
_ALLOWED = re.compile(
    rb"\s*(?:SET\s|DROP TABLE\s|CREATE TABLE\s|INSERT INTO\s"
    rb"|ALTER TABLE\s+\S*\s+(?:DIS|EN)ABLE KEYS|(?:UN)?LOCK TABLES?|COMMIT|START TRANSACTION|$)",
    re.IGNORECASE,
)
_ACTIVE = re.compile(
    rb"\b(?:SELECT|LOAD_FILE|OUTFILE|DUMPFILE|TRIGGER|VIEW|PROCEDURE|FUNCTION|EVENT|DEFINER|GRANT|CALL"
    rb"|FEDERATED|CONNECTION|DATA\s+DIRECTORY|INDEX\s+DIRECTORY|GLOBAL|PERSIST|PASSWORD|ROLE)\b",
    re.IGNORECASE,
)
# With this line MariaDB's client runs no program from the rest of the file.
_SANDBOX = rb"/*M!999999\- enable the sandbox mode */"


def refuse_active(dump: Path) -> None:
    """Raises UsageError for anything but tables and rows, and OSError."""
    statement = b""
    with dump.open("rb") as file:
        while line := file.readline(_LONGEST_LINE):
            if not statement and (line.startswith(b"--") or line.strip() in (b"", _SANDBOX)):
                continue
            statement += _unquoted(line)
            if statement.rstrip().endswith(b";"):
                _refuse(statement)
                statement = b""
    _refuse(statement)


def _unquoted(line: bytes) -> bytes:
    """mysqldump breaks no line within quotes: a line break in a value is written as \\n."""
    left = _QUOTED.sub(b"x", line)
    if b"'" in left or b"`" in left:
        raise UsageError("database.sql: a quotation that does not end where it should")
    return left


def _refuse(statement: bytes) -> None:
    plain = _WRAPPED.sub(rb"\1", statement)
    for one in plain.split(b";"):
        if not _ALLOWED.match(one) or _ACTIVE.search(one) or b"\\" in one:
            said = one.strip()[:60].decode(errors="replace")
            raise UsageError(f"database.sql holds what no backup holds: {said!r}")
