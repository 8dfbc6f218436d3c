"""What is queued for the client and what it has acknowledged; the server's delivery memory."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace

from izer_bridge.simulator.binary_xml import Node, node
from izer_bridge.simulator.connection import SERVER, Connection

Renew = Callable[[Node], Awaitable[Node]]


@dataclass(eq=False)
class Delivery:
    """One stanza on its way. Times are monotonic, in ns; `renew` encrypts it again for a retry."""

    id: str
    stanza: Node
    renew: Renew | None = None
    attempts: int = 0
    delivered_ns: int = 0
    acknowledged_ns: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event, repr=False)


class Mailbox:
    """Delivers in order while the client is there, and again until it acknowledges.

    Faults: `withheld` is how many messages it announces as offline and does not deliver, `garbled`
    how many of the next deliveries cannot be decrypted; `are_phones_online` says whether a sender
    encrypts again when the client asks for that.
    """

    def __init__(self) -> None:
        self.withheld = 0
        self.garbled = 0
        self.are_phones_online = True
        self.deliveries: dict[str, Delivery] = {}
        self._waiting: dict[str, Delivery] = {}
        self._connection: Connection | None = None
        self._held: list[Delivery] | None = None
        self._asked_in_vain: list[Node] = []

    @property
    def unacknowledged(self) -> Sequence[Delivery]:
        return list(self._waiting.values())

    async def post(self, delivery: Delivery) -> None:
        """Take a stanza and deliver it at once if the client is there."""
        self.deliveries[delivery.id] = delivery
        self._waiting[delivery.id] = delivery
        if self._held is not None:
            self._held.append(delivery)
        elif self._connection is not None:
            await self._deliver(delivery, self._connection, delivery.stanza)

    def hold(self) -> None:
        """Deliver nothing that is posted from now on until `release`."""
        self._held = []

    async def release(self, *, reverse: bool = False) -> None:
        """Deliver what was held; the newest first if `reverse`."""
        held, self._held = self._held or [], None
        for delivery in reversed(held) if reverse else held:
            if self._connection is not None:
                await self._deliver(delivery, self._connection, delivery.stanza)

    async def repeat(self, identifier: str) -> None:
        """Deliver the same stanza once more, as servers sometimes do."""
        delivery = self.deliveries[identifier]
        if self._connection is not None:
            await self._deliver(delivery, self._connection, delivery.stanza)

    async def open(self, connection: Connection) -> None:
        """The client is ready: deliver queued messages as offline ones, then new ones."""
        waiting = self.unacknowledged
        count = len(waiting)
        receipts = sum(delivery.stanza.tag == "receipt" for delivery in waiting)
        counts = {
            "count": count + self.withheld,
            "message": count - receipts + self.withheld,
            "notification": 0,
            "receipt": receipts,
            "appdata": 0,
        }
        await connection.send(node("ib", node("offline_preview", **counts), from_=SERVER))
        for delivery in waiting:
            stanza = delivery.stanza
            marked = replace(stanza, attributes={**stanza.attributes, "offline": "0"})
            await self._deliver(delivery, connection, marked)
        await connection.send(node("ib", node("offline", count=count), from_=SERVER))
        while posted := [one for one in self._waiting.values() if one not in waiting]:
            for delivery in posted:
                await self._deliver(delivery, connection, delivery.stanza)
            waiting = [*waiting, *posted]
        self._connection = connection

    def close(self, connection: Connection) -> None:
        """The client is gone."""
        if self._connection is connection:
            self._connection = None

    def acknowledge(self, identifier: str) -> None:
        delivery = self._waiting.pop(identifier, None)
        if delivery is not None:
            delivery.acknowledged_ns = time.monotonic_ns()
            delivery.done.set()

    async def retry(self, receipt: Node) -> None:
        """The client could not decrypt: encrypt again for the keys that it sends along."""
        delivery = self.deliveries.get(receipt["id"])
        if delivery is None or delivery.renew is None:
            return
        if not self.are_phones_online:
            self._asked_in_vain.append(receipt)
            return
        delivery.stanza = await delivery.renew(receipt)
        delivery.done.clear()
        self._waiting[delivery.id] = delivery
        if self._connection is not None:
            await self._deliver(delivery, self._connection, delivery.stanza)

    async def phones_come_online(self) -> None:
        """They answer the retry requests that came meanwhile."""
        self.are_phones_online = True
        asked, self._asked_in_vain = self._asked_in_vain, []
        for receipt in asked:
            await self.retry(receipt)

    async def _deliver(self, delivery: Delivery, connection: Connection, stanza: Node) -> None:
        delivery.attempts += 1
        if self.garbled:
            self.garbled -= 1
            stanza = _garbled(stanza)
        try:
            delivery.delivered_ns = await connection.send(stanza)
        except ConnectionError:
            self.close(connection)


def _garbled(stanza: Node) -> Node:
    """With a byte changed in the encrypted part of each ciphertext."""
    children = tuple(
        replace(child, content=_with_wrong_byte(child.data)) if child.tag == "enc" else child
        for child in stanza.children
    )
    return replace(stanza, content=children)


def _with_wrong_byte(data: bytes) -> bytes:
    middle = len(data) * 3 // 4
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
