"""`Idempotency-Key`: a write that is sent again, for want of an answer, gets the first one's.

Answers are kept for 24 hours, each person's apart. A refusal is not kept: it changed nothing, and
may be tried again. If the process dies between a write and the keeping of its answer, the write is
done again, and by its name the handler finds what it did.
"""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

from aiohttp import web

from izer_bridge.web.caller import Caller
from izer_bridge.web.problems import FieldError, ProblemError

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
_KEY = re.compile("[!-~]+")


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was `asked`, as a SHA-256, and what came of it."""

    asked: str
    status: int
    body: bytes = field(repr=False)


class Answers(Protocol):
    """Where answers are kept, by the name of their write. Raises TransientError."""

    async def find(self, name: str) -> KeptAnswer | None: ...

    async def keep(self, name: str, answer: KeptAnswer) -> None: ...


@dataclass(frozen=True, slots=True)
class WriteTurn:
    """One attempt of a write. `name` is None if it came without a key."""

    name: str | None = None
    asked: str = ""
    kept: KeptAnswer | None = None


class Once:
    """Lets one attempt of a write in at a time, and gives a later one the answer of the first."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._at_work: set[str] = set()

    @asynccontextmanager
    async def turn(
        self, request: web.Request, caller: Caller, body: bytes
    ) -> AsyncIterator[WriteTurn]:
        """Raises ProblemError: 409 while another attempt is at work, 422 for another body."""
        given = request.headers.get(HEADER)
        if given is None:
            yield WriteTurn()
            return
        name = _digest(str(caller.staff_id), _checked(given))
        asked = _digest(request.method, request.path_qs, body)
        if name in self._at_work:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                f"the write with this {HEADER} is still at work",
                headers={"Retry-After": "1"},
            )
        self._at_work.add(name)
        try:
            kept = await self._answers.find(name)
            if kept is not None and kept.asked != asked:
                raise _wrong("was used for another write within 24 hours; give each its own")
            yield WriteTurn(name, asked, kept)
        finally:
            self._at_work.discard(name)

    async def keep(self, turn: WriteTurn, response: web.Response) -> None:
        """What came of a write, for the attempts that may follow."""
        if turn.name is not None:
            body = response.body if isinstance(response.body, bytes) else b""
            await self._answers.keep(turn.name, KeptAnswer(turn.asked, response.status, body))


def _checked(key: str) -> str:
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        raise _wrong(f"expected 1 to {LONGEST_KEY} printable characters of ASCII without blanks")
    return key


def _wrong(message: str) -> ProblemError:
    fault = FieldError(HEADER, message)
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{HEADER}: {message}", errors=[fault])


def _digest(*parts: str | bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        whole.update(len(raw).to_bytes(8, "big") + raw)
    return whole.hexdigest()
