"""`izer-bridge events`, on both stores."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from izer_bridge.domain.event import EVERY_TYPE, Subscriptions
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import message

TARGETS = ("crm", "board", "former")
SETTING = [
    {"name": name, "url": f"https://{name}.example", "secrets": ["shop_secret"]}
    for name in TARGETS[:2]
]


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """One event: dead for `crm`, held for `board`, which is shut, and for unknown `former`."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IZER_EVENTS__TARGETS", json.dumps(SETTING))

    async def fill() -> None:
        wanted = Subscriptions(dict.fromkeys(TARGETS, EVERY_TYPE))
        now = datetime.now(UTC)
        ledger = SqlLedger(store_url, SCREENING, "me", subscriptions=wanted, clock=lambda: now)
        await ledger.open()
        await ledger.record([message(1, "gizli söz")])
        deliveries = ledger.deliveries()
        [one] = await deliveries.claim("crm", 1, 30)
        await deliveries.bury(one, "answered 500")
        [one] = await deliveries.claim("board", 1, 30)
        await deliveries.shut("board", one, "answered 410")
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["events", *arguments])
    return result.exit_code, result.stdout, result.stderr


def states(store: Store) -> list[str]:
    rows = asyncio.run(store.rows("SELECT state FROM event_deliveries ORDER BY id"))
    return [row.state for row in rows]


def test_what_nobody_brings_is_listed_without_its_words(store: Store) -> None:
    code, out, _ = typed("list", "--json")
    listed = json.loads(out)
    assert code == 0
    assert listed["shut"] == {"board": "answered 410"}
    assert [(one["target"], one["why"], one["type"]) for one in listed["undelivered"]] == [
        ("crm", "dead", "message"),
        ("board", "held", "message"),
        ("former", "held", "message"),
    ]
    table = typed("list")[1]
    assert "board is shut: answered 410" in table
    assert "gizli" not in out + table


def test_the_dead_are_brought_again(store: Store) -> None:
    assert typed("retry", "1")[:2] == (0, "1 will be brought again.\n")
    assert states(store) == ["pending", "pending", "pending"]
    assert typed("retry", "1")[0] == 2
    assert typed("retry", "--all")[:2] == (0, "0 will be brought again.\n")


def test_what_is_left_is_dropped(store: Store) -> None:
    assert typed("drop", "1", "2")[:2] == (0, "2 dropped.\n")
    assert typed("drop", "--all")[:2] == (0, "1 dropped.\n")
    assert states(store) == ["dropped", "dropped", "dropped"]
    assert "Every event was delivered" in typed("list")[1]


def test_a_target_that_was_shut_is_told_again(store: Store) -> None:
    assert typed("enable", "board")[:2] == (0, "board is told again.\n")
    code, _, err = typed("enable", "board")
    assert (code, "board is not shut" in err) == (2, True)
    whys = {one["target"] for one in json.loads(typed("list", "--json")[1])["undelivered"]}
    assert whys == {"crm", "former"}


@pytest.mark.parametrize("arguments", [("retry", "2"), ("retry", "4711"), ("drop", "4711")])
def test_an_id_that_is_none_is_named(store: Store, arguments: tuple[str, ...]) -> None:
    before = states(store)
    code, _, err = typed(*arguments)
    assert code == 2
    assert arguments[1] in err
    assert len(err.strip().splitlines()) == 1
    assert states(store) == before


@pytest.mark.parametrize("arguments", [("retry",), ("drop",), ("drop", "1", "--all"), ("enable",)])
def test_what_is_meant_must_be_said(store: Store, arguments: tuple[str, ...]) -> None:
    assert typed(*arguments)[0] == 2
