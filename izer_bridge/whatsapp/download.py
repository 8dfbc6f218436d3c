"""Downloads messages' files from WhatsApp's media server and decrypts them; keeps nothing itself.

The client's own call takes the whole file into memory, however large it turns out to be, and
continues after its timeout. This one holds one piece at a time, refuses an oversized file as it
arrives, and ends the transfer at a timeout. It asks no other host, and follows no redirect.
"""

import asyncio
import base64
import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from izer_bridge.domain.download import Sink, TooLargeError
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.whatsapp.convert.media_ref import MediaLocation, source_in
from izer_bridge.whatsapp.decryption import MOST_ADDED, Decryption

if TYPE_CHECKING:
    from httpx2 import Response

_HOST = "mmg.whatsapp.net"
_HEADERS = {
    "Origin": "https://web.whatsapp.com",
    "Referer": "https://web.whatsapp.com/",
    "Accept-Encoding": "identity",
}
# Longer than a usual reconnect.
_WAIT_FOR_LINK_SECONDS = 5.0
_PIECE = 256 * 1024
_LONGEST_REASON = 200
_PATH = re.compile(r"/[!-~]*")


class LinkWait(Protocol):
    """The part of the link that says when it is up."""

    async def connected(self, timeout_seconds: float) -> bool: ...


class Downloads:
    """Each takes at most `timeout_seconds`; `proxy` is the client's (empty: the environment's)."""

    def __init__(self, link: LinkWait, proxy: str, timeout_seconds: float) -> None:
        self._link = link
        self._proxy = proxy or None
        self._timeout_seconds = timeout_seconds
        # The system's authorities, or those of SSL_CERT_FILE, as the client does.
        self._authorities = ssl.create_default_context()

    async def fetch(self, source: bytes, into: Sink, most_bytes: int) -> None:
        """Write the decrypted file; its hashes have been compared when this returns.

        Raises TransientError if it is not available now, TooLargeError if more than `most_bytes`
        arrives, PermanentError if `source` names no file or a different one arrives.
        """
        # Loaded with the first file.
        import httpx2

        found = source_in(source)
        if not await self._link.connected(_WAIT_FOR_LINK_SECONDS):
            raise TransientError("WhatsApp is not connected")
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                httpx2.AsyncClient(
                    verify=self._authorities, proxy=self._proxy, timeout=self._timeout_seconds
                ) as client,
                client.stream(
                    "GET", _url(found), headers=_HEADERS, follow_redirects=False
                ) as answer,
            ):
                await _transfer(answer, Decryption(found.secrets), into, most_bytes)
        except TimeoutError:
            raise TransientError(
                f"WhatsApp did not send the file within {self._timeout_seconds:g} s"
            ) from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            reason = str(error) or type(error).__name__
            raise TransientError(f"WhatsApp's media server: {reason}"[:_LONGEST_REASON]) from None


async def _transfer(
    answer: "Response", decryption: Decryption, into: Sink, most_bytes: int
) -> None:
    if answer.status_code != HTTPStatus.OK:
        raise TransientError(f"WhatsApp's media server answered {answer.status_code}")
    length = answer.headers.get("Content-Length", "")
    announced = int(length) - MOST_ADDED if length.isdecimal() else 0
    _refuse_too_large(announced, most_bytes)
    came = 0
    async for piece in answer.aiter_raw(_PIECE):
        plain = await asyncio.to_thread(decryption.update, piece)
        came += len(plain)
        _refuse_too_large(came, most_bytes)
        await into.write(plain)
    last = decryption.end()
    _refuse_too_large(came + len(last), most_bytes)
    await into.write(last)


def _refuse_too_large(plain_bytes: int, most_bytes: int) -> None:
    if plain_bytes > most_bytes:
        raise TooLargeError(f"more than {most_bytes} bytes")


def _url(source: MediaLocation) -> str:
    """The URL that the client would request, on the one host that serves every path."""
    if not _PATH.fullmatch(source.path):
        raise PermanentError("the message names no path on WhatsApp's media server")
    digest = base64.urlsafe_b64encode(source.secrets.encrypted_hash).decode()
    joint = "&" if "?" in source.path else "?"
    kind = source.secrets.kind.lower()
    return f"https://{_HOST}{source.path}{joint}hash={digest}&mms-type={kind}&__wa-mms="
