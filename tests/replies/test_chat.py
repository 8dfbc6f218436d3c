"""`izer-bridge chat` and `izer-bridge outbox`."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.domain.message import Message
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from tests.console.typed import app
from tests.store.messages import GROUP, in_group, message

Run = Callable[..., Result]
LID = Jid.parse("100000000000077@lid")


@pytest.fixture
async def url(tmp_path: Path) -> str:
    """A store that knows Ayşe, a group, and two people called Ali."""
    store = f"sqlite:///{tmp_path / 'store.db'}"
    ledger = SqlLedger(store, Screening(ImportanceRules.of([], []), False), "me")
    await ledger.open()
    ali: list[Message] = [
        message(2, chat=LID, sender_name="Ali"),
        message(3, chat=Jid.parse("905559998877@s.whatsapp.net"), sender_name="Ali"),
    ]
    await ledger.record([message(1), *ali, in_group(4)])
    await ledger.close()
    return store


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZER_STORE__URL", url)
    return lambda *words: CliRunner().invoke(app, list(words))


def paused(run: Run) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("chat", "list", "--json").stdout)
    return found


@pytest.mark.parametrize(
    ("who", "address"),
    [
        ("0555 111 22 33", "+905551112233"),
        ("905551112233@s.whatsapp.net", "+905551112233"),
        ("AYŞE", "+905551112233"),
        (str(LID), str(LID)),
        (str(GROUP), str(GROUP)),
        ("tedarikçiler", str(GROUP)),
    ],
)
def test_a_chat_is_found_by_whatever_names_it(run: Run, who: str, address: str) -> None:
    assert run("chat", "pause", who).exit_code == 0
    [one] = paused(run)
    assert (one["chat"], one["reason"], one["until"]) == (address, "operator", None)
    assert "answered again" in run("chat", "resume", who).stdout
    assert paused(run) == []
    assert "was not paused" in run("chat", "resume", who).stdout


def test_a_pause_for_a_time_says_until_when(run: Run) -> None:
    said = run("chat", "pause", "Ayşe", "--for", "2h").stdout
    assert re.search(r"paused until \d\d\.\d\d\. \d\d:\d\d\.$", said)
    assert paused(run)[0]["until"]
    assert "Ayşe" in run("chat", "list").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("chat", "pause", "Nobody"), "there is no chat"),
        (("chat", "pause", "Ali"), "several chats"),
        (("chat", "pause", "x@"), "JID"),
        (("chat", "pause", "Ayşe", "--for", "soon"), "30m"),
        (("chat", "pause", "Ayşe", "--for", "0h"), "30m"),
        (("outbox", "drop", "7"), "has the id 7"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_empty_outbox_says_so(run: Run) -> None:
    assert json.loads(run("outbox", "list", "--json").stdout) == []
    assert "Nothing waits" in run("outbox", "list").stdout
    assert "not stopped" in run("outbox", "resume").stdout
