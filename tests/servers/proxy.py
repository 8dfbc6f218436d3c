"""A TCP proxy before a MariaDB that withholds a statement's answer."""

import asyncio
from contextlib import suppress
from typing import Self

_CHUNK = 65_536
COMMIT = b"\x03COMMIT"
ISOLATION = b"ISOLATION LEVEL REPEATABLE READ"


class AnswerThief:
    """Passes everything on, but cuts the connection instead of passing `steal` answers to
    `statement`.

    The server has carried it out by then, and the client cannot know it. `stolen` counts them.
    """

    def __init__(self, port: int, statement: bytes = COMMIT) -> None:
        self._port = port
        self._statement = statement
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()
        self.steal = 0
        self.stolen = 0

    def url(self, database: str) -> str:
        if self._server is None:
            raise RuntimeError("the proxy was not started")
        port = self._server.sockets[0].getsockname()[1]
        return f"mysql://root@127.0.0.1:{port}/{database}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnel = asyncio.create_task(self._carry(reader, writer))
        self._tunnels.add(tunnel)
        tunnel.add_done_callback(self._tunnels.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._port)
        answers = asyncio.create_task(_pass_on(to_reader, writer))
        try:
            with suppress(ConnectionError):
                while piece := await reader.read(_CHUNK):
                    to_writer.write(piece)
                    if self.steal and self._statement in piece:
                        answers.cancel()
                        await asyncio.gather(answers, return_exceptions=True)
                        await to_reader.read(_CHUNK)
                        self.steal -= 1
                        self.stolen += 1
                        return
        finally:
            answers.cancel()
            to_writer.close()
            writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(_CHUNK):
            writer.write(piece)
            await writer.drain()
