"""One loop for every task: it continues whatever its step raises, and ends when it is told to."""

import asyncio
from collections.abc import Callable

import pytest
from structlog.testing import capture_logs

from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.host.loop import Loop

NEVER = 10_000.0


class Task:
    """A step that does what `script` says, one after the other, and then stops its loop."""

    def __init__(self, *script: bool | Exception, every_seconds: float = 0.0) -> None:
        self.steps = 0
        self.pauses: list[int] = []
        self.loop = Loop("task", self.step, every_seconds, pause=self.pause)
        self._script = script

    async def step(self) -> bool:
        self.steps += 1
        if self.steps > len(self._script):
            self.loop.stop()
            return False
        told = self._script[self.steps - 1]
        if isinstance(told, Exception):
            raise told
        return told

    def pause(self, failures: int) -> float:
        self.pauses.append(failures)
        return 0.0


async def test_a_failure_costs_a_pause_that_grows_until_it_works_again() -> None:
    task = Task(ValueError("a"), KeyError("b"), False, RuntimeError("c"))
    with capture_logs() as logged:
        await task.loop.run()
    assert (task.steps, task.pauses) == (5, [1, 2, 1])
    assert [(one["event"], one["task"]) for one in logged] == [("task_failed", "task")] * 3
    assert all(one["exc_info"] for one in logged)


async def test_a_store_that_is_away_is_a_warning_without_a_traceback() -> None:
    task = Task(TransientError("the store is away"))
    with capture_logs() as logged:
        await task.loop.run()
    assert task.pauses == []
    assert logged == [
        {"event": "store_unavailable", "error": "the store is away", "log_level": "warning"}
    ]


async def test_what_only_the_operator_can_mend_ends_it() -> None:
    with pytest.raises(ConfigError):
        await Task(ConfigError("store.url")).loop.run()


async def test_a_hint_and_more_to_do_are_not_waited_for() -> None:
    task = Task(True, True, every_seconds=NEVER)
    running = asyncio.create_task(task.loop.run())
    async with asyncio.timeout(60):
        await running
    assert task.steps == 3


@pytest.mark.parametrize("settle", [lambda loop: loop.hint(), lambda loop: loop.stop()])
async def test_a_wait_ends_with_a_hint_or_the_end(settle: Callable[[Loop], None]) -> None:
    began = asyncio.Event()

    async def step() -> bool:
        if began.is_set():
            loop.stop()
        began.set()
        return False

    loop = Loop("task", step, NEVER)
    running = asyncio.create_task(loop.run())
    await began.wait()
    settle(loop)
    async with asyncio.timeout(60):
        await running


async def test_a_pause_is_over_when_it_is_told_to_stop() -> None:
    failed = asyncio.Event()

    async def step() -> bool:
        failed.set()
        raise ValueError

    loop = Loop("task", step, NEVER, pause=lambda _: NEVER)
    running = asyncio.create_task(loop.run())
    await failed.wait()
    loop.stop()
    async with asyncio.timeout(60):
        await running


async def test_to_the_end_it_works_off_what_is_left_but_not_for_ever() -> None:
    left = 3

    async def step() -> bool:
        nonlocal left
        left -= 1
        return left > 0

    loop = Loop("task", step, NEVER, to_the_end=True)
    loop.stop()
    await loop.run()
    assert left == 0

    async def fail() -> bool:
        raise TransientError("away")

    refused = Loop("task", fail, NEVER, to_the_end=True)
    refused.stop()
    await refused.run()


async def test_it_may_wait_before_it_begins() -> None:
    task = Task(False, every_seconds=0.0)
    later = Loop("task", task.step, NEVER, waits_first=True)
    running = asyncio.create_task(later.run())
    await asyncio.sleep(0)
    assert task.steps == 0
    later.hint()
    later.stop()
    await running
