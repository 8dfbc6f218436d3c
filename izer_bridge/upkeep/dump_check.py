"""Reads a MySQL dump before a client may run it: tables and their rows are all that one may hold.

The client would run whatever stands in the file, also programs of this machine (`\\!`).
"""

import re
from pathlib import Path

from izer_bridge.domain.errors import ConfigError

_LONGEST_LINE = 1 << 30
# Whatever is quoted is data; what is left is what would be run.
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
# With this line MariaDB's client lets the rest of the file run no program.
_SANDBOX = rb"/*M!999999\- enable the sandbox mode */"


def refuse_active(dump: Path) -> None:
    """Raises ConfigError for whatever is no table and no row, and OSError."""
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
    """mysqldump breaks no line within quotes: a new line in a value is written as \\n."""
    left = _QUOTED.sub(b"x", line)
    if b"'" in left or b"`" in left:
        raise ConfigError("database.sql: a quotation that does not end where it should")
    return left


def _refuse(statement: bytes) -> None:
    plain = _WRAPPED.sub(rb"\1", statement)
    for one in plain.split(b";"):
        if not _ALLOWED.match(one) or _ACTIVE.search(one) or b"\\" in one:
            said = one.strip()[:60].decode(errors="replace")
            raise ConfigError(f"database.sql holds what no backup holds: {said!r}")
