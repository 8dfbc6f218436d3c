"""What README.md tells a newcomer to type, to set and to expect; read from it, never repeated."""

import re
import tomllib
from pathlib import Path
from typing import Any

_PAGE = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def _block(language: str, having: str = "") -> str:
    """The first fenced block of that language with these words. Raises IndexError."""
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
    found = [block for of, block in blocks if of == language and having in block]
    return str(found[0])


def first_commands() -> list[str]:
    """From a bare machine to a linked number."""
    return _block("sh").splitlines()


def promised() -> str:
    """What the installation ends with, as far as the page shows it."""
    return _block("", " runs.\n")


def settings() -> dict[str, dict[str, Any]]:
    """Those by which it drafts replies."""
    return tomllib.loads(_block("toml"))


def watching() -> tuple[str, str]:
    """The command by which a message is seen to arrive, and the line that it shows."""
    command, line = _block("", "izer-bridge tail").splitlines()
    return command.removeprefix("$ "), line


def draft() -> list[str]:
    """The lines of what the owner gets on WhatsApp."""
    return _block("", "Taslak").splitlines()


def daily_commands() -> list[str]:
    """The table of every day."""
    table = _PAGE.partition("\n## Every day\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| .* \| `(.*)` \|$", table, re.MULTILINE)


def restart() -> str:
    """What makes changed settings count."""
    found = re.search(r"`(sudo systemctl restart [\w-]+)`", _PAGE)
    assert found
    return found[1]
