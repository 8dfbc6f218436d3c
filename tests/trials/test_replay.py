"""`izer-bridge replay`: how stored messages would be judged now."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from izer_bridge.domain.message_state import State
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.end_to_end.stored import Store
from tests.servers.loopback import Raw
from tests.servers.openai import ANALYSIS, OpenAIServer, failing
from tests.store.ledgers import SCREENING
from tests.store.messages import ATTEMPT, RECORD, message


@pytest.fixture
def store(store_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    """Two messages that were worked, one that waits."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))

    async def fill() -> None:
        ledger = SqlLedger(store_url, SCREENING, "test")
        await ledger.open()
        await ledger.record([message(1, "Teşekkürler, iyi günler"), message(2, "Fren tutmuyor!")])
        for _ in range(2):
            [work] = await ledger.claim(1)
            await ledger.analysed(work, RECORD)
            await ledger.open()
            [work] = await ledger.claim(1)
            await ledger.attempted(work, ATTEMPT, State.DISPATCHED)
            await ledger.open()
            [work] = await ledger.claim(1)
            await ledger.settle(work)
        await ledger.record([message(3)])
        await ledger.close()

    asyncio.run(fill())
    return Store(store_url)


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["replay", *arguments])
    return result.exit_code, result.stdout, result.stderr


def everything(store: Store) -> list[object]:
    return [asyncio.run(store.messages()), asyncio.run(store.attempts())]


def test_what_differs_is_shown_then_and_now(store: Store) -> None:
    before = everything(store)
    code, out, _ = typed("1", "--json")
    [one] = json.loads(out)
    assert (code, one["message_id"]) == (0, "3EB0000001")
    assert one["differs"]["category"] == {"then": "technical", "now": "general"}
    assert one["differs"]["agent"] == {"then": "business_workflow", "now": "general_purpose"}
    assert everything(store) == before


def test_messages_are_named_by_row_or_id_or_by_time(store: Store) -> None:
    for arguments in (("1", "3EB0000002"), ("--since", "2026-03-01")):
        _, out, _ = typed(*arguments, "--json")
        assert [one["row_id"] for one in json.loads(out)] == [1, 2]
    assert "0 replayed" in typed("--since", "2027-01-01")[1]


def test_a_time_is_the_shops(store: Store) -> None:
    """The messages were sent at noon UTC, and their shop is three hours ahead."""
    for since, count in (("2026-03-01T15:00:00", 2), ("2026-03-01T15:01:00", 0)):
        assert f"{count} replayed" in typed("--since", since)[1]


def with_openai(
    monkeypatch: pytest.MonkeyPatch, server: OpenAIServer, *arguments: str
) -> tuple[int, str, str]:
    """As typed with OpenAI's analyser; `server` is OpenAI."""

    async def run() -> tuple[int, str, str]:
        async with server:
            monkeypatch.setenv("NO_PROXY", "127.0.0.1")
            monkeypatch.setenv("IZER_OPENAI__BASE_URL", server.base_url)
            monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
            return await asyncio.to_thread(typed, *arguments, "--analyser", "openai")

    return asyncio.run(run())


def test_another_model_and_prompt_are_tried(
    store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Judge the message.", "utf-8")
    server = OpenAIServer(ANALYSIS | {"category": "complaint"})
    arguments = ("2", "--model", "other", "--prompt", str(prompt))
    _, out, _ = with_openai(monkeypatch, server, *arguments)
    assert "1 replayed: 1 differ" in out
    assert "complaint" in out
    assert "700 tokens in (0 of them cached), 90 out: no price is known" in out
    [request] = server.requests
    assert request.json["model"] == "other"
    assert request.json["messages"][0]["content"] == "Judge the message."


def test_what_it_cost_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = with_openai(monkeypatch, OpenAIServer(), "1", "2")
    assert "1400 tokens in (0 of them cached), 180 out: 0.00071 USD" in out
    _, out, _ = with_openai(monkeypatch, OpenAIServer(), "1", "--json")
    [one] = json.loads(out)
    assert one["cost"] == {
        "input_tokens": 700,
        "cached_input_tokens": 0,
        "output_tokens": 90,
        "usd": "0.000355",
    }
    assert json.loads(typed("1", "--json")[1])[0]["cost"] is None


@pytest.mark.parametrize(
    ("answer", "code"), [(failing(503, Retry_After="0"), 75), (failing(401), 78)]
)
def test_an_analyser_that_is_away_or_refused_ends_it(
    store: Store, monkeypatch: pytest.MonkeyPatch, answer: Raw, code: int
) -> None:
    server = OpenAIServer()
    server.answerer = lambda _: answer
    ended, out, err = with_openai(monkeypatch, server, "1", "2")
    assert (ended, out) == (code, "")
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize("arguments", [(), ("1", "--since", "2026-01-01"), ("1", "--model", "x")])
def test_what_is_meant_must_be_said(store: Store, arguments: tuple[str, ...]) -> None:
    assert typed(*arguments)[0] == 2


@pytest.mark.parametrize("name", ["3", "4711", "3EB0FFFFFF"])
def test_what_cannot_be_replayed_is_named(store: Store, name: str) -> None:
    code, _, err = typed(name)
    assert code == 2
    assert name in err
