"""Asks an analyser about many messages while a person watches, and says what it cost.

It retries temporary errors, because no ledger row does that here; it stores nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TypeVar

from izer_bridge.analysis.ports import Analyser, AnalyserAnswer
from izer_bridge.console.console import Printer, progress
from izer_bridge.domain.cost import Price, Usage, dollars
from izer_bridge.domain.errors import ConfigError, PermanentError, TransientError
from izer_bridge.domain.message import Subject
from izer_bridge.domain.retry import backoff_seconds

T = TypeVar("T")
R = TypeVar("R")
Pause = Callable[[float], Awaitable[object]]

_AT_ONCE = 4
# With the pauses between them over a minute; nobody waits at a terminal much longer.
MOST_TRIES = 7
_LONGEST_WAIT_SECONDS = 300.0


class OnTrial:
    """An analyser over the network, whose own mistakes are told from what keeps it from answering.

    Raises PermanentError for an unusable answer, TransientError if a retry may get one, ConfigError
    if none will before the operator changes something.
    """

    def __init__(self, analyser: Analyser) -> None:
        self._analyser = analyser

    async def analyse(self, subject: Subject) -> AnalyserAnswer:
        try:
            return await self._analyser.analyse(subject)
        except (TransientError, PermanentError) as error:
            if error.usage is not None:
                raise PermanentError(str(error), usage=error.usage) from None
            if isinstance(error, PermanentError):
                raise ConfigError(str(error)) from None
            raise


async def ask_about_each(
    title: str, items: Sequence[T], ask: Callable[[T], Awaitable[R]], pause: Pause = asyncio.sleep
) -> list[R]:
    """The result of `ask` for each, some in parallel, with a progress bar; the first error ends
    all.

    A TransientError is first waited for, as long as the other side asks for or twice as long at
    every attempt, and the bar says so.
    """
    room = asyncio.Semaphore(_AT_ONCE)
    with progress() as bar:
        task = bar.add_task(title, total=len(items))

        async def patiently(item: T) -> R:
            for attempt in range(1, MOST_TRIES):
                try:
                    return await ask(item)
                except TransientError as error:
                    wait = error.retry_after_seconds
                    seconds = backoff_seconds(attempt) if wait is None else wait
                    if seconds > _LONGEST_WAIT_SECONDS:
                        raise
                    said = f"{title}; again in {seconds:.0f} s: {error}"
                    bar.update(task, description=said, refresh=True)
                await pause(seconds)
                bar.update(task, description=title)
            return await ask(item)

        async def one(item: T) -> R:
            async with room:
                result = await patiently(item)
                bar.advance(task)
                return result

        asked = [asyncio.ensure_future(one(item)) for item in items]
        try:
            return await asyncio.gather(*asked)
        finally:
            for each in asked:
                each.cancel()


def sum_of(charged: Iterable[Usage | None]) -> Usage:
    return sum((one for one in charged if one), Usage())


def cost_of(usage: Usage, price: Price | None) -> dict[str, int | str | None]:
    """Tokens and US dollars; `usd` is None if the price is unknown."""
    return {**asdict(usage), "usd": None if price is None else dollars(price.of(usage))}


def show_cost(usage: Usage, price: Price | None, console: Printer) -> None:
    """Print it if there was any."""
    if usage.input_tokens:
        money = "no price is known" if price is None else f"{dollars(price.of(usage))} USD"
        console.print(
            f"{usage.input_tokens} tokens in ({usage.cached_input_tokens} of them cached), "
            f"{usage.output_tokens} out: {money}",
            highlight=False,
        )
