"""The simulator's network: a CONNECT proxy on loopback before its own HTTPS server.

Faults of the network happen here; its traffic is not inspected.
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from izer_bridge.simulator.certificates import tls_context

CHAT_HOST, MEDIA_HOST = "web.whatsapp.com", "mmg.whatsapp.net"
_LOOPBACK = "127.0.0.1"
_CHUNK = 65_536
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Network:
    """Serves `app` as all hosts of WhatsApp to every user of the proxy.

    `environment` is what a client process needs. While `is_refusing`, new connections get a 503 and
    `refused` is set; each piece from the server waits `delay_seconds`.
    """

    def __init__(self, folder: Path, app: web.Application) -> None:
        self.is_refusing = False
        self.refused = asyncio.Event()
        self.delay_seconds = 0.0
        self._folder = folder
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        self._proxy: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        context = tls_context(self._folder, [CHAT_HOST, MEDIA_HOST], self._bundle)
        await self._runner.setup()
        await web.TCPSite(self._runner, _LOOPBACK, 0, ssl_context=context).start()
        self._proxy = await asyncio.start_server(self._accept, _LOOPBACK, 0)

    async def stop(self) -> None:
        if self._proxy is not None:
            self._proxy.close()
        await self.drop()
        await self._runner.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        if self._proxy is None:
            raise RuntimeError("the network was not started")
        host, port = self._proxy.sockets[0].getsockname()
        return {"HTTPS_PROXY": f"http://{host}:{port}", "SSL_CERT_FILE": str(self._bundle)}

    async def drop(self) -> None:
        """Cut every connection, as a lost network does."""
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    @property
    def _bundle(self) -> Path:
        return self._folder / "authority.pem"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnel = asyncio.ensure_future(self._tunnel(reader, writer))
        self._tunnels.add(tunnel)
        try:
            with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await tunnel
        finally:
            self._tunnels.discard(tunnel)
            writer.transport.abort()

    async def _tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if self.is_refusing:
            writer.write(_UNAVAILABLE)
            await writer.drain()
            self.refused.set()
            return
        writer.write(_ESTABLISHED)
        await self.tunnel(reader, writer)

    async def tunnel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Connect a client with the HTTPS server until either is gone."""
        host, port = self._runner.addresses[0][:2]
        far_reader, far_writer = await asyncio.open_connection(host, port)
        try:
            there = asyncio.create_task(self._pump(reader, far_writer, delayed=False))
            back = asyncio.create_task(self._pump(far_reader, writer, delayed=True))
            try:
                await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                there.cancel()
                back.cancel()
                await asyncio.gather(there, back, return_exceptions=True)
        finally:
            far_writer.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, delayed: bool
    ) -> None:
        while data := await reader.read(_CHUNK):
            if delayed and self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            writer.write(data)
            await writer.drain()
