"""Every command, as the command line itself lists them, and how each is typed in a small shop."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from tests.console.typed import app, typed
from tests.screens.shop import open_shop

# They work until they are told to stop.
LASTING = {("run",), ("worker",), ("agents",), ("mcp",)}
NUMBER = "+905551112233"
GROUPS = ("120363000000000001@g.us", "120363000000000002@g.us")
BACKUP = "backup.tar.gz"
_LABELLED = Path(__file__).parents[1] / "screens/labelled.jsonl"
# What is in the shop of the recorded screens, or is put into it below, so that each has work.
_TYPED = {
    "status": ["--once"],
    "doctor": ["--no-sample"],
    "tail": ["--no-follow"],
    "search": ["kargo"],
    "export": ["-o", "messages.jsonl"],
    "route": ["--message", "Frenim tutmuyor"],
    "explain": ["2"],
    "forget": [NUMBER, "--yes"],
    "import-legacy": ["mysql://root@127.0.0.1:1/old"],
    "evaluate": [str(_LABELLED), "--analyser", "stored"],
    "replay": ["2"],
    "restore": [BACKUP],
    "dlq retry": ["5"],
    "dlq drop": ["5"],
    "vip add": [NUMBER],
    "vip remove": ["+4915550100266"],
    "group add": ["Yarış"],
    "group remove": ["Servis"],
    "group confirm": [GROUPS[1]],
    "group unconfirm": [GROUPS[0]],
    "staff add": ["Ayla"],
    "staff revoke": ["Elif"],
    "staff end": ["1"],
    "label set": ["2", "--urgency", "8"],
    "label remove": ["4"],
    "label export": ["labels.jsonl"],
    "drafts show": ["2"],
    "drafts approve": ["2"],
    "drafts edit": ["2", "Merhaba"],
    "drafts refuse": ["2"],
    "outbox drop": ["1"],
    "chat pause": ["Hans Weber"],
    "chat resume": [NUMBER],
    "escalations close": ["1"],
    "events retry": ["1"],
    "events drop": ["1"],
    "events enable": ["accounting"],
    "gaps close": ["1"],
}
_BEFORE = (
    ["staff", "add", "Elif"],
    ["label", "set", "4", "--urgency", "8"],
    ["group", "add", "Servis"],
    ["group", "confirm", GROUPS[0]],
    ["backup", BACKUP],
)


def _leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    subcommands = getattr(command, "commands", {})
    if (not subcommands or getattr(command, "invoke_without_command", False)) and path:
        yield path, command
    for name, one in subcommands.items():
        yield from _leaves(one, (*path, name))


LEAVES = dict(_leaves(typer.main.get_command(app)))


def as_typed(path: tuple[str, ...]) -> list[str]:
    """With arguments that find something in the shop of `furnish`."""
    return [*path, *_TYPED.get(" ".join(path), [])]


def furnish(folder: Path) -> None:
    """Make the shop in `folder`, which is the working directory and has its state in `state`."""
    open_shop(folder / "state")
    for words in _BEFORE:
        said = typed(*words)
        assert said.code == 0, said.err
    # Empty, and left by the backup. Without them SQLite needs room and rights even for reading.
    for file in (folder / "state").glob("bridge.db-*"):
        file.unlink()
