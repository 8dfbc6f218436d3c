"""Every command at 80 × 24 as it looks, beside this test: a reviewer reads the `.txt` files.

`RECORD=1 pytest tests/screens` writes them anew.
"""

import os
import re
from collections.abc import AsyncIterator
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from rich.cells import cell_len

from izer_bridge import cli
from izer_bridge.conditions import status
from izer_bridge.conditions.status_report import StatusFacts
from izer_bridge.console import console as console_module
from izer_bridge.console import times
from izer_bridge.conversations import run as conversations_run
from izer_bridge.conversations.store import desk as conversations_desk
from izer_bridge.doctor import cli as doctor
from izer_bridge.doctor import finding
from izer_bridge.domain.condition import ConditionName, error, warning
from izer_bridge.pipeline import messages_cli
from izer_bridge.reports import cli as reports_cli
from izer_bridge.reports import report_cli
from tests.console.leaves import LEAVES
from tests.console.typed import typed
from tests.screens.shop import NOW, open_shop

HERE = Path(__file__).parent
_WIDTH = 80
_MODULES = (
    *(console_module, times, messages_cli, status, reports_cli, report_cli),
    *(conversations_run, conversations_desk),
)
# What a command shows of the shop; of the others their help is the screen.
SHOWN = {
    "tail": ("tail --no-follow", "tail --no-follow --all -n 3"),
    "search": ("search kargo", "search yok"),
    "report": ("report",),
    "stats": ("stats",),
    "status": ("status --once",),
    "doctor": ("doctor --no-sample",),
    "explain": ("explain 2",),
    "route": ("route --message Frenim|tutmuyor",),
    "drafts list": ("drafts list",),
    "drafts show": ("drafts show 1",),
    "outbox list": ("outbox list",),
    "chat list": ("chat list",),
    "chat pause": ("chat pause Nobody",),
    "waiting": ("waiting", "waiting --status waiting_for_customer"),
    "escalations list": ("escalations list",),
    "vip list": ("vip list",),
    "group list": ("group list",),
    "dlq list": ("dlq list",),
    "events list": ("events list",),
    "gaps": ("gaps",),
    "retention": ("retention --dry-run",),
    "forget": ("forget Hans|Weber --dry-run",),
    "verify": ("verify",),
    "evaluate": ("evaluate SET --analyser stored",),
    "config check": ("config check",),
    "export": ("export -o out.csv --excel",),
    "backup": ("backup --config nowhere.toml",),
}


_FACTS = StatusFacts(
    {
        "version": "1.0",
        "uptime_seconds": 11_530.0,
        "link": {"linked": True, "detail": "Linked and connected; messages arrive."},
        "store": {"ok": True},
        "inbox": {"ok": True, "depth": 0},
        "gaps": {"open": 0},
        "last_event_age_seconds": 12.0,
    },
    None,
    (
        error(
            ConditionName.SENDS_UNCERTAIN, "1 reply may have been sent", "izer-bridge outbox list"
        ),
        warning(
            ConditionName.DRAFTS_WAITING, "3 drafts wait", "izer-bridge drafts list", since=NOW
        ),
    ),
    {
        **{"received": 6, "settled": 2, "skipped": 3, "pending": 0, "dead": 1, "uncertain": 0},
        **{"cost_today": "0.01", "daily_cap": None, "daily_cap_reached": False},
    },
    "",
    7,
    84.2,
)
_FINDINGS = (
    finding.ok("version", "izer-bridge 1.0 on Python 3.11.2"),
    finding.warning(
        "clock", "nothing keeps this machine's clock right", "sudo timedatectl set-ntp true"
    ),
    finding.failed(
        "store",
        "no answer on '127.0.0.1:3306'",
        "set store.url right, start the database, or start the bridge once",
    ),
    finding.skipped("sample", "not asked for"),
)


async def _looked(_: object) -> StatusFacts:
    return _FACTS


async def _found(*_: object) -> AsyncIterator[finding.Finding]:
    for one in _FINDINGS:
        yield one


class _Clock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOW.astimezone(tz)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    open_shop(folder / "state")
    return folder


@pytest.fixture(autouse=True)
def _terminal(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    monkeypatch.setenv("COLUMNS", str(_WIDTH))
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("IZER_STATE_DIR", str(shop / "state"))
    monkeypatch.setenv("IZER_REPLY__OWNER", "+905550000009")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(status, "look", _looked)
    monkeypatch.setattr(doctor, "_findings", _found)
    for module in _MODULES:
        monkeypatch.setattr(module, "datetime", _Clock)


def _screen(name: str) -> str:
    lines = [_typed_as(f"{name} --help"), typed(*name.split(), "--help").out.rstrip()]
    for command in SHOWN.get(name, ()):
        words = [_value(word) for word in command.split()]
        said = typed(*words)
        lines += ["", _typed_as(command), (said.out + said.err).rstrip()]
        if said.code:
            lines.append(f"[exit code {said.code}]")
    return _steady("\n".join(lines)) + "\n"


def _typed_as(command: str) -> str:
    words = (f'"{word.replace("|", " ")}"' if "|" in word else word for word in command.split())
    return f"$ izer-bridge {' '.join(words)}"


def _value(word: str) -> str:
    if word == "SET":
        return str(HERE / "labelled.jsonl")
    return word.replace("|", " ")


def _steady(text: str) -> str:
    """Without what differs from machine to machine; no line ends in blanks."""
    text = re.sub(r"[\d.,]+ (ms|s|MB)\b", r"N \1", text)
    # What the analyser learns is measured elsewhere.
    text = re.sub(r"urgency \d+, \w+, language", "urgency N, MOOD, language", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("name", [" ".join(path) for path in LEAVES])
def test_a_screen_is_as_recorded_and_fits(name: str) -> None:
    found = _screen(name)
    assert [line for line in found.splitlines() if cell_len(line) > _WIDTH and _is_ours(line)] == []
    assert "<bool>" not in found
    assert "9223372036854775807" not in found
    file = HERE / f"{name.replace(' ', '-')}.txt"
    if os.environ.get("RECORD"):
        file.write_text(found, "utf-8")
    assert found == file.read_text("utf-8")


def _is_ours(line: str) -> bool:
    """A message stands in one line however long it is, and wraps where the terminal does."""
    return not re.match(r"\d\d\.\d\d\. \d\d:\d\d|izer-bridge: ", line)


def test_the_first_screen_names_every_command_in_one_line() -> None:
    said = typed("--help").out
    assert all(cell_len(line) <= _WIDTH for line in said.splitlines())
    assert "..." not in said.partition("Commands:")[2]
    assert [one for one in cli.COMMANDS if f"\n  {one} " not in said] == []


def test_every_file_is_a_screen() -> None:
    names = {f"{' '.join(path).replace(' ', '-')}.txt" for path in LEAVES}
    assert {one.name for one in HERE.glob("*.txt")} == names
