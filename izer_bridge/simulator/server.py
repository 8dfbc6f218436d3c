"""WhatsApp's chat server: connections, logins and the stanzas of the one linked device."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from izer_bridge.simulator import pairing
from izer_bridge.simulator.binary_xml import Address, Node, node
from izer_bridge.simulator.certificates import noise_chain
from izer_bridge.simulator.connection import SERVER, Connection, Greeting, ProtocolError
from izer_bridge.simulator.device import LinkedDevice
from izer_bridge.simulator.keys import KeyPair
from izer_bridge.simulator.mailbox import Delivery, Mailbox
from izer_bridge.simulator.noise import NoiseError
from izer_bridge.simulator.people import GROUP_SERVER, Person
from izer_bridge.simulator.queries import Directory, Queries, RefusedError
from izer_bridge.simulator.signal import SignalError
from izer_bridge.simulator.tokens import installed_tokens

# whatsmeow's handler may be stopped by the close before it sees a final stanza.
_FINAL_PAUSE_SECONDS = 0.1
_LOGGED_OUT = 401


@dataclass(frozen=True)
class Outgoing:
    """A message of the client as its recipient reads it."""

    id: str
    to: Address
    body: Message
    received_ns: int


@dataclass
class Reception:
    """What becomes of the client's own messages; the numbers count the next ones.

    `refused` are not delivered and answered with the error `code`, `unacknowledged` are delivered
    and not answered. `is_receipted`: recipients' phones confirm delivery, `is_read`: and that they
    were read.
    """

    refused: int = 0
    code: int = 463
    unacknowledged: int = 0
    is_receipted: bool = True
    is_read: bool = False


@dataclass
class _Offer:
    """Codes that a client shows while it waits to be linked."""

    connection: Connection
    greeting: Greeting
    refs: list[str]


@dataclass
class ChatServer:
    """The server for one account; `linked` is its device once a phone has scanned a code.

    While `refusal` is set nobody is let in, and the client is told so. `clock_ahead_seconds` is by
    how much its time is ahead of this machine's.
    """

    directory: Directory
    root: KeyPair = field(default_factory=KeyPair.generate)
    mailbox: Mailbox = field(default_factory=Mailbox)
    linked: LinkedDevice | None = None
    outgoing: list[Outgoing] = field(default_factory=list)
    received: list[Node] = field(default_factory=list)
    refusal: Node | None = None
    reception: Reception = field(default_factory=Reception)
    clock_ahead_seconds: int = 0

    def __post_init__(self) -> None:
        self._static = KeyPair.generate()
        self._chain = noise_chain(self.root, self._static, datetime.now(UTC))
        self._queries = Queries(self.directory)
        self._offer: _Offer | None = None
        self._current: Connection | None = None
        self.changed = asyncio.Condition()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One websocket, from the handshake to its end."""
        socket = web.WebSocketResponse(compress=False, max_msg_size=0, autoping=True)
        await socket.prepare(request)
        connection = Connection(socket, installed_tokens())
        try:
            greeting = await connection.greet(self._static, self._chain)
            if greeting.payload.HasField("devicePairingData"):
                await self._offer_codes(connection, greeting)
            else:
                await self._log_in(connection, greeting)
        except (ProtocolError, NoiseError, ConnectionError):
            pass
        finally:
            self.mailbox.close(connection)
            if self._current is connection:
                self._current = None
            await connection.close()
        return socket

    async def link(self, text: str, phone: Person) -> None:
        """What happens when the phone scans `text`. Raises UnknownCodeError."""
        code = pairing.Code.parse(text)
        offer = self._offer
        if offer is None or code.ref not in offer.refs:
            raise pairing.UnknownCodeError("this code is not shown any more")
        data = offer.greeting.payload.devicePairingData
        number, lid = phone.by_number.user, phone.lid
        device = LinkedDevice.registered(offer.greeting.static, data, number, lid)
        identity = phone.keys.own.identity
        container = pairing.signed_identity(identity, code, device)
        answer = await offer.connection.query("set", "", pairing.pair_success(container, device))
        if not pairing.is_signed_by(device, answer, identity):
            raise ProtocolError("the device's signature is wrong")
        self.linked, self._offer = device, None
        await self._end(offer.connection, node("stream:error", code=515))

    async def tell_unlinked(self, stanza: Node) -> None:
        """Send a stanza to the client that is showing codes."""
        if self._offer is not None:
            await self._offer.connection.send(stanza)

    async def end_stream(self, last: Node) -> None:
        """Send a final stanza to the linked device, then close its connection."""
        if self._current is not None:
            await self._end(self._current, last)

    async def wait_for(self, holds: Callable[[], object], timeout_seconds: float) -> None:
        """Until `holds`, checked after every stanza. Raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds), self.changed:
            await self.changed.wait_for(holds)

    async def _offer_codes(self, connection: Connection, greeting: Greeting) -> None:
        refs = pairing.fresh_refs()
        self._offer = _Offer(connection, greeting, refs)
        offering = asyncio.create_task(
            connection.query("set", "md", pairing.code_request(refs)), name="offer"
        )
        try:
            async for _ in connection.stanzas():
                pass
        finally:
            offering.cancel()
            if self._offer is not None and self._offer.connection is connection:
                self._offer = None

    async def _log_in(self, connection: Connection, greeting: Greeting) -> None:
        device = self.linked
        if self.refusal is not None or device is None or device.noise != greeting.static:
            unknown = node("failure", reason=_LOGGED_OUT, location="sim")
            await connection.send(self.refusal or unknown)
            await asyncio.sleep(_FINAL_PAUSE_SECONDS)
            return
        self._current = connection
        now = int(time.time()) + self.clock_ahead_seconds
        await connection.send(node("success", t=now, lid=device.by_lid, location="sim"))
        async for stanza in connection.stanzas():
            self.received.append(stanza)
            await self._handle(stanza, connection, device)
            async with self.changed:
                self.changed.notify_all()

    async def _handle(self, stanza: Node, connection: Connection, device: LinkedDevice) -> None:
        match stanza.tag:
            case "iq" if stanza.get("type") in ("get", "set"):
                await self._answer(stanza, connection, device)
            case "message":
                await self._take(stanza, connection)
            case "receipt":
                await connection.send(_acknowledgement(stanza, "receipt"))
                if stanza.get("type") == "retry":
                    await self.mailbox.retry(stanza)
                else:
                    self.mailbox.acknowledge(stanza["id"])
            case "ack":
                self.mailbox.acknowledge(stanza["id"])

    async def _answer(self, query: Node, connection: Connection, device: LinkedDevice) -> None:
        to = query.attributes.get("to", SERVER)
        try:
            content = self._queries.answer(query, device)
        except RefusedError as error:
            refusal = node("error", code=error.code, text="not-found")
            await connection.send(node("iq", refusal, from_=to, id=query["id"], type="error"))
            return
        await connection.send(node("iq", *content, from_=to, id=query["id"], type="result"))
        if query.get("xmlns") == "passive" and query.child("active"):
            await self.mailbox.open(connection)

    async def _take(self, stanza: Node, connection: Connection) -> None:
        """Deliver one of the client's messages and answer it."""
        reception = self.reception
        answer = _acknowledgement(stanza, "message")
        if reception.refused:
            reception.refused -= 1
            refusal = {**answer.attributes, "error": str(reception.code)}
            await connection.send(Node("ack", refusal))
            return
        before = len(self.outgoing)
        self._read(stanza)
        is_delivered = len(self.outgoing) > before
        if reception.unacknowledged:
            reception.unacknowledged -= 1
        else:
            await connection.send(answer)
        if is_delivered and reception.is_receipted:
            await self.receipt(stanza.address("to"), stanza["id"])
            if reception.is_read:
                await self.receipt(stanza.address("to"), stanza["id"], is_read=True)

    async def receipt(self, sender: Address, identifier: str, *, is_read: bool = False) -> None:
        """A recipient's phone tells the client that it has a message of the client's."""
        kind = "read" if is_read else None
        now = int(time.time())
        receipt = node("receipt", from_=sender, id=identifier, t=now, type=kind)
        await self.mailbox.post(Delivery(identifier, receipt))

    def _read(self, stanza: Node) -> None:
        """Decrypt what the client sent, for each recipient that is a person here."""
        to = stanza.address("to")
        group = to if to.server == GROUP_SERVER else None
        for recipient in (stanza.child("participants") or node("none")).children:
            self._decrypt(stanza, recipient.address("jid"), recipient.require("enc"), group)
        for enc in (part for part in stanza.children if part.tag == "enc"):
            self._decrypt(stanza, to, enc, group)

    def _decrypt(self, stanza: Node, to: Address, enc: Node, group: Address | None) -> None:
        readers = [self.directory.person_at(to)]
        if to.server == GROUP_SERVER:
            readers = list(self.directory.groups[to].members)
        for person in readers:
            if person is None:
                continue
            try:
                body = person.keys.decrypt(enc, group)
            except SignalError:
                continue
            if body.ByteSize() and not body.HasField("senderKeyDistributionMessage"):
                self.outgoing.append(Outgoing(stanza["id"], to, body, time.monotonic_ns()))
                if group is not None:
                    return

    async def _end(self, connection: Connection, last: Node) -> None:
        await connection.send(last)
        await asyncio.sleep(_FINAL_PAUSE_SECONDS)
        await connection.close()


def _acknowledgement(stanza: Node, kind: str) -> Node:
    return node(
        "ack",
        class_=kind,
        id=stanza["id"],
        from_=stanza.attributes.get("to"),
        type=stanza.get("type") if kind == "receipt" else None,
        participant=stanza.attributes.get("participant"),
        t=int(time.time()),
    )
