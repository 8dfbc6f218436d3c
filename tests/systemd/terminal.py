"""A terminal of 100 × 45 in a container, at which its user types."""

import asyncio
import shlex
from collections.abc import Mapping

from tests.systemd.bare_debian import USER
from tests.systemd.container import Container

_SIZE = "stty cols 100 rows 45 -onlcr"
_CHUNK = 65_536


def at_terminal(machine: Container, command: str, folder: str = "~") -> list[str]:
    """The command line that runs what the user types in a folder."""
    login = f"su --login {USER} --command {shlex.quote(f'cd {folder} && {command}')}"
    terminal = ("script", "--quiet", "--return", "--command", f"{_SIZE}; exec {login}", "/dev/null")
    return machine.command("TERM=xterm", *terminal)


async def typed(machine: Container, command: str, folder: str, answers: Mapping[str, str]) -> str:
    """What it said, once it has ended well; `answers` by what it asks, each of which it may ask."""
    pipe = asyncio.subprocess.PIPE
    line = at_terminal(machine, command, folder)
    process = await asyncio.create_subprocess_exec(*line, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin
    assert process.stdout
    said, unanswered = "", dict(answers)
    while chunk := await process.stdout.read(_CHUNK):
        said += chunk.decode(errors="replace")
        for question in [one for one in unanswered if one in said]:
            process.stdin.write(f"{unanswered.pop(question)}\n".encode())
    code = await process.wait()
    assert code == 0, f"{command} ended with {code}:\n{said}"
    return said
