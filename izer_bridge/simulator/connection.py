"""One client on the websocket: the handshake, then stanzas in both directions."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import WSMsgType, web
from neonize.proto.waWa6.WAWebProtobufsWa6_pb2 import ClientPayload, HandshakeMessage

from izer_bridge.simulator.binary_xml import Address, Node, decode, encode, node
from izer_bridge.simulator.keys import KeyPair
from izer_bridge.simulator.noise import NoiseError, Responder, Transport
from izer_bridge.simulator.tokens import Tokens

SERVER = Address("", "s.whatsapp.net")
_HEADER = b"WA\x06"
_DICTIONARY = 3
_LENGTH = 3


class ProtocolError(ValueError):
    """The client violates the protocol."""


@dataclass(frozen=True)
class Greeting:
    """Who connected: the static key of its Noise handshake, and its self-description."""

    static: bytes
    payload: ClientPayload


class Connection:
    """Sends and receives stanzas; `send` keeps the order of its callers."""

    def __init__(self, socket: web.WebSocketResponse, tokens: Tokens) -> None:
        self._socket = socket
        self._tokens = tokens
        self._buffer = b""
        self._transport: Transport | None = None
        self._lock = asyncio.Lock()
        self._queries = 0
        self._answers: dict[str, asyncio.Future[Node]] = {}

    async def greet(self, static: KeyPair, chain: bytes) -> Greeting:
        """Perform the handshake. Raises ProtocolError or NoiseError."""
        header = await self._raw(len(_HEADER) + 1)
        if header != _HEADER + bytes([_DICTIONARY]):
            raise ProtocolError(f"an unknown header {header.hex()}")
        responder = Responder(static, header)
        hello = HandshakeMessage.FromString(await self._frame()).clientHello
        responder.read_hello(hello.ephemeral)
        ephemeral, own_static, payload = responder.write_hello(chain)
        answer = HandshakeMessage()
        answer.serverHello.ephemeral = ephemeral
        answer.serverHello.static = own_static
        answer.serverHello.payload = payload
        await self._write(answer.SerializeToString())
        finish = HandshakeMessage.FromString(await self._frame()).clientFinish
        theirs, said, self._transport = responder.read_finish(finish.static, finish.payload)
        return Greeting(theirs, ClientPayload.FromString(said))

    async def send(self, stanza: Node) -> int:
        """Write the stanza; returns the monotonic time in ns just before it left."""
        if self._transport is None:
            raise ProtocolError("the handshake is not done")
        async with self._lock:
            frame = self._transport.sending.encrypt(encode(stanza, self._tokens))
            at = time.monotonic_ns()
            await self._write(frame)
        return at

    async def query(self, kind: str, xmlns: str, *content: Node) -> Node:
        """Ask the client and wait for its answer."""
        self._queries += 1
        identifier = f"sim-{self._queries}"
        answer: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._answers[identifier] = answer
        await self.send(node("iq", *content, from_=SERVER, type=kind, xmlns=xmlns, id=identifier))
        return await answer

    async def stanzas(self) -> AsyncIterator[Node]:
        """The client's stanzas, except answers to our queries, until it is gone."""
        while self._transport is not None:
            try:
                frame = await self._frame()
                stanza = decode(self._transport.receiving.decrypt(frame), self._tokens)
            except (ConnectionError, NoiseError):
                return
            answer = self._answers.pop(stanza.get("id"), None)
            if answer is not None and stanza.get("type") in ("result", "error"):
                answer.set_result(stanza)
            else:
                yield stanza

    async def close(self) -> None:
        for answer in self._answers.values():
            answer.cancel()
        await self._socket.close()

    async def _write(self, frame: bytes) -> None:
        await self._socket.send_bytes(len(frame).to_bytes(_LENGTH, "big") + frame)

    async def _frame(self) -> bytes:
        return await self._raw(int.from_bytes(await self._raw(_LENGTH), "big"))

    async def _raw(self, size: int) -> bytes:
        while len(self._buffer) < size:
            message = await self._socket.receive()
            if message.type is not WSMsgType.BINARY:
                raise ConnectionError("the client is gone")
            self._buffer += message.data
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken
