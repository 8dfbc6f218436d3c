"""Downloads what came with messages through the linked client; it keeps nothing."""

import asyncio
from typing import Protocol

from neonize.exc import NeonizeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.edges.whatsapp.source import body_of
from izer_bridge.model.errors import TransientError

# Longer than a usual reconnect.
_WAIT_FOR_LINK_SECONDS = 5.0
# A call that the client never ends keeps its thread, of which there are 64.
_MOST_UNDER_WAY = 16
_LONGEST_REASON = 200


class Client(Protocol):
    """The part of neonize's client that downloads; it raises NeonizeError."""

    async def download_any(self, body: Body) -> bytes | None: ...


class Link(Protocol):
    """The part of the link that says when."""

    @property
    def client(self) -> Client: ...

    async def connected(self, timeout_seconds: float) -> bool: ...


class Downloads:
    """Each takes at most `timeout_seconds`."""

    def __init__(self, link: Link, timeout_seconds: float) -> None:
        self._link = link
        self._timeout_seconds = timeout_seconds
        self._under_way: set[asyncio.Task[bytes | None]] = set()

    async def fetch(self, source: bytes) -> bytes:
        """The decrypted file, which the client has compared with its hash.

        Raises TransientError when it cannot be had now, PermanentError for a `source` that names
        no file.
        """
        body = body_of(source)
        if len(self._under_way) >= _MOST_UNDER_WAY:
            raise TransientError("too many downloads hang")
        if not await self._link.connected(_WAIT_FOR_LINK_SECONDS):
            raise TransientError("WhatsApp is not connected")
        download = asyncio.create_task(self._link.client.download_any(body))
        self._under_way.add(download)
        download.add_done_callback(self._ended)
        try:
            return await asyncio.wait_for(asyncio.shield(download), self._timeout_seconds) or b""
        except TimeoutError:
            raise TransientError(
                f"WhatsApp did not send the file within {self._timeout_seconds:g} s"
            ) from None
        except NeonizeError as error:
            raise TransientError(f"WhatsApp: {error}"[:_LONGEST_REASON]) from None

    def _ended(self, download: asyncio.Task[bytes | None]) -> None:
        self._under_way.discard(download)
        if not download.cancelled():
            # Of one that was given up nobody else asks how it ended.
            download.exception()
