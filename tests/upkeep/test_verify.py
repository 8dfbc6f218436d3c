"""`izer-bridge verify` and `gaps`, on both stores."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.domain.gap import Gap, GapReason
from izer_bridge.domain.message import Kind, Origin
from izer_bridge.domain.message_state import State
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.store.ledgers import SCREENING
from tests.store.messages import (
    ACCOUNT,
    ATTEMPT,
    GROUP,
    LID,
    NOON,
    NUMBER,
    RECORD,
    in_group,
    message,
)


def ledger_with(url: str, fill: Callable[[SqlLedger], Coroutine[Any, Any, object]]) -> None:
    async def run() -> None:
        ledger = SqlLedger(url, SCREENING, "test")
        await ledger.open()
        await fill(ledger)
        await ledger.close()

    asyncio.run(run())


async def a_day(ledger: SqlLedger) -> None:
    """Five messages of all outcomes; one is filled later, and two chats prove to be one."""
    await ledger.record(
        [message(1), message(2, origin=Origin.HISTORY), in_group(3, kind=Kind.TEXT)]
    )
    await ledger.record([message(2), message(4, chat=LID, sender=LID)])
    await ledger.record([message(5, chat=LID, sender=LID, chat_alt=NUMBER, sender_alt=NUMBER)])
    [work, *_] = await ledger.claim(9)
    await ledger.analysed(work, RECORD)
    [work] = [one for one in await reclaimed(ledger) if one.analysis]
    await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
    [work] = [one for one in await reclaimed(ledger) if one.state is State.DISPATCHED]
    await ledger.settle(work)


async def reclaimed(ledger: SqlLedger) -> Any:
    await ledger.open()
    return await ledger.claim(9)


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    ledger_with(store_url, a_day)
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_a_ledger_as_it_was_written_is_right(store: Store) -> None:
    code, out, _ = typed("verify", "--json")
    assert (code, json.loads(out)) == (
        0,
        {"ok": True, "messages": 5, "entries": 6, "problems": []},
    )
    assert "all is as it was written" in typed("verify")[1]


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        (
            "UPDATE webhook_messages SET current_message = 'Selam' WHERE id = 1",
            "row 1",
            "was changed after it was recorded",
        ),
        (
            "DELETE FROM webhook_messages WHERE message_id = '3EB0000003'",
            "message 3EB0000003",
            "was recorded and is gone",
        ),
        (
            "DELETE FROM message_chain WHERE position = 2",
            "entry 3",
            "follows entry 1: entries are missing",
        ),
        (
            "DELETE FROM message_chain WHERE position = 6",
            "row 5",
            "was not written by the bridge",
        ),
        (
            "UPDATE message_chain SET content_hash = '0' WHERE position = 1",
            "entry 1",
            "does not follow from the entry before it",
        ),
        (
            "UPDATE webhook_messages SET state = 'lost' WHERE id = 1",
            "row 1",
            "is in a state that does not exist: the sums cannot be right",
        ),
        (
            "DELETE FROM analytics_results WHERE webhook_message_id = 1",
            "row 1",
            "is analysed without an analysis",
        ),
        (
            "DELETE FROM agent_calls WHERE webhook_message_id = 1",
            "row 1",
            "is settled though no agent took it",
        ),
        (
            "UPDATE webhook_messages SET skip_reason = NULL WHERE id = 3",
            "row 3",
            "is skipped without a reason",
        ),
    ],
)
def test_what_is_wrong_is_named(store: Store, statement: str, where: str, what: str) -> None:
    asyncio.run(store.execute(statement))
    code, out, _ = typed("verify", "--json")
    assert code == 1
    assert {"where": where, "what": what} in json.loads(out)["problems"]
    assert f"{where} {what}" in typed("verify")[1]


def gap(number: int, **fields: Any) -> Gap:
    values: dict[str, Any] = {"reason": GapReason.AT_RISK, "noticed_at": NOON, "chat": NUMBER}
    return Gap(account=ACCOUNT, message_id=f"3EB0{number:06d}", **(values | fields))


def shown(*arguments: str) -> list[dict[str, Any]]:
    code, out, _ = typed("gaps", *arguments, "--json")
    assert code == 0
    found: list[dict[str, Any]] = json.loads(out)
    return found


def test_a_message_that_is_there_is_not_missing(store: Store) -> None:
    async def notice(ledger: SqlLedger) -> None:
        await ledger.notice([gap(1), gap(9), gap(9, reason=GapReason.UNDECRYPTABLE)])
        await ledger.notice([gap(9)])
        assert await ledger.open_gaps() == 1

    ledger_with(store.url, notice)
    [one] = shown()
    assert (one["message_id"], one["reason"], one["chat"]) == ("3EB0000009", "at_risk", str(NUMBER))


@pytest.mark.parametrize("origin", [Origin.LIVE, Origin.HISTORY])
def test_a_gap_closes_when_its_message_turns_up(store: Store, origin: Origin) -> None:
    async def turn_up(ledger: SqlLedger) -> None:
        await ledger.notice([gap(9)])
        await ledger.record([message(9, origin=origin)])
        await ledger.notice([gap(9)])

    ledger_with(store.url, turn_up)
    assert shown() == []
    [one] = shown("--all")
    assert one["closed_at"] is not None
    assert typed("gaps")[1] == "Nothing is missing.\n"


def test_a_groups_keys_alone_close_nothing(store: Store) -> None:
    async def keys_then_message(ledger: SqlLedger) -> None:
        await ledger.record([in_group(9, "", kind=Kind.PROTOCOL)])
        await ledger.notice([gap(9, chat=GROUP, sender=LID)])
        assert await ledger.open_gaps() == 1
        await ledger.record([in_group(9)])
        assert await ledger.open_gaps() == 0

    ledger_with(store.url, keys_then_message)


def test_the_operator_closes_what_will_never_come(store: Store) -> None:
    ledger_with(store.url, lambda ledger: ledger.notice([gap(9)]))
    [one] = shown()
    assert typed("gaps", "close", str(one["row_id"]))[:2] == (0, "1 closed.\n")
    assert shown() == []
    code, _, err = typed("gaps", "close", "4711")
    assert (code, "4711" in err) == (2, True)
