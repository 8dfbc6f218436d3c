"""How long news takes to the screen of a board: from its sending until its row is painted."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

import aiohttp
from playwright.async_api import Page

from izer_bridge.simulator import content
from izer_bridge.simulator.people import Person
from izer_bridge.simulator.simulator import Simulator

_COUNT = 60
_LONGEST_PAUSE_SECONDS = 1.2
_WORDS_ARE_THERE = "document.getElementById('list').textContent.includes(what)"
_ROW_IS_GONE = "!document.getElementById(what)"


@dataclass(frozen=True)
class OnScreen:
    """Milliseconds."""

    median: float
    most: float


async def messages_on_screen(tab: Page, whatsapp: Simulator, people: Sequence[Person]) -> OnScreen:
    async def written(number: int) -> float:
        words = f"{number}. sorum: yarın açık mısınız?"
        sender = people[number % len(people)]
        return await _taken(
            tab, _WORDS_ARE_THERE, words, lambda: whatsapp.say(sender, content.text(words))
        )

    return await _spread(written)


async def decisions_on_screen(tab: Page, session: aiohttp.ClientSession) -> OnScreen:
    """Another board is done with the conversation that this one shows first."""

    async def decided(_: int) -> float:
        row = await tab.locator("#rows li").first.get_attribute("id") or ""
        address = f"/v1/conversations/{row.removeprefix('c')}/done"

        async def decide() -> None:
            async with session.post(address, json={}) as answer:
                answer.raise_for_status()

        return await _taken(tab, _ROW_IS_GONE, row, decide)

    return await _spread(decided)


async def _spread(once: Callable[[int], Awaitable[float]]) -> OnScreen:
    """At any moment of what the bridge does by itself after the one before."""
    taken, chance = [], random.Random(19)
    for number in range(_COUNT):
        taken.append(await once(number))
        await asyncio.sleep(chance.uniform(0, _LONGEST_PAUSE_SECONDS))
    return OnScreen(median(taken), max(taken))


async def _taken(tab: Page, is_shown: str, what: str, do: Callable[[], Awaitable[object]]) -> float:
    """Asked before each painting; browser and bridge have one clock."""
    shown = asyncio.ensure_future(
        tab.wait_for_function(f"what => {is_shown} && Date.now()", arg=what, polling="raf")
    )
    began = time.time() * 1000
    await do()
    return float(await (await shown).json_value()) - began
