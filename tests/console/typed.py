"""Commands as they are typed: what they said and how they ended."""

import asyncio
import functools
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from typer import testing

from izer_bridge.cli import app_of
from izer_bridge.simulator.process import BridgeProcess

app = app_of()
# To put the commands together takes longer than most of them work.
testing._get_command = functools.cache(testing._get_command)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Said:
    """How a command ended; `error` is an exception that came out of it."""

    code: int
    out: str
    err: str
    error: BaseException | None


def typed(*arguments: str, answer: str | None = None) -> Said:
    """Inside this process."""
    result = testing.CliRunner().invoke(app, arguments, input=answer, prog_name="izer-bridge")
    raised = result.exception
    error = None if isinstance(raised, SystemExit) else raised
    return Said(result.exit_code, result.stdout, result.stderr, error)


async def typed_beside(environment: Mapping[str, str], *arguments: str) -> Said:
    """As a process of its own, beside a bridge that runs."""
    command = [sys.executable, "-m", "izer_bridge", *arguments]
    return await ended(command, {**os.environ, **environment})


async def ended(command: Sequence[str], environment: Mapping[str, str]) -> Said:
    """What any process said, and how it ended."""
    running = await BridgeProcess.execute(command, environment)
    assert running.stdout is not None
    assert running.stderr is not None
    out, err = await asyncio.gather(running.stdout.read(), running.stderr.read())
    return Said(await running.wait(), out.decode(), err.decode(), None)
