"""`/v1` of a running bridge: each recipe of docs/api.md, and all that its description allows."""

import asyncio
import json
import os
import re
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from izer_bridge.simulator import content
from izer_bridge.simulator.process import PATIENCE_SECONDS, BridgeProcess
from izer_bridge.simulator.simulator import Simulator

pytestmark = pytest.mark.asyncio(loop_scope="module")

_PAGE = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
_BLOCK = re.compile(r"```(sh|json)\n(.*?)```", re.DOTALL)
_EXPRESSION = re.compile(r"{{ \$json\.(\w+) }}")
_HERE = "http://127.0.0.1:8100"
_TOKEN_FILE = "/var/lib/izer-bridge/api_token"
# The whole document in some 20 s on two cores.
_EXAMPLES = 3


@dataclass(frozen=True)
class Counter:
    """A bridge with two customers who wait, each with a draft."""

    url: str
    folder: Path
    session: aiohttp.ClientSession
    whatsapp: Simulator

    @property
    def token(self) -> str:
        return (self.folder / "state/api_token").read_text("ascii").strip()

    async def ask(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        url = path if path.startswith("http") else f"{self.url}{path}"
        async with self.session.request(method, url, headers=headers, **options) as answer:
            return answer.status, await answer.json()

    async def items(self, path: str, count: int) -> list[Any]:
        """Wait until a list has so many."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                items: list[Any] = (await self.ask("GET", path))[1]["items"]
                if len(items) >= count:
                    return items
                await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def counter(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Counter]:
    folder = tmp_path_factory.mktemp("v1")
    (folder / "whatsapp").mkdir()
    async with Simulator(folder / "whatsapp") as whatsapp, aiohttp.ClientSession() as session:
        environment = {
            **whatsapp.environment,
            "IZER_STATE_DIR": str(folder / "state"),
            "IZER_API__PORT": "0",
            "IZER_API__REQUESTS_PER_SECOND": "0",
            "IZER_REPLY__MODE": "draft",
            "OPENAI_API_KEY": "",
        }
        async with BridgeProcess(whatsapp.command("run"), environment) as bridge:
            await whatsapp.scan(await bridge.code())
            await bridge.line("state=connected")
            counter = Counter(await bridge.url(), folder, session, whatsapp)
            for number, name in (("+905551112233", "Ayşe"), ("+905551112244", "Mehmet")):
                customer = whatsapp.contact(number, name)
                await whatsapp.say(customer, content.text("Frenim tutmuyor, bakım ne kadar?"))
            await counter.items("/v1/drafts", 2)
            yield counter
            assert "request_failed" not in bridge.output


async def _run(*command: str, environment: Mapping[str, str]) -> tuple[int, str]:
    ended = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await ended.communicate()
    return ended.returncode or 0, out.decode("utf-8", "replace")


async def test_each_line_with_curl_does_what_it_says(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await asyncio.to_thread((tmp_path / "fatura.pdf").write_bytes, b"%PDF-1.7\n")
    blocks = [block for kind, block in _BLOCK.findall(_PAGE) if kind == "sh"]
    begin, *lines = [line for block in blocks for line in block.splitlines()]
    token, *lines = lines
    token_file = str(counter.folder / "state/api_token")
    begin = begin.replace(_HERE, counter.url)
    token = token.replace(_TOKEN_FILE, token_file)
    draft = (await counter.items("/v1/drafts", 2))[0]
    await counter.items("/v1/search?q=fren", 2)
    [asked] = await counter.items(f"/v1/conversations/{draft['chat_id']}/messages", 1)
    known = f"CHAT={draft['chat_id']}\nDRAFT={draft['id']}\nMESSAGE={asked['id']}"
    assert len(lines) >= 20
    await asyncio.to_thread((tmp_path / "fatura.pdf").write_bytes, b"%PDF-1.7\n" + bytes(99))
    for line in lines:
        assert line.startswith("curl "), line
        script = "\n".join((begin, token, known, line))
        code, said = await _run("bash", "-euc", script, environment={})
        assert code == 0, f"{line}\n{said}"
        told = json.loads(said) if said else {}
        # The one line that shows a refusal has no `-f`.
        is_refused = line.startswith("curl -sS ")
        assert ("decided by HTTP at" in told.get("detail", "")) is is_refused, f"{line}\n{said}"
    found = await asyncio.to_thread((tmp_path / "fren.csv").read_text, "utf-8-sig")
    assert "Frenim" in found


async def test_each_node_of_n8n_asks_what_a_bridge_answers(counter: Counter) -> None:
    """As n8n sends it: the expressions replaced, the credential as a header."""
    draft = (await counter.items("/v1/drafts", 1))[-1]
    facts = {"chat_id": draft["chat_id"], "draft_id": draft["id"], "order": "order-4712"}
    nodes = [json.loads(block) for kind, block in _BLOCK.findall(_PAGE) if kind == "json"]
    assert len(nodes) == 3
    for node in nodes:
        asked = node["parameters"]
        assert asked["genericAuthType"] == "httpHeaderAuth"
        options: dict[str, Any] = {}
        for place, option in (("headerParameters", "headers"), ("queryParameters", "params")):
            pairs = asked.get(place, {"parameters": []})["parameters"]
            options[option] = {one["name"]: _filled(one["value"], facts) for one in pairs}
        if asked.get("sendBody"):
            options["json"] = json.loads(_filled(asked["jsonBody"], facts))
        url = _filled(asked["url"], facts).replace(_HERE, counter.url)
        status, told = await counter.ask(asked.get("method", "GET"), url, **options)
        assert status in (200, 201), f"{node['name']}: {told}"


def _filled(value: str, facts: Mapping[str, object]) -> str:
    if not value.startswith("="):
        return value
    return _EXPRESSION.sub(lambda found: str(facts[found[1]]), value[1:])


async def test_nothing_that_the_description_allows_breaks_it(
    counter: Counter, tmp_path: Path
) -> None:
    """No 5xx, no answer that is not described; from a seed, so that each run asks the same."""
    code, said = await _run(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{counter.url}/openapi.json"),
        *("-H", f"Authorization: Bearer {counter.token}", "--seed", "1"),
        *("-n", str(_EXAMPLES), "--phases", "examples,coverage,fuzzing", "--no-color"),
        # What a rule of the shop refuses is valid all the same.
        *("--checks", "all", "--exclude-checks", "positive_data_acceptance"),
        environment={
            "SCHEMATHESIS_HOOKS": "tests.end_to_end.contract_hooks",
            "PYTHONPATH": shlex.quote(str(Path(__file__).parents[2])),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path),
        },
    )
    assert code == 0, said
    assert re.search(r"Selected: (\d+)/\1\n\s+Tested: \1\n", said), said
