"""The listening socket of the HTTP interface: opened, named, closed."""

import asyncio
import errno
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

import structlog
from aiohttp import web

from izer_bridge.domain.errors import ConfigError
from izer_bridge.web.access import ACCESS
from izer_bridge.web.connections import IDLE_SECONDS, MOST_CONNECTIONS, Connections, silent
from izer_bridge.web.tls import TlsSocket

STOP_SECONDS = 5.0
_AGAIN_SECONDS = 5.0
_TAKEN_HINT = "it is tried again; izer-bridge doctor names who has it; else set another in [api]"
_ALL = "/health, /webhook, the pages and the commands do not reach the bridge"
_OTHER_DEVICES = "the pages do not open on other devices"

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class PortState:
    """`taken` says that another program keeps the server from listening, and whom that keeps out;
    otherwise it is empty.
    """

    taken: str = ""


class Server:
    """Serves `app` on `host`:`port`; port 0 takes a free one.

    A connection that sends no whole request head within `idle_seconds` is closed, and there are at
    most `most_connections`. On `stop`, requests in flight have `stop_seconds` to end before they
    are cancelled. The operator's reports read `port_state`. Where `tls` is given it is served, too.
    """

    def __init__(
        self,
        app: web.Application,
        host: str = "127.0.0.1",
        port: int = 8100,
        *,
        stop_seconds: float = STOP_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
        most_connections: int = MOST_CONNECTIONS,
        port_state: PortState | None = None,
        tls: TlsSocket | None = None,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._tls = tls
        self._runner = web.AppRunner(
            app, access_log=None, logger=silent, shutdown_timeout=stop_seconds
        )
        self.connections = Connections(most_connections, idle_seconds)
        self._listening: asyncio.Server | None = None
        self._secure: asyncio.Server | None = None
        self._port_state = port_state or PortState()

    async def start(self) -> None:
        """Listen. Raises ConfigError that names host and port if they are not available.

        Beyond loopback it refuses to listen for an application that requires no token.
        """
        await self._set_up()
        try:
            await self._listen()
        except OSError as error:
            await self.stop()
            raise ConfigError(self._refusal(error)) from error

    async def start_or_wait(self) -> None:
        """As `start`; but if another program has the port, `port_state` says so, and
        `keep_listening` may find it free. Raises ConfigError for what only a setting can fix.
        """
        await self._set_up()
        await self._try()

    async def keep_listening(self) -> None:
        """Retry until it listens. Raises ConfigError for what only a setting can fix."""
        while self._port_state.taken:
            await asyncio.sleep(_AGAIN_SECONDS)
            await self._try()

    async def _try(self) -> None:
        try:
            await self._listen()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                await self.stop()
                raise ConfigError(self._refusal(error)) from error
            host, port, _ = self._missing
            kept_out = _OTHER_DEVICES if self._listening is not None else _ALL
            if not self._port_state.taken:
                _log.error("api_port_taken", host=host, port=port, hint=_TAKEN_HINT)
            self._port_state.taken = f"another program has port {port} of {host}: {kept_out}"
        else:
            self._port_state.taken = ""

    async def _set_up(self) -> None:
        if not self._app[ACCESS].may_leave_loopback and not _is_loopback(self._host):
            raise ConfigError(
                f"api.host = {self._host!r}: beyond loopback the API needs a token; there is none"
            )
        await self._runner.setup()

    @property
    def _missing(self) -> tuple[str, int, str]:
        """The socket that it does not listen on yet, and the settings that say where."""
        if self._listening is None or self._tls is None:
            return self._host, self._port, "api.port or api.host"
        return self._tls.host, self._tls.port, "api.tls_port"

    def _refusal(self, error: OSError) -> str:
        host, port, settings = self._missing
        return (
            f"api: cannot listen on {host} port {port}: {error.strerror or error}; set {settings}"
        )

    async def _listen(self) -> None:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        if self._listening is None:
            self._listening = await loop.create_server(self._connected, self._host, self._port)
            _log.info("api_started", url=self.url)
            if doors := self._app[ACCESS].open_to:
                _log.info("api_doors", **doors)
        if self._tls is not None and self._secure is None:
            certificate = self._tls.certificate
            self._secure = await loop.create_server(
                self._connected_secretly, self._tls.host, self._tls.port, ssl=certificate.context
            )
            _log.info("api_started", url=self.secure_url)

    def _connected_secretly(self) -> asyncio.Protocol:
        if self._tls is not None:
            self._tls.certificate.take_over()
        return self._connected()

    def _connected(self) -> asyncio.Protocol:
        if (server := self._runner.server) is None:
            raise RuntimeError("a connection before the application was set up")
        return self.connections.made(server)

    async def stop(self) -> None:
        """Close the socket and end what is in flight; harmless if nothing was started."""
        for one in (self._listening, self._secure):
            if one is not None:
                one.close()
        await self._runner.cleanup()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port as bound. Raises LookupError before `start`."""
        return _bound(self._listening)

    @property
    def url(self) -> str:
        return "http://{}:{}".format(*_written(self.address))

    @property
    def secure_url(self) -> str:
        """Of the socket that speaks TLS. Raises LookupError if there is none."""
        return "https://{}:{}".format(*_written(_bound(self._secure)))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _bound(listening: asyncio.Server | None) -> tuple[str, int]:
    for one in listening.sockets if listening is not None else ():
        address = one.getsockname()
        return str(address[0]), int(address[1])
    raise LookupError("the API does not listen yet")


def _written(address: tuple[str, int]) -> tuple[str, int]:
    host, port = address
    return (f"[{host}]" if ":" in host else host), port


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
