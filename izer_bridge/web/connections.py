"""The connections of the HTTP interface: their limit, and that each of them ends."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from http import HTTPStatus

import structlog
from aiohttp import web

from izer_bridge.web.problems import CONTENT_TYPE, ProblemError

# A process has 1,024 descriptors by default, and link and store need some.
MOST_CONNECTIONS = 256
# A client that has not sent a whole head by then, or asks nothing more, is disconnected.
IDLE_SECONDS = 20.0
MOST_HEADERS = 64

_log = structlog.get_logger(__name__)

# aiohttp logs bytes that it cannot parse, and those may be a customer's words. The problems' border
# logs any failure inside a handler instead.
silent = logging.Logger("izer_bridge.api.protocol")
silent.addHandler(logging.NullHandler())

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Connection(web.RequestHandler):
    """One connection, closed whichever way its task ends."""

    def __init__(self, server: web.Server, ended: Callable[["Connection"], None], idle: float):
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type] # the field's own default for no log
            logger=silent,
            keepalive_timeout=idle,
            max_headers=MOST_HEADERS,
            auto_decompress=False,
        )
        self.is_at_work = False
        self._ended = ended

    async def start(self) -> None:
        try:
            await super().start()
        except Exception:  # noqa: BLE001 - a target that has no URL fails before any handler
            self._refuse()
        finally:
            self.force_close()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._ended(self)
        super().connection_lost(exc)

    def _refuse(self) -> None:
        if self.transport is None:
            return
        problem = ProblemError(HTTPStatus.BAD_REQUEST, "the target of the request cannot be read")
        body = problem.response().text or ""
        head = (
            f"HTTP/1.1 400 Bad Request\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(f"{head}{body}".encode())


class Connections:
    """At most `most` at once. A further one takes the place of the one idle longest.

    If all are at work the new one is closed: connections let in before go on.
    """

    def __init__(self, most: int, idle_seconds: float) -> None:
        self._most = most
        self._idle_seconds = idle_seconds
        self._open: dict[Connection, None] = {}
        self._is_full = False

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Connection]:
        return iter(self._open)

    def made(self, server: web.Server) -> asyncio.Protocol:
        """The protocol of a further connection."""
        if len(self._open) >= self._most and not self._make_room():
            return _Closed()
        connection = Connection(server, self._ended, self._idle_seconds)
        self._open[connection] = None
        return connection

    def _make_room(self) -> bool:
        if not self._is_full:
            self._is_full = True
            _log.warning("api_connections_full", most=self._most)
        idle = next((one for one in self._open if not one.is_at_work), None)
        if idle is None:
            return False
        self._ended(idle)
        idle.force_close()
        return True

    def _ended(self, connection: Connection) -> None:
        self._open.pop(connection, None)
        if len(self._open) < self._most // 2:
            self._is_full = False


@web.middleware
async def hold(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the connection of an admitted request until it is answered."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        return await handler(request)
    connection.is_at_work = True
    try:
        return await handler(request)
    finally:
        connection.is_at_work = False


class _Closed(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()
