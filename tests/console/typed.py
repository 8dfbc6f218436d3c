"""Runs commands as typed: their output and how they ended."""

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
# Assembling the commands takes longer than most of them run.
testing._get_command = functools.cache(testing._get_command)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Said:
    """How a command ended; `error` is an exception that it raised."""

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
    """As a separate process, beside a running bridge."""
    command = [sys.executable, "-m", "izer_bridge", *arguments]
    return await ended(command, {**os.environ, **environment})


async def ended(command: Sequence[str], environment: Mapping[str, str]) -> Said:
    """Any process's output, and how it ended."""
    running = await BridgeProcess.execute(command, environment)
    assert running.stdout is not None
    assert running.stderr is not None
    out, err = await asyncio.gather(running.stdout.read(), running.stderr.read())
    return Said(await running.wait(), out.decode(), err.decode(), None)
