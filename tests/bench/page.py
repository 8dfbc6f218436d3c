"""The board beside 10,000 open conversations: how large it is, when it is seen, what it costs.

A real browser and a real bridge on SQLite. The 50 boards read in a process of their own.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import aiohttp
from playwright.async_api import Page, async_playwright

from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Message
from izer_bridge.domain.work import Worked
from izer_bridge.pipeline.store.ledger import SqlLedger
from izer_bridge.simulator.simulator import OWNER_NUMBER
from tests.bench.burst import Said, Shape, are_done, bridge_on, released, until
from tests.bench.on_screen import OnScreen, decisions_on_screen, messages_on_screen
from tests.bench.processes import cpu_seconds, pss_mib
from tests.bench.texts import different
from tests.servers.browser import ARGUMENTS, program
from tests.store.ledgers import SCREENING
from tests.store.messages import ATTEMPT, RECORD, message

_TOKEN = "0123456789abcdef0123456789abcdef"
_HEADERS = {"Authorization": f"Bearer {_TOKEN}"}
_TOGETHER, _LOADS = 500, 9
BOARDS = 50
_SETTLED_SECONDS = 65
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True)
class PageCost:
    """Medians. `with_boards` is the rate of messages with 50 boards, as a part of that with none,
    `cpu` the processor time of the bridge a message likewise, which other programs change less.

    `more_mib` is the memory (PSS) that a first board adds to the bridge.
    """

    conversations: int
    page_bytes: int
    first_paint_ms: float
    more_mib: float
    messages: OnScreen
    decisions: OnScreen
    with_boards: float
    cpu: float


async def measure_page(conversations: int, messages: int, rounds: int) -> PageCost:
    async with bridge_on(None, BRIDGE_API_TOKEN=_TOKEN) as (whatsapp, bridge, store):
        url, said = await bridge.url(), Said(whatsapp, Shape("20 chats", 20))
        done = conversations + await said.before()
        await _fill(f"sqlite:///{store.file}", conversations)
        await until(store, are_done(done))
        before = await _settled_mib(bridge.pid)
        async with _browser(url) as tab:
            loads = [await _load(tab, url) for _ in range(_LOADS)]
            more = await _settled_mib(bridge.pid) - before
            messages_there = await messages_on_screen(tab, whatsapp, said.people)
            async with aiohttp.ClientSession(url, headers=_HEADERS) as other:
                decisions_there = await decisions_on_screen(tab, other)
        done = store.look()[1]
        seconds: dict[int, list[float]] = {0: [], BOARDS: []}
        cpu: dict[int, list[float]] = {0: [], BOARDS: []}
        for number in range(rounds + 1):
            # In turn, each as often first; before the first one it reads words into the index.
            for boards in sorted(seconds, reverse=number % 2 == 0):
                burst = await said.sealed(messages)
                done += messages
                async with _reading(url, boards):
                    began, worked = time.monotonic_ns(), cpu_seconds(bridge.pid)
                    releasing = asyncio.create_task(released(whatsapp, burst))
                    took = await until(store, are_done(done)) - began
                    await releasing
                if number:
                    seconds[boards].append(took)
                    cpu[boards].append(cpu_seconds(bridge.pid) - worked)
    return PageCost(
        conversations,
        loads[-1][0],
        median(paint for _, paint in loads),
        more,
        messages_there,
        decisions_there,
        median(seconds[0]) / median(seconds[BOARDS]),
        median(cpu[BOARDS]) / median(cpu[0]),
    )


async def _fill(url: str, count: int) -> None:
    """As many customers ask something, which is worked here and by the bridge."""
    ledger, texts, now = SqlLedger(url, SCREENING, "bench"), different(), datetime.now(UTC)
    await ledger.open()
    for first in range(0, count, _TOGETHER):
        numbers = range(first, min(first + _TOGETHER, count))
        await ledger.record([_asked(number, next(texts), now) for number in numbers])
        while works := await ledger.claim(_TOGETHER):
            await ledger.finish([Worked(one, RECORD, ATTEMPT) for one in works])
    await ledger.close()


def _asked(number: int, text: str, now: datetime) -> Message:
    return message(
        number,
        text,
        account=OWNER_NUMBER,
        chat=Jid.parse(f"90555{number:07d}@s.whatsapp.net"),
        sent_at=now,
        sender_name=f"Müşteri {number}",
    )


@asynccontextmanager
async def _browser(url: str) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        tab = await running.new_page(locale="tr-TR")
        await tab.goto(url)
        await tab.locator("#token").fill(_TOKEN)
        await tab.locator("#login button").click()
        await tab.locator("#board").wait_for()
        yield tab
        await running.close()


async def _settled_mib(pid: int) -> float:
    """The least of a minute, in which free memory is returned once."""
    found = [pss_mib(pid)]
    for _ in range(_SETTLED_SECONDS):
        await asyncio.sleep(1)
        found.append(pss_mib(pid))
    return min(found)


async def _load(tab: Page, url: str) -> tuple[int, float]:
    """Bytes of the page, and milliseconds from asking for it until something is painted."""
    async with tab.expect_response("**/board/list*"):
        answer = await tab.goto(url)
    if answer is None:
        raise RuntimeError("the board was not loaded")
    await tab.wait_for_function(f"() => {_PAINT} !== undefined")
    return len(await answer.body()), float(await tab.evaluate(_PAINT))


@asynccontextmanager
async def _reading(url: str, boards: int) -> AsyncIterator[None]:
    """As many boards, each of them connected."""
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, "-m", __name__, url, str(boards)], stdout=asyncio.subprocess.PIPE
    )
    if process.stdout is None:
        raise RuntimeError("the boards were started without a pipe")
    await process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _read(url: str, boards: int) -> None:
    timeout = aiohttp.ClientTimeout(total=None)
    connected = asyncio.Semaphore(0)

    async def board(session: aiohttp.ClientSession) -> None:
        async with session.get(f"{url}/board/events") as response:
            connected.release()
            async for line in response.content:
                if b'"again":true' in line:
                    await (await session.get(f"{url}/board/list")).read()

    async with (
        aiohttp.ClientSession(
            headers=_HEADERS, timeout=timeout, connector=aiohttp.TCPConnector(limit=0)
        ) as session,
        asyncio.TaskGroup() as running,
    ):
        for _ in range(boards):
            running.create_task(board(session))
        for _ in range(boards):
            await connected.acquire()
        sys.stdout.write("connected\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_read(sys.argv[1], int(sys.argv[2])))
