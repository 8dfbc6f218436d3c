"""An HTTP server on a free port of 127.0.0.1 that records requests and answers as scripted."""

import asyncio
import json
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web


@dataclass(frozen=True)
class Recorded:
    """One request as it came, and when; `json` is None for a body that is not JSON."""

    path: str
    headers: Mapping[str, str]
    json: Any
    body: bytes = field(default=b"", repr=False)
    came_at: float = field(default_factory=time.monotonic, compare=False)


@dataclass(frozen=True)
class Raw:
    """Answer with these bytes."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hang:
    """Do not answer until the server stops."""


@dataclass(frozen=True)
class Late:
    """Answer so after a while, in which others are answered."""

    seconds: float
    answer: Raw


@dataclass(frozen=True)
class Cut:
    """Close the connection after `sent`, a part of a longer answer; if empty, at once."""

    sent: bytes = b""


@dataclass(frozen=True)
class Stall:
    """Send `sent`, a part of a longer answer, and then nothing until the server stops."""

    sent: bytes


@dataclass(frozen=True)
class Endless:
    """Send an answer that never ends, `chunk` by `chunk`."""

    chunk: bytes = b" " * 65_536


Act = Raw | Late | Hang | Cut | Stall | Endless
Answerer = Callable[[Recorded], Act]


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Raw:
    return Raw(json.dumps(value).encode(), status=status, headers=headers or {})


class Loopback:
    """Serves `paths`. Actions given to `script` come first, one per request, then `answerer`.

    `requests` holds what came, and `arrived` is notified of each, so that a test can wait.
    """

    def __init__(self, paths: str | Sequence[str], answerer: Answerer) -> None:
        self.answerer = answerer
        self.requests: list[Recorded] = []
        self.arrived = asyncio.Condition()
        self._acts: deque[Act] = deque()
        self._stopped = asyncio.Event()
        app = web.Application(client_max_size=64 * 1024**2)
        for path in [paths] if isinstance(paths, str) else paths:
            app.router.add_route("*", path, self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    def script(self, *acts: Act) -> None:
        """What to answer to the next requests, in order."""
        self._acts.extend(acts)

    async def wait_for(self, count: int) -> None:
        """Return once `count` requests have come."""
        async with self.arrived:
            await self.arrived.wait_for(lambda: len(self.requests) >= count)

    @property
    def url(self) -> str:
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def start(self) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()

    async def stop(self) -> None:
        self._stopped.set()
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        recorded = Recorded(request.path, request.headers, _json(body), body)
        async with self.arrived:
            self.requests.append(recorded)
            self.arrived.notify_all()
        act = self._acts.popleft() if self._acts else self.answerer(recorded)
        match act:
            case Raw():
                return _whole(act)
            case Late():
                await asyncio.sleep(act.seconds)
                return _whole(act.answer)
            case Hang():
                await self._stopped.wait()
                return web.Response(status=503)
            case Cut():
                return await _cut(request, act.sent)
            case Stall():
                return await self._stall(request, act.sent)
            case Endless():
                return await self._send_endlessly(request, act.chunk)

    async def _stall(self, request: web.Request, sent: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(sent)
        await self._stopped.wait()
        return response

    async def _send_endlessly(self, request: web.Request, chunk: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while not self._stopped.is_set():
            await response.write(chunk)
        return response


def _whole(answer: Raw) -> web.Response:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(body=answer.body, status=answer.status, headers=headers)


async def _cut(request: web.Request, sent: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    response.content_length = len(sent) + 1000
    if sent:
        await response.prepare(request)
        await response.write(sent)
    if request.transport is not None:
        request.transport.close()
    return response


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
