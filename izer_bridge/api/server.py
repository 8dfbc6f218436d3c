"""The listening socket of the HTTP interface: opened, named, closed."""

import logging
from ipaddress import ip_address
from typing import Self

import structlog
from aiohttp import web

from izer_bridge.api.access import ACCESS
from izer_bridge.model.errors import ConfigError

# Who has not sent a whole head by then, or asks nothing more, is no reader of ours.
IDLE_SECONDS = 20.0
MOST_HEADERS = 64
STOP_SECONDS = 5.0

_log = structlog.get_logger(__name__)

# aiohttp logs the bytes of what it cannot parse, and those may be a customer's words. Whatever
# fails inside a handler is logged by the problems' border instead.
_silent = logging.Logger("izer_bridge.api.protocol")
_silent.addHandler(logging.NullHandler())


class Server:
    """Serves `app` on `host`:`port`; port 0 takes a free one.

    A connection that sends no whole head of a request for `idle_seconds` is closed.
    On `stop`, requests in flight have `stop_seconds` to end before they are cancelled.
    """

    def __init__(
        self,
        app: web.Application,
        host: str = "127.0.0.1",
        port: int = 8100,
        *,
        stop_seconds: float = STOP_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._runner = web.AppRunner(
            app,
            access_log=None,
            logger=_silent,
            shutdown_timeout=stop_seconds,
            keepalive_timeout=idle_seconds,
            max_headers=MOST_HEADERS,
        )

    async def start(self) -> None:
        """Listen. Raises ConfigError that names host and port when they cannot be had.

        Beyond loopback it refuses to listen for an application that asks for no token.
        """
        if self._app[ACCESS].token is None and not _is_loopback(self._host):
            raise ConfigError(
                f"api.host = {self._host!r}: beyond loopback the API needs a token; there is none"
            )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"api: cannot listen on {self._host} port {self._port}: "
                f"{error.strerror or error}; set api.port or api.host"
            ) from error
        _log.info("api_started", url=self.url)

    async def stop(self) -> None:
        """Close the socket and end what is in flight; harmless when nothing was started."""
        await self._runner.cleanup()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port as bound. Raises LookupError before `start`."""
        for address in self._runner.addresses:
            return str(address[0]), int(address[1])
        raise LookupError("the API does not listen yet")

    @property
    def url(self) -> str:
        host, port = self.address
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def _is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback
