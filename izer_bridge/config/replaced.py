"""The replaced system's variables that are not read here, each with its successor."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

_STORE = "store.url (IZER_STORE__URL=mysql://USER:PASSWORD@HOST:3306/NAME)"
_DATABASE = frozenset({"DB_HOST", "DB_USER", "DB_PASSWORD", "DB_NAME", "DB_PORT"})
_SUCCESSORS = {
    **dict.fromkeys(_DATABASE, _STORE),
    "PORT": "api.port (IZER_API__PORT)",
    "WEBHOOK_PORT": "api.port (IZER_API__PORT)",
    "OPENAI_MODEL": "openai.model (IZER_OPENAI__MODEL)",
    "OPENAI_API_KEY": "OPENAI_API_KEY of the environment, or its file in OPENAI_API_KEY_FILE",
}
_READ_ELSEWHERE = frozenset({"OPENAI_API_KEY"})
_DOTENV = ".env"
_LARGEST_DOTENV = 64 * 1024
_NAME = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Z][A-Z0-9_]*)[ \t]*=", re.MULTILINE)


def not_read(environment: Mapping[str, str], folder: Path) -> list[str]:
    """A sentence for each successor of a variable that `environment` or the `.env` in `folder`
    still sets.

    Only the names in a `.env` are read. `PORT` alone may be another program's.
    """
    set_here = _DATABASE & environment.keys()
    if set_here:
        set_here |= {"PORT"} & environment.keys()
    return [
        *_sentences("the environment", set_here),
        *_sentences(_DOTENV, _SUCCESSORS.keys() & _names_in(folder / _DOTENV), environment),
    ]


def _sentences(
    where: str, names: Iterable[str], environment: Mapping[str, str] | None = None
) -> list[str]:
    by_successor: dict[str, list[str]] = {}
    for name in sorted(names):
        if not (environment and name in _READ_ELSEWHERE and name in environment):
            by_successor.setdefault(_SUCCESSORS[name], []).append(name)
    return [
        f"{', '.join(names)} in {where} {'is' if len(names) == 1 else 'are'} not read; "
        f"instead: {successor}"
        for successor, names in by_successor.items()
    ]


def _names_in(file: Path) -> set[str]:
    """None if the file is missing or not readable text."""
    try:
        with file.open("rb") as opened:
            return set(_NAME.findall(opened.read(_LARGEST_DOTENV).decode("utf-8", "replace")))
    except OSError:
        return set()
