"""`POST /webhook` by several clients at once: this bridge, and a model of what it replaced.

Both ask the same model and agent over HTTP, which answer immediately, and write to the same server.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

import aiohttp

from tests.bench.burst import bridge_on
from tests.bench.texts import different
from tests.servers.agent import AgentServer
from tests.servers.mariadb import MariaDB
from tests.servers.openai import OpenAIServer

_AGENTS = ("BUSINESS_WORKFLOW", "CODE_DEBUGGER", "GENERAL_PURPOSE")


@dataclass(frozen=True)
class Answers:
    """Answers per second, and how long the slowest hundredth waited."""

    a_second: float
    p99_ms: float


async def measure_webhook(
    server: MariaDB, messages: int, clients: int, rounds: int
) -> dict[str, Answers]:
    """The medians by name, of alternating rounds."""
    taken: dict[str, list[Answers]] = {"replaced shape": [], "bridge": []}
    for _ in range(rounds):
        async with OpenAIServer() as model, AgentServer() as agent:
            async with _replaced(server, model, agent) as url:
                taken["replaced shape"].append(await _posted(url, messages, clients))
            async with _bridge(server, model, agent) as url:
                taken["bridge"].append(await _posted(url, messages, clients))
    return {
        name: Answers(
            round(median(one.a_second for one in each), 1),
            round(median(one.p99_ms for one in each), 1),
        )
        for name, each in taken.items()
    }


@asynccontextmanager
async def _bridge(server: MariaDB, model: OpenAIServer, agent: AgentServer) -> AsyncIterator[str]:
    settings = {
        "OPENAI_API_KEY": "none",
        "IZER_OPENAI__BASE_URL": model.base_url,
        "IZER_API__REQUESTS_PER_SECOND": "100000",
        **{f"IZER_AGENTS__{name}__URL": agent.url for name in _AGENTS},
    }
    async with bridge_on(server, **settings) as (_, bridge, _):
        yield await bridge.url()


@asynccontextmanager
async def _replaced(server: MariaDB, model: OpenAIServer, agent: AgentServer) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", "benchmarks.replaced", server.database()],
        *[f"{model.base_url}/chat/completions", f"{agent.url}/process"],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    if process.stdout is None:
        raise RuntimeError("the server was started without a pipe")
    try:
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise RuntimeError("the replaced shape did not start: is werkzeug installed?")
        yield url
    finally:
        process.kill()
        await process.wait()


async def _posted(url: str, messages: int, clients: int) -> Answers:
    texts = different()
    bodies = iter([_body(number, next(texts)) for number in range(messages)])
    took: list[float] = []

    async def client(session: aiohttp.ClientSession) -> None:
        for body in bodies:
            began = time.monotonic()
            async with session.post(f"{url}/webhook", json=body) as response:
                response.raise_for_status()
                await response.read()
            took.append((time.monotonic() - began) * 1000)

    began = time.monotonic()
    async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as running:
        for _ in range(clients):
            running.create_task(client(session))
    seconds = time.monotonic() - began
    return Answers(messages / seconds, sorted(took)[int(len(took) * 0.99)])


def _body(number: int, text: str) -> dict[str, object]:
    return {
        "message_id": f"bench-{number}",
        "chat_time": "2026-03-01T12:00:00Z",
        "chat_name": f"Müşteri {number % 200}",
        "phone_number": f"+9055522{number % 200:05d}",
        "current_message": text,
        "history": [],
    }
