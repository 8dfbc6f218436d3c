"""`izer-bridge dlq`, on both stores."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from izer_bridge.console import console
from izer_bridge.domain.importance import ImportanceRules
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.pipeline.store.record import Screening
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.messages import message

RULES = Screening(ImportanceRules.of([], []), False)


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """A store with one dead letter, which the settings name."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def fill() -> None:
        ledger = SqlLedger(store_url, RULES, "test")
        await ledger.open()
        await ledger.record([message(1, "gizli söz")])
        [work] = await ledger.claim(1)
        await ledger.bury(work, "the agent refused it (400)")
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["dlq", *arguments])
    return result.exit_code, result.stdout, result.stderr


def state_of(store: Store) -> tuple[str, str | None]:
    [row] = asyncio.run(store.messages())
    return row.state, row.skip_reason


def test_a_dead_letter_is_shown_with_its_reason_but_not_its_words(store: Store) -> None:
    code, out, _ = typed("list", "--json")
    [letter] = json.loads(out)
    assert code == 0
    assert (letter["message_id"], letter["error"]) == ("3EB0000001", "the agent refused it (400)")
    assert "gizli" not in out


def test_it_is_worked_again_when_asked_for(store: Store) -> None:
    assert typed("retry", "1")[:2] == (0, "1 will be worked again.\n")
    assert state_of(store) == ("recorded", None)
    assert typed("list")[1] == "There are no dead letters.\n"


def test_all_are_worked_again_when_asked_for(store: Store) -> None:
    assert typed("retry", "--all")[0] == 0
    assert state_of(store) == ("recorded", None)


def test_it_is_given_up_when_asked_for(store: Store) -> None:
    assert typed("drop", "1")[:2] == (0, "1 dropped.\n")
    assert state_of(store) == ("skipped", "dropped")


@pytest.mark.parametrize("arguments", [("retry", "4711"), ("drop", "4711")])
def test_an_id_that_is_none_is_named(store: Store, arguments: tuple[str, ...]) -> None:
    code, _, err = typed(*arguments)
    assert code == 2
    assert "4711" in err
    assert state_of(store) == ("dead", None)


@pytest.fixture
def inbox(store: Store, tmp_path: Path) -> Iterator[SqliteInbox]:
    """The inbox of a running bridge, with two events that could not be recorded."""
    inbox = SqliteInbox(tmp_path / "inbox.db")
    inbox.append([(17, "gizli söz".encode()), (13, b"chunk")])
    for entry in inbox.pending(2):
        inbox.set_aside(entry, "DataError 1264", "the store does not take it")
    yield inbox
    inbox.close()


def test_events_that_could_not_be_recorded_stand_beside_them(inbox: SqliteInbox) -> None:
    code, out, _ = typed("list", "--json")
    found = {one["id"]: one for one in json.loads(out)}
    assert code == 0
    assert list(found) == ["1", "e1", "e2"]
    assert (found["e1"]["event"], found["e2"]["event"]) == ("message", "history_sync")
    assert (found["e1"]["kind"], found["e1"]["sequence"]) == ("DataError 1264", 1)
    assert "gizli" not in out


def test_the_tables_are_read_on_eighty_columns(
    inbox: SqliteInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "_WIDTH", 80)
    out = typed("list")[1]
    assert max(map(len, out.splitlines())) <= 80
    assert "DataError 1264" in out
    assert "e2" in out


def test_an_event_arrives_once_more_in_the_bridge_that_runs(
    inbox: SqliteInbox, store: Store
) -> None:
    assert typed("retry", "e2")[:2] == (0, "1 will be worked again.\n")
    assert inbox.take_back() == 1
    assert inbox.pending(9)[0].payload == b"chunk"
    assert state_of(store) == ("dead", None)
    assert typed("retry", "--all")[:2] == (0, "2 will be worked again.\n")
    assert inbox.take_back() == 1
    assert state_of(store) == ("recorded", None)


def test_both_sorts_are_given_up_by_their_ids(inbox: SqliteInbox, store: Store) -> None:
    assert typed("drop", "1", "e1")[:2] == (0, "2 dropped.\n")
    assert inbox.set_aside_by_kind() == {"DataError 1264": 1}
    assert state_of(store) == ("skipped", "dropped")
    assert typed("drop", "e1")[0] == 2


@pytest.mark.parametrize("wrong", ["x1", "e", "1e", "e-1", "-1", "٣", "9" * 30])
def test_what_is_no_id_is_named(inbox: SqliteInbox, wrong: str) -> None:
    code, _, err = typed("drop", "--", wrong)
    assert code == 2
    assert wrong in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [("retry",), ("retry", "1", "--all"), ("drop",)])
def test_what_is_meant_must_be_said(store: Store, arguments: tuple[str, ...]) -> None:
    assert typed(*arguments)[0] == 2
    assert state_of(store) == ("dead", None)


def test_a_store_that_is_away_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IZER_STORE__URL", "mysql://a:b@127.0.0.1:9/x")
    code, _, err = typed("list")
    assert code == 75
    assert len(err.strip().splitlines()) == 1
