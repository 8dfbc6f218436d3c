"""Downloads from a media server that lies, hangs and refuses, over HTTPS and a proxy."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.domain.download import TooLargeError
from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.simulator import content
from izer_bridge.simulator.media import Lie, MediaServer
from izer_bridge.simulator.network import Network
from izer_bridge.simulator.simulator import Simulator
from izer_bridge.whatsapp.convert.media_ref import source_of
from izer_bridge.whatsapp.download import Downloads

MOST = 2 * 1024 * 1024
FAST, PATIENT = 0.2, 60.0


class FakeLink:
    def __init__(self, *, is_connected: bool) -> None:
        self._is_connected = is_connected

    async def connected(self, timeout_seconds: float) -> bool:
        return self._is_connected


class Taken:
    """What was written so far."""

    def __init__(self) -> None:
        self.data = b""

    async def write(self, data: bytes) -> None:
        self.data += data


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MediaServer]:
    async with Simulator(tmp_path) as whatsapp:
        for name, value in whatsapp.environment.items():
            monkeypatch.setenv(name, value)
        yield whatsapp.media


@asynccontextmanager
async def socks(network: Network) -> AsyncIterator[str]:
    """A SOCKS5 proxy (RFC 1928) that leads every address to the simulated HTTPS server."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = await reader.readexactly(2)
        await reader.readexactly(methods[1])
        writer.write(b"\x05\x00")
        length = (await reader.readexactly(5))[4]
        assert (await reader.readexactly(length + 2))[:-2] == b"mmg.whatsapp.net"
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await network.tunnel(reader, writer)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"socks5://{host}:{port}"


def downloads(seconds: float = PATIENT, *, proxy: str = "", is_connected: bool = True) -> Downloads:
    return Downloads(FakeLink(is_connected=is_connected), proxy, seconds)


def sent(server: MediaServer, data: bytes = b"picture", **changed: Any) -> bytes:
    """The source of a document that states `changed` about its file."""
    words = content.document(data, "a.pdf")
    server.attach(words)
    for name, value in changed.items():
        setattr(words.body.documentMessage, name, value)
    return source_of(words.body.documentMessage) or b""


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 262_117, 262_144, MOST])
async def test_the_file_comes_back(server: MediaServer, size: int) -> None:
    data, taken = os.urandom(size), Taken()
    await downloads().fetch(sent(server, data), taken, MOST)
    assert taken.data == data


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (content.image(b"\xff\xd8"), "imageMessage"),
        (content.video(b"film"), "videoMessage"),
        (content.voice(b"OggS"), "audioMessage"),
        (content.sticker(b"RIFF"), "stickerMessage"),
    ],
)
async def test_each_kind_has_keys_of_its_own(
    server: MediaServer, words: content.Content, part: str
) -> None:
    server.attach(words)
    taken = Taken()
    await downloads().fetch(source_of(getattr(words.body, part)) or b"", taken, MOST)
    assert words.attachment is not None
    assert taken.data == words.attachment.data


async def test_a_proxy_of_the_settings_is_asked(
    server: MediaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = os.environ["HTTPS_PROXY"]
    monkeypatch.delenv("HTTPS_PROXY")
    taken = Taken()
    await downloads(proxy=proxy).fetch(sent(server), taken, MOST)
    assert taken.data == b"picture"


async def test_a_socks_proxy_of_the_settings_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Simulator(tmp_path) as whatsapp, socks(whatsapp.network) as proxy:
        monkeypatch.setenv("SSL_CERT_FILE", whatsapp.environment["SSL_CERT_FILE"])
        taken = Taken()
        await downloads(proxy=proxy).fetch(sent(whatsapp.media), taken, MOST)
    assert taken.data == b"picture"


@pytest.mark.parametrize("status", [302, 403, 404, 410, 500])
async def test_a_refusal_is_worth_trying_again_and_says_its_status(
    server: MediaServer, status: int
) -> None:
    server.refusals.append(status)
    with pytest.raises(TransientError, match=str(status)):
        await downloads().fetch(sent(server), Taken(), MOST)
    assert len(server.asked) == 1


async def test_without_a_link_nothing_is_asked(server: MediaServer) -> None:
    with pytest.raises(TransientError, match="not connected"):
        await downloads(is_connected=False).fetch(sent(server), Taken(), MOST)
    assert server.asked == []


@pytest.mark.parametrize("source", [b"\xff\xff", b""])
async def test_what_names_no_file_is_final(server: MediaServer, source: bytes) -> None:
    with pytest.raises(PermanentError):
        await downloads().fetch(source, Taken(), MOST)


@pytest.mark.parametrize("path", ["/a b", "/a\r\nHost: 127.0.0.1", "/ş"])
@pytest.mark.attack("a path that is none")
async def test_a_path_that_is_none_is_refused(server: MediaServer, path: str) -> None:
    with pytest.raises(PermanentError, match="no path"):
        await downloads().fetch(sent(server, directPath=path), Taken(), MOST)
    assert server.asked == []


@pytest.mark.parametrize("path", ["//127.0.0.1/x", "/@127.0.0.1/x", "/\\127.0.0.1", "/../x"])
@pytest.mark.attack("a path that would lead to another host")
async def test_only_the_media_server_is_asked(server: MediaServer, path: str) -> None:
    with pytest.raises(TransientError, match="404"):
        await downloads().fetch(sent(server, directPath=path), Taken(), MOST)
    assert len(server.asked) == 1


@pytest.mark.parametrize("changed", ["mediaKey", "fileSHA256", "fileEncSHA256"])
async def test_another_file_than_the_message_names_is_refused(
    server: MediaServer, changed: str
) -> None:
    with pytest.raises(PermanentError, match="not the one"):
        await downloads().fetch(sent(server, **{changed: b"k" * 32}), Taken(), MOST)


@pytest.mark.attack("a file that is larger than it says")
@pytest.mark.parametrize("excess", [1, 20_000])
async def test_a_file_that_is_larger_than_it_says_is_refused(
    server: MediaServer, excess: int
) -> None:
    taken = Taken()
    with pytest.raises(TooLargeError):
        await downloads().fetch(sent(server, bytes(MOST + excess), fileLength=1000), taken, MOST)
    assert len(taken.data) <= MOST


@pytest.mark.attack("a file that has no end")
async def test_a_file_without_an_end_is_refused_as_it_comes(server: MediaServer) -> None:
    server.lie = Lie(1 << 40)
    taken = Taken()
    with pytest.raises(TooLargeError):
        await downloads().fetch(sent(server), taken, MOST)
    assert len(taken.data) <= MOST
    await asyncio.wait_for(server.is_idle.wait(), PATIENT)


@pytest.mark.attack("a transfer that goes on after its time-out")
async def test_a_time_out_ends_the_transfer(server: MediaServer) -> None:
    server.lie = Lie(1 << 40, pause_seconds=0.05)
    tries = await asyncio.gather(
        *(downloads(FAST).fetch(sent(server), Taken(), 1 << 40) for _ in range(20)),
        return_exceptions=True,
    )
    assert {str(one) for one in tries} == {"WhatsApp did not send the file within 0.2 s"}
    await asyncio.wait_for(server.is_idle.wait(), PATIENT)
