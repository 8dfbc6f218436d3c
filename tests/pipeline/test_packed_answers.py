"""A built-in agent's answer comes out of the store as it went in, for every reader."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection

from izer_bridge.agents import store as agents_store
from izer_bridge.agents.builtin.response import taken_apart
from izer_bridge.agents.builtin.topic import topics_of
from izer_bridge.agents.store import PackedAnswers
from izer_bridge.domain.message_state import State
from izer_bridge.domain.work import Attempt
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.store.database import Database
from izer_bridge.store.schema import migrate
from tests.agents.bodies import answer, body
from tests.bench.texts import different
from tests.end_to_end.stored import Store
from tests.pipeline.test_ledger import moved
from tests.servers import mysql
from tests.store.messages import ATTEMPT, RECORD, message

_AGENTS = ("business_workflow", "code_debugger", "general_purpose")
_ANSWER: dict[str, Any] = {
    "reply": 'Bitte "nicht" fahren:\n\t\\ \x1f 🚲 \u2028',
    "confidence": 0.35,
    "needs_human": False,
    "actions": [
        {"type": "call_customer", "text": "Arayın.", "when": "yarın", "model": 'Cube "X"'},
        {"type": "answer_customer", "text": "Yazın.", "when": "yarın", "model": 'Cube "X"'},
        {"type": "call_customer", "text": "Arayın.", "when": "yarın", "model": 'Cube "X"'},
    ],
    "agent": "code_debugger",
    "handled_by": "code_debugger",
    "language": "de",
    "topic": "fault",
    "next_step": "Arayın.",
}
_KEPT_WHOLE: tuple[dict[str, Any], ...] = (
    {"ok": 1},
    {**_ANSWER, "actions": []},
    {**_ANSWER, "actions": ["call"]},
    {**_ANSWER, "actions": [{"type": "call_customer", "text": "Arayın.", "when": None}]},
    {**_ANSWER, "actions": [{"type": "call_customer", "text": "Arayın.", "when": 3}]},
    {**_ANSWER, "actions": [*_ANSWER["actions"][:1], {"type": "x", "text": "Yazın."}]},
    {**_ANSWER, "actions": [{"type": "call_customer", "text": "Arayın." * 99}]},
    {**_ANSWER, "actions": [{"text": "Arayın."}]},
    {**_ANSWER, "agent": "hub"},
    {**_ANSWER, "next_step": "Yazın."},
    {**_ANSWER, "confidence": 0.1 + 0.2},
    {**_ANSWER, "confidence": True},
    {**_ANSWER, "needs_human": 1},
    {**_ANSWER, "reply": 3},
    {**_ANSWER, "topic": None},
    {**_ANSWER, "more": "keys"},
    dict(sorted(_ANSWER.items())),
)


def _own_sentences() -> Iterator[str]:
    """Of the agents' own texts, each a sentence of its own."""
    for topic in topics_of("business").each:
        yield from (words for text in topic.reply.values() for _, words in taken_apart(text))


def attempt(response: dict[str, Any], agent: str = "code_debugger") -> Attempt:
    return replace(ATTEMPT, agent=agent, response=response)


async def answered(ledger: SqlLedger, stored: Store, *attempts: Attempt) -> list[tuple[Any, Any]]:
    """What the bridge reads of each, and outside readers."""
    await ledger.record([message(number) for number, _ in enumerate(attempts)])
    for one in attempts:
        [work] = await ledger.claim(1)
        await ledger.analysed(work, RECORD)
        work = moved(work, State.ANALYSED)
        await ledger.attempted(work, one, State.DISPATCHED)
        await ledger.settle(moved(work, State.DISPATCHED))
    rows = await stored.rows("SELECT webhook_message_id, response_data FROM agent_routing")
    found = []
    for row in rows:
        read = (await ledger.outcome(row.webhook_message_id)).attempt
        assert read is not None
        found.append((read.response, json.loads(row.response_data)))
    return found


async def packed(stored: Store) -> int:
    [row] = await stored.rows("SELECT count(steps) AS packed FROM agent_calls")
    return int(row.packed)


async def test_what_the_agents_answer_is_kept_once_and_read_whole(
    ledger: SqlLedger, stored: Store
) -> None:
    said = different()
    attempts = [attempt(await answer(agent, body(next(said))), agent) for agent in _AGENTS * 8]
    found = await answered(ledger, stored, *attempts)
    assert found == [(one.response, one.response) for one in attempts]
    if mysql.ROOT not in os.environ:
        # Including their order, as in the JSON text; MySQL sorts a JSON column's keys.
        assert [list(read) for read, _ in found] == [list(one.response or ()) for one in attempts]
    assert await packed(stored) == (len(attempts) if stored.url.startswith("sqlite") else 0)


async def test_steps_come_in_their_order_with_what_is_known(
    ledger: SqlLedger, stored: Store
) -> None:
    unknown = {**_ANSWER, "reply": None, "actions": [{"type": "a", "text": "b"}], "next_step": "b"}
    certain = {**_ANSWER, "confidence": 1, "needs_human": True}
    whole = [_ANSWER, unknown, certain]
    found = await answered(ledger, stored, *map(attempt, whole))
    assert found == [(one, one) for one in whole]
    assert await packed(stored) == (3 if stored.url.startswith("sqlite") else 0)


async def test_sentences_of_the_agents_own_are_numbers(ledger: SqlLedger, stored: Store) -> None:
    own, other = sorted({one for one in _own_sentences() if one.endswith(".")})[:2]
    replies = [
        f"{own} {other}\n{own}",
        f"\n{own}  {own}\n\n{other} {own}Ayşe. \n ",
        f"Ayşe Hanım {own}",
        f"{own}\nAyşe, 7714. {other} {other}",
        "",
    ]
    whole = [{**_ANSWER, "reply": reply} for reply in replies]
    found = await answered(ledger, stored, *map(attempt, whole))
    assert found == [(one, one) for one in whole]
    if stored.url.startswith("sqlite"):
        rows = await stored.rows("SELECT id, text FROM agent_steps WHERE type = 'says'")
        numbers = {row.text: row.id for row in rows}
        first, second = numbers.pop(own), numbers.pop(other)
        assert not numbers
        rows = await stored.rows("SELECT response_data FROM agent_calls ORDER BY id")
        assert [json.loads(row.response_data)["reply"] for row in rows] == [
            [first, second, -first],
            ["", -first, f"  {own}\n", -second, f" {own}Ayşe. \n "],
            f"Ayşe Hanım {own}",
            [first, "\nAyşe, 7714.", second, second],
            "",
        ]


async def test_of_the_sentences_that_are_kept_only_new_ones_are_read(
    ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counting(*arguments: Any) -> dict[Any, int]:
        found = kept(*arguments)
        read.append(len(found))
        return found

    kept = agents_store._kept
    monkeypatch.setattr(agents_store, "_kept", counting)
    store, answers = await ledger.store(), PackedAnswers()
    replies = sorted({one for one in _own_sentences() if one.endswith(".")})[:9]
    for reply in replies:
        one = attempt({**_ANSWER, "reply": reply})
        await store.write(partial(answers.columns, attempts=[one]))
    # Each by the transaction that writes it, and once more when it is committed.
    steps = len({one["text"] for one in _ANSWER["actions"]})
    assert sum(read) <= 2 * (len(replies) + steps)


@pytest.mark.usefixtures("ledger")
async def test_a_view_of_another_version_is_made_anew(stored: Store) -> None:
    if not stored.url.startswith("sqlite"):
        return
    async with Database(stored.url) as database:
        await database.write(
            lambda connection: [
                connection.exec_driver_sql(statement)
                for statement in (
                    "DROP VIEW agent_routing",
                    "CREATE VIEW agent_routing AS SELECT 1 AS id",
                    "CREATE VIEW of_the_shop AS SELECT 1 AS id",
                )
            ]
        )
        await migrate(database)
        await migrate(database)
    rows = await stored.rows("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    found = {row.name: row.sql for row in rows}
    assert found.keys() == {"message_history", "agent_routing", "of_the_shop"}
    assert "FROM agent_calls" in found["agent_routing"]


async def test_what_would_not_come_out_as_it_is_stays_whole(
    ledger: SqlLedger, stored: Store
) -> None:
    attempts = [*map(attempt, _KEPT_WHOLE), replace(attempt(_ANSWER), url="http://127.0.0.1:8094")]
    found = await answered(ledger, stored, *attempts)
    assert found == [(one.response, one.response) for one in attempts]
    assert await packed(stored) == 0


@pytest.mark.parametrize("most", [1, 1000])
async def test_the_numbers_of_steps_are_those_that_stay(
    ledger: SqlLedger, stored: Store, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Rows of a rolled-back transaction are not remembered; few steps are kept."""
    monkeypatch.setattr(agents_store, "_MOST_STEPS", most)
    answers, one = PackedAnswers(), attempt(_ANSWER)

    def columns(connection: Connection) -> list[dict[str, Any]]:
        return answers.columns(connection, [one])

    is_packed = stored.url.startswith("sqlite") and most > 1
    async with Database(stored.url) as database:
        await database.undone(columns)
        again = await database.write(columns)
        assert (again[0]["steps"] is not None) == is_packed
        assert await database.write(columns) == again
    rows = await stored.rows("SELECT id, type, text FROM agent_steps ORDER BY id")
    steps = {("call_customer", "Arayın."), ("answer_customer", "Yazın.")}
    assert {(row.type, row.text) for row in rows} == (steps if is_packed else set())
    if is_packed:
        numbers = {row.text: row.id for row in rows}
        assert again[0]["steps"] == [numbers["Arayın."], numbers["Yazın."], numbers["Arayın."]]
