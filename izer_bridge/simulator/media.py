"""Files as WhatsApp's media servers store them: encrypted, under a path."""

import asyncio
import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections import deque
from dataclasses import dataclass

from aiohttp import web
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from izer_bridge.simulator.content import Content
from izer_bridge.simulator.keys import derive
from izer_bridge.simulator.network import MEDIA_HOST
from izer_bridge.simulator.signal import aes_cbc_decrypt, aes_cbc_encrypt

# What the chat server lets the client upload with.
AUTH = "simulated"
_MAC_SIZE = 10
_PIECE = bytes(64 * 1024)
_WRAPPERS = ("documentWithCaptionMessage", "viewOnceMessageV2")
_PURPOSES = {"imageMessage": "Image", "documentMessage": "Document"}


@dataclass(frozen=True)
class Stored:
    """A message's data about its file."""

    path: str
    key: bytes
    size: int
    plain_hash: bytes
    encrypted_hash: bytes


@dataclass(frozen=True)
class Lie:
    """Comes instead of a file: `size` bytes that were not announced, with pauses."""

    size: int
    pause_seconds: float = 0.0


class MediaServer:
    """`files` holds the encrypted bytes by path; `asked` every path that was requested.

    The next downloads are refused with the statuses in `refusals`, one each. While there is a
    `lie`, it replaces every file; `is_idle` is set while no lie is being told. The next uploads are
    refused with those in `upload_refusals`, and all wait until `is_taking` is set; `is_asked` tells
    that there was one.
    """

    def __init__(self) -> None:
        self.lie: Lie | None = None
        self.is_idle = asyncio.Event()
        self.is_idle.set()
        self._telling = 0
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refusals: deque[int] = deque()
        self.upload_refusals: deque[int] = deque()
        self.is_taking = asyncio.Event()
        self.is_taking.set()
        self.is_asked = asyncio.Event()

    def store(self, data: bytes, info: str) -> Stored:
        """Encrypt and keep; `info` is the purpose of the keys, such as `Image`."""
        key = os.urandom(32)
        iv, cipher_key, mac_key = _keys(key, info)
        ciphertext = aes_cbc_encrypt(cipher_key, iv, data)
        mac = hmac.digest(mac_key, iv + ciphertext, hashlib.sha256)[:_MAC_SIZE]
        path = f"/v/t62/{secrets.token_hex(12)}.enc"
        self.files[path] = ciphertext + mac
        return Stored(
            path=path,
            key=key,
            size=len(data),
            plain_hash=hashlib.sha256(data).digest(),
            encrypted_hash=hashlib.sha256(ciphertext + mac).digest(),
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """GET a file, POST one, or DELETE a history chunk after it was read."""
        self.asked.append(f"{request.method} {request.path}")
        match request.method:
            case "GET" if self.refusals:
                elsewhere = {"Location": f"https://{MEDIA_HOST}/elsewhere"}
                return web.Response(status=self.refusals.popleft(), headers=elsewhere)
            case "GET" if self.lie is not None:
                return await self._tell(self.lie, request)
            case "GET" if request.path in self.files:
                return web.Response(body=self.files[request.path])
            case "GET":
                return web.Response(status=404)
            case "POST":
                return await self._take(request)
        return web.Response()

    async def _take(self, request: web.Request) -> web.Response:
        """An upload; its path must name the hash of what comes, as on the real servers."""
        data = await request.read()
        self.is_asked.set()
        await self.is_taking.wait()
        if self.upload_refusals:
            return web.Response(status=self.upload_refusals.popleft())
        named = request.path.rpartition("/")[2]
        if request.query.get("auth") != AUTH or named != _named(hashlib.sha256(data).digest()):
            return web.Response(status=401)
        path = f"/v/t62/{secrets.token_hex(12)}.enc"
        self.files[path] = data
        url = f"https://{MEDIA_HOST}{path}"
        return web.json_response({"url": url, "direct_path": f"{path}?ccb=1"})

    def opened(self, body: Message) -> bytes:
        """The file as the recipient's phone reads it. Raises ValueError if it is not the one."""
        for wrapper in _WRAPPERS:
            if body.HasField(wrapper):
                body = getattr(body, wrapper).message
        part = next((one for one in _PURPOSES if body.HasField(one)), None)
        if part is None:
            raise ValueError("no file comes with this message")
        medium = getattr(body, part)
        data = self.files[medium.directPath.partition("?")[0]]
        ciphertext, mac = data[:-_MAC_SIZE], data[-_MAC_SIZE:]
        iv, cipher_key, mac_key = _keys(medium.mediaKey, _PURPOSES[part])
        if mac != hmac.digest(mac_key, iv + ciphertext, hashlib.sha256)[:_MAC_SIZE]:
            raise ValueError("the file is not authentic")
        plain = aes_cbc_decrypt(cipher_key, iv, ciphertext)
        hashes = hashlib.sha256(plain).digest(), hashlib.sha256(data).digest()
        if (medium.fileLength, medium.fileSHA256, medium.fileEncSHA256) != (len(plain), *hashes):
            raise ValueError("the file is not the one that the message names")
        return plain

    async def _tell(self, lie: Lie, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        answer.enable_chunked_encoding()
        self._telling += 1
        self.is_idle.clear()
        try:
            await answer.prepare(request)
            for _ in range(0, lie.size, len(_PIECE)):
                await answer.write(_PIECE)
                await asyncio.sleep(lie.pause_seconds)
        except ConnectionError:
            pass
        finally:
            self._telling -= 1
            if not self._telling:
                self.is_idle.set()
        return answer

    def attach(self, content: Content) -> None:
        """Upload the content's file, if it has one, and put its location into the body."""
        if content.attachment is None:
            return
        stored = self.store(content.attachment.data, content.attachment.info)
        body = content.body
        for wrapper in _WRAPPERS:
            if body.HasField(wrapper):
                body = getattr(body, wrapper).message
        medium = getattr(body, content.attachment.part)
        # The client appends its own parameters to the path and needs a question mark there.
        medium.directPath = f"{stored.path}?ccb=1"
        medium.URL = f"https://{MEDIA_HOST}{stored.path}?ccb=1"
        medium.mediaKey = stored.key
        medium.fileLength = stored.size
        medium.fileSHA256 = stored.plain_hash
        medium.fileEncSHA256 = stored.encrypted_hash


def _keys(key: bytes, purpose: str) -> tuple[bytes, bytes, bytes]:
    """For the first block, the encryption, and the authentication."""
    keys = derive(key, 112, salt=bytes(32), info=f"WhatsApp {purpose} Keys".encode())
    return keys[:16], keys[16:48], keys[48:80]


def _named(digest: bytes) -> str:
    return urlsafe_b64encode(digest).decode()
