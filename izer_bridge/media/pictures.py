"""Has pictures made fit for sending, one at a time, in a process of their own (`picture.py`)."""

import asyncio
import base64
import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.outgoing import Preview

_SCRIPT = Path(__file__).with_name("picture.py")
_SECONDS = 30.0
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class FitPicture:
    """A JPEG as it is sent, and what a phone shows before it has it."""

    jpeg: bytes = field(repr=False)
    preview: Preview


class Pictures:
    """A picture in memory takes up to three bytes a pixel: one at a time."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def fit(self, path: Path) -> FitPicture:
        """Of the picture at `path`, in any form that is sent.

        Raises ValueError for a file that is no such picture, TransientError if no process can run.
        """
        async with self._turn:
            try:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", str(_SCRIPT), str(path)),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE,
                )
            except OSError as error:
                raise TransientError(f"no picture can be read now: {error.strerror}") from None
            return await _result(process)


async def _result(process: asyncio.subprocess.Process) -> FitPicture:
    try:
        async with asyncio.timeout(_SECONDS):
            written, said = await process.communicate()
    except TimeoutError:
        raise ValueError(f"the picture could not be read within {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == 1 and said:
        raise ValueError(said.decode("utf-8", "replace")[:_LONGEST_REASON])
    if process.returncode != 0:
        raise ValueError("the picture cannot be read")
    head, _, jpeg = written.partition(b"\n")
    told = json.loads(head)
    thumbnail = base64.b64decode(told["thumbnail"])
    return FitPicture(jpeg, Preview(told["width"], told["height"], thumbnail))
