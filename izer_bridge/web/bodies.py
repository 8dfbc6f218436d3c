"""Reads request bodies: each of them ends, and all of them together fit into memory."""

import asyncio
from contextlib import ExitStack
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError

from izer_bridge.web.problems import ProblemError

LARGEST_TEXT_BODY = 1024**2
BODY_SECONDS = 30.0
# Each becomes a text, a document and a file; anybody with access may ask 256 times at once.
MOST_LARGE = 2


class Bodies:
    """`read` lets a body larger than a text continue only while there is a place for it."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MOST_LARGE)

    async def read(
        self, request: web.Request, place: ExitStack, most_bytes: int = LARGEST_TEXT_BODY
    ) -> bytes:
        """The body; if it is large, `place` gives its place back. Raises ProblemError."""
        refuse_packed(request)
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._whole(request, place, most_bytes)
        except TimeoutError:
            raise ProblemError(
                HTTPStatus.REQUEST_TIMEOUT, f"the body did not come within {BODY_SECONDS:g} s"
            ) from None
        except (web.RequestPayloadError, HttpProcessingError):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "the body cannot be read as sent") from None

    async def _whole(self, request: web.Request, place: ExitStack, most_bytes: int) -> bytes:
        body = bytearray()
        is_large = False
        while piece := await request.content.readany():
            body += piece
            if len(body) > most_bytes:
                raise ProblemError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"the body is larger than {most_bytes} bytes",
                )
            if len(body) > LARGEST_TEXT_BODY and not is_large:
                is_large = await self._places.acquire()
                place.callback(self._places.release)
        return bytes(body)


BODIES = web.AppKey("bodies", Bodies)


def refuse_packed(request: web.Request) -> None:
    """A few compressed kB may unpack to more than fits into memory."""
    if (packed := request.headers.get(hdrs.CONTENT_ENCODING, "identity")) != "identity":
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body is packed as {packed[:20]!r}; send it as it is",
            headers={"Accept-Encoding": "identity"},
        )
