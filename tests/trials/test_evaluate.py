"""`izer-bridge evaluate`."""

import asyncio
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.domain.cost import Price
from izer_bridge.domain.errors import TransientError
from izer_bridge.trials.batch import MOST_TRIES, ask_about_each
from tests.console.typed import app
from tests.servers.loopback import Raw
from tests.servers.openai import ANALYSIS, OpenAIServer, answering, failing, refusing, truncated

PRICE = Price(Decimal(1), Decimal("0.1"), Decimal(2))
SET = Path(__file__).parents[1] / "data" / "analysis-dev.jsonl"
LINE: dict[str, Any] = json.loads(SET.read_text(encoding="utf-8").splitlines()[0])


def typed(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    result = CliRunner().invoke(app, ["evaluate", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_local_analyser_reaches_what_it_must() -> None:
    code, out, _ = typed(str(SET), "--json", "--min-overall", "88")
    document = json.loads(out)
    assert code == 0
    assert document["overall"] >= 88
    assert len(document["predictions"]) == 120
    assert set(document["predictions"][0]) == {"id", "analysis"}
    assert document["predictions"][0]["analysis"]["category"]


def test_a_person_gets_tables() -> None:
    code, out, _ = typed(str(SET))
    assert code == 0
    for words in ("Overall", "urgent recall", "false alarms", "precision", "technical"):
        assert words in out


def test_below_the_gate_the_exit_code_says_so() -> None:
    code, _, err = typed(str(SET), "--json", "--min-overall", "100")
    assert code == 1
    assert "below the 100" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no labelled message"),
        ("{", "x.jsonl:1"),
        (json.dumps(LINE | {"expected": {"urgency": [1]}}), "x.jsonl:1: expected"),
        (json.dumps(LINE | {"expected": LINE["expected"] | {"category": []}}), "expected.category"),
        (json.dumps(LINE | {"expected": LINE["expected"] | {"sentiment": []}}), ".sentiment"),
        (json.dumps(LINE | {"expected": LINE["expected"] | {"urgency": [8, 3]}}), "lower score"),
        (json.dumps(LINE | {"expected": LINE["expected"] | {"urgency": [8, 30]}}), "urgency.1"),
        (f"{json.dumps(LINE)}\n{json.dumps(LINE)}", "x.jsonl:2: the id"),
    ],
)
def test_a_wrong_set_is_told_by_its_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(content, encoding="utf-8")
    code, _, err = typed(str(file))
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_a_message_may_hold_other_ends_of_lines(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    line = json.dumps(LINE | {"message": "fren\u2028tutmuyor\x85"}, ensure_ascii=False)
    file.write_text(f"{line}\n", encoding="utf-8")
    code, out, err = typed(str(file), "--json")
    assert (code, err) == (0, "")
    assert len(json.loads(out)["predictions"]) == 1


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    code, _, err = typed(str(tmp_path / "no.jsonl"))
    assert code == 2
    assert "no.jsonl" in err


def test_openai_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_API_KEY_FILE", "CREDENTIALS_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    code, _, err = typed(str(SET), "--analyser", "openai")
    assert code == 78
    assert "no OpenAI key" in err


async def test_openai_is_measured_the_same_way(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from izer_bridge.analysis.openai_analyser import OpenAIAnalyser
    from izer_bridge.trials import evaluate

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    messages = evaluate.read_set(SET)[:5]
    async with OpenAIServer(ANALYSIS) as server:
        analyser = OpenAIAnalyser(server.base_url, "sk-test", "m", 5, True)
        overall = await evaluate.run(messages, analyser, PRICE, json_output=True)
        await analyser.close()
    document = json.loads(capsys.readouterr().out)
    assert document["overall"] == overall
    assert {one["analysis"]["category"] for one in document["predictions"]} == {"technical"}
    assert len(server.requests) == 5
    assert document["cost"] == {
        "input_tokens": 3500,
        "cached_input_tokens": 0,
        "output_tokens": 450,
        "usd": "0.0044",
    }


async def evaluated(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> tuple[int, str, str]:
    """As typed, on three messages; `server` is OpenAI."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("IZER_OPENAI__BASE_URL", server.base_url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    file = tmp_path / "three.jsonl"
    file.write_text("".join(f"{json.dumps(LINE | {'id': name})}\n" for name in "abc"))
    return await asyncio.to_thread(typed, str(file), "--analyser", "openai", "--json")


async def test_what_passes_is_no_wrong_answer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with OpenAIServer() as server:
        server.script(failing(429, Retry_After="0"), failing(503, Retry_After="0"))
        code, out, err = await evaluated(server, monkeypatch, tmp_path)
    document = json.loads(out)
    assert (code, err, document["failures"]) == (0, "", {})
    assert len(document["predictions"]) == 3
    assert len(server.requests) == 5


@pytest.mark.parametrize(
    ("answer", "code", "said", "most"),
    [
        (failing(503, Retry_After="0"), 75, "OpenAI answered 503", 3 * MOST_TRIES),
        (failing(429, Retry_After="0"), 75, "too many requests", 3 * MOST_TRIES),
        (failing(429, Retry_After="7200"), 75, "too many requests", 3),
        (failing(401), 78, "refused the API key", 3),
        (failing(403), 78, "refused the request (403)", 3),
        (failing(404), 78, "no model 'gpt-5-mini'", 3),
    ],
)
async def test_what_does_not_pass_ends_it_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: Raw, code: int, said: str, most: int
) -> None:
    async with OpenAIServer() as server:
        server.answerer = lambda _: answer
        ended, out, err = await evaluated(server, monkeypatch, tmp_path)
    assert (ended, out) == (code, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1
    assert len(server.requests) <= most


async def test_only_the_analysers_own_mistakes_are_wrong_answers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with OpenAIServer() as server:
        server.script(refusing(), truncated(), answering("Fren bozuk."))
        code, out, _ = await evaluated(server, monkeypatch, tmp_path)
    document = json.loads(out)
    assert (code, document["predictions"], len(server.requests)) == (0, [], 3)
    said = " ".join(sorted(document["failures"].values()))
    assert all(word in said for word in ("refused", "truncated", "schema"))


async def test_the_bar_says_how_long_is_waited_and_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    pauses: list[float] = []
    waits = [20.0, None, None]

    async def ask(_: str) -> str:
        if waits:
            raise TransientError("too many requests", retry_after_seconds=waits.pop(0))
        return "asked"

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    assert await ask_about_each("Analysing", ["a"], ask, pause) == ["asked"]
    assert pauses == [20.0, 2.0, 4.0]
    assert "Analysing; again in 20 s: too many requests" in capsys.readouterr().err


def test_every_process_says_the_same() -> None:
    """Sets have another order in each process; no answer may depend on it."""
    command = [sys.executable, "-m", "izer_bridge", "evaluate", str(SET), "--json"]
    said = {
        subprocess.run(
            command, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
