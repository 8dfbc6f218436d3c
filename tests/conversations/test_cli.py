"""`izer-bridge waiting`: the board's list in a terminal, and for machines."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.console.typed import typed
from tests.store.filled import fill
from tests.store.messages import LID, message


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    return tmp_path


def test_it_says_who_waits_for_people_and_for_machines(state: Path) -> None:
    hidden = message(2, chat=LID, sender=LID, sender_name="")
    url = f"sqlite:///{state / 'bridge.db'}"
    asyncio.run(fill(url, [message(1, "Frenim tutmuyor"), hidden]))
    said = typed("waiting")
    assert said.code == 0
    assert "Ayşe" in said.out
    assert str(LID) in said.out
    assert "technical" in said.out
    assert "needs first answer: 2, late: 2" in said.out
    assert "Frenim" not in said.out
    rows = json.loads(typed("waiting", "--json", "-n", "1").out)
    assert [(one["chat_id"], one["time_left"]) for one in rows] == [(1, "breached")]
    assert "The first 1; more with --limit." in typed("waiting", "-n", "1").out
    assert typed("waiting", "--status", "done").out.startswith("There are none.")


def test_an_empty_shop_and_a_wrong_word(state: Path) -> None:
    asyncio.run(fill(f"sqlite:///{state / 'bridge.db'}", [message(1, from_me=True)]))
    assert "Nobody waits." in typed("waiting").out
    wrong = typed("waiting", "--status", "asleep")
    assert wrong.code == 2
    assert "needs_first_answer" in wrong.err


def test_without_a_store_it_says_so(state: Path) -> None:
    said = typed("waiting")
    assert (said.code, len(said.err.splitlines())) == (78, 1)
