"""`izer-bridge route`: where a message would go and why; nothing is stored."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from izer_bridge.people.store.important import Wish, customers_at
from izer_bridge.pipeline.store.ledger import SqlLedger
from tests.console.typed import app
from tests.servers.openai import OpenAIServer
from tests.store.ledgers import SCREENING

SETTINGS = """
[agents.chef]
url = "https://chef.example"
[[routing.rules]]
agent = "chef"
keywords = ["öğle yemeği"]
in_group = false
[[routing.rules]]
agent = "code_debugger"
vip = true
[[routing.rules]]
agent = "general_purpose"
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.toml").write_text(SETTINGS, "utf-8")


def typed(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["route", *arguments])
    return result.exit_code, result.stdout, result.stderr


def answered(*arguments: str) -> Any:
    code, out, err = typed("--json", *arguments)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_each_rule_says_what_it_found() -> None:
    answer = answered("--message", "OGLE YEMEGI var mı?")
    assert answer["route"] == {
        "agent": "chef",
        "url": "https://chef.example",
        "reason": "keyword ogle yemegi and in a direct chat",
    }
    assert [one["matches"] for one in answer["rules"]] == [True, False, True]
    assert answer["rules"][1]["conditions"] == [{"holds": False, "found": "no important customer"}]
    assert answer["analysis"]["category"] in ("inquiry", "general")
    assert answer["skip_reason"] is None
    assert list(Path().iterdir()) == [Path("config.toml")]


def test_the_same_for_a_person() -> None:
    code, out, _ = typed("--message", "öğle yemeği", "--group", "İzer Management")
    assert code == 0
    assert "in a group" in out
    assert "raised for the critical group" in out
    assert "goes to general_purpose (built in): default" in out


def test_the_store_is_asked_who_is_important(store_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("IZER_STORE__URL", store_url)

    async def fill() -> None:
        ledger = SqlLedger(store_url, SCREENING, "test")
        await ledger.open()
        await ledger.close()
        async with customers_at(store_url) as customers:
            await customers.put("+905551112233", Wish(), "Zeynep")
            await customers.put("+905551112244", Wish(agent="chef"), "Zeynep")

    asyncio.run(fill())
    answer = answered("--message", "merhaba", "--from", "0555 111 22 33")
    assert answer["importance"]["vip"] is True
    assert answer["importance"]["store_error"] is None
    assert answer["route"]["agent"] == "code_debugger"
    answer = answered("--message", "merhaba", "--from", "0555 111 22 44")
    assert answer["route"]["reason"] == "preferred agent of the customer"
    assert answer["route"]["agent"] == "chef"


def test_a_group_that_is_not_analysed_is_said() -> None:
    answer = answered("--message", "merhaba", "--group", "Bisikletçiler")
    assert answer["skip_reason"] == "group"
    code, out, _ = typed("--message", "merhaba", "--group", "Bisikletçiler")
    assert (code, "would not be analysed: group" in out) == (0, True)


async def test_openai_may_analyse(monkeypatch: pytest.MonkeyPatch) -> None:
    async with OpenAIServer() as server:
        monkeypatch.setenv("IZER_OPENAI__BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        asked = "--message", "merhaba", "--analyser", "openai"
        answer = await asyncio.to_thread(answered, *asked)
    assert answer["analysis"]["urgency_score"] == 7
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--message", " "], 2, "--message: expected some text"),
        (["--message", "x", "--from", "12"], 2, "--from:"),
        (["--message", "x", "--group", "905551112233@s.whatsapp.net"], 2, "--group"),
        (["--message", "x", "--analyser", "openai"], 78, "no OpenAI key is set"),
    ],
)
def test_what_is_wrong_ends_in_one_line(
    arguments: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    ended, out, err = typed(*arguments)
    assert (ended, out) == (code, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1
