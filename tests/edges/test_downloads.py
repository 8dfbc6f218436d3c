"""Downloads that fail, hang or cannot begin, on a link that is made of a function."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from neonize.exc import DownloadError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ImageMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.edges.whatsapp.downloads import Downloads
from izer_bridge.edges.whatsapp.source import source_of
from izer_bridge.model.errors import PermanentError, TransientError

SOURCE = source_of(ImageMessage(directPath="/v/a.enc?ccb=1", mediaKey=b"k" * 32)) or b""


class FakeLink:
    """Connected or not, and its own client; `answer` is what a download comes to."""

    def __init__(self, answer: Callable[[], Awaitable[bytes]], *, is_connected: bool) -> None:
        self._answer = answer
        self._is_connected = is_connected
        self.asked: list[Body] = []

    @property
    def client(self) -> "FakeLink":
        return self

    async def connected(self, timeout_seconds: float) -> bool:
        return self._is_connected

    async def download_any(self, body: Body) -> bytes:
        self.asked.append(body)
        return await self._answer()


def of(
    answer: Callable[[], Awaitable[bytes]], *, is_connected: bool = True
) -> tuple[Downloads, FakeLink]:
    link = FakeLink(answer, is_connected=is_connected)
    return Downloads(link, 0.02), link


async def hangs() -> bytes:
    await asyncio.Event().wait()
    return b""


async def answers() -> bytes:
    return b"picture"


async def refuses() -> bytes:
    raise DownloadError("download failed with status code 410")


async def test_the_file_comes_back() -> None:
    downloads, link = of(answers)
    assert await downloads.fetch(SOURCE) == b"picture"
    assert link.asked == [Body.FromString(SOURCE)]


async def test_a_refusal_is_worth_trying_again_and_says_its_status() -> None:
    downloads, _ = of(refuses)
    with pytest.raises(TransientError, match="410"):
        await downloads.fetch(SOURCE)


async def test_without_a_link_nothing_is_asked() -> None:
    downloads, link = of(answers, is_connected=False)
    with pytest.raises(TransientError, match="not connected"):
        await downloads.fetch(SOURCE)
    assert link.asked == []


async def test_what_names_no_file_is_final() -> None:
    downloads, _ = of(answers)
    with pytest.raises(PermanentError):
        await downloads.fetch(b"\xff\xff")


async def test_calls_that_never_end_are_bounded_in_time_and_number() -> None:
    downloads, link = of(hangs)
    tries = await asyncio.gather(
        *(downloads.fetch(SOURCE) for _ in range(20)), return_exceptions=True
    )
    assert all(isinstance(one, TransientError) for one in tries)
    assert len(link.asked) == 16
    with pytest.raises(TransientError, match="hang"):
        await downloads.fetch(SOURCE)
