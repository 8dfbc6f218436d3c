"""Reads a form with one file (multipart/form-data): its pieces go where they are kept, unseen.

The rest of the form is small. A file is in no one's memory, so several may come side by side.
"""

import asyncio
import hashlib
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    BodyPartReader,
    web,
)
from aiohttp.http_exceptions import HttpProcessingError

from izer_bridge.domain.download import Sink
from izer_bridge.web.bodies import refuse_packed
from izer_bridge.web.problems import FieldError, ProblemError

FORM = "multipart/form-data"
FILE = "file"
_SECONDS = 120.0
_SIDE_BY_SIDE = 4
_MOST_FIELDS = 16
_LONGEST_FIELD = 64 * 1024
_PIECE = 64 * 1024
# They quote the header, and with it a file's name.
for _quoting in (BadContentDispositionHeader, BadContentDispositionParam):
    warnings.simplefilter("ignore", _quoting)


@dataclass(frozen=True, slots=True)
class FilePart:
    """The part `file` that an operation takes: at most `most_bytes` go into what `begun` opens.

    `types` are those that its handler takes, for whoever asks; the content decides.
    """

    begun: Callable[[], AbstractAsyncContextManager[Sink]]
    most_bytes: int
    types: Sequence[str]


@dataclass(frozen=True, slots=True)
class Form:
    """The form's other `fields`, and of its file the `name` that it came by."""

    fields: Mapping[str, str] = field(repr=False)
    name: str = field(repr=False)
    sha256: str

    @property
    def summary(self) -> bytes:
        """The same for the same form."""
        return json.dumps([dict(self.fields), self.name, self.sha256], sort_keys=True).encode()


class Forms:
    """`read` lets a few files come at a time; the others wait."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_SIDE_BY_SIDE)

    async def read(self, request: web.Request, into: Sink, most_bytes: int) -> Form:
        """Raises ProblemError, TransientError if the disk refuses."""
        if not most_bytes:
            raise ProblemError(HTTPStatus.CONFLICT, "this bridge keeps no files (media.max_mb = 0)")
        refuse_packed(request)
        if request.content_type != FORM:
            raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body is no {FORM}")
        try:
            async with self._places, asyncio.timeout(_SECONDS):
                return await _Reading(into, most_bytes).form(request)
        except TimeoutError:
            raise ProblemError(
                HTTPStatus.REQUEST_TIMEOUT, f"the body did not come within {_SECONDS:g} s"
            ) from None
        except (web.RequestPayloadError, HttpProcessingError, ValueError, AssertionError):
            # aiohttp checks a form's syntax by assertions, too.
            raise ProblemError(HTTPStatus.BAD_REQUEST, "the form cannot be read as sent") from None


class _Reading:
    def __init__(self, into: Sink, most_bytes: int) -> None:
        self._into = into
        self._most_bytes = most_bytes
        self._fields: dict[str, str] = {}
        self._file: tuple[str, str] | None = None

    async def form(self, request: web.Request) -> Form:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or not part.name:
                raise ValueError("a part without a name")
            if part.name in self._fields or (part.name == FILE and self._file is not None):
                raise _wrong(part.name, "is there twice")
            if part.name == FILE:
                self._file = _readable(part.filename or ""), await self._keep(part)
            elif len(self._fields) >= _MOST_FIELDS:
                raise ValueError("too many parts")
            else:
                self._fields[part.name] = (await _small(part)).decode("utf-8")
        if self._file is None:
            raise _wrong(FILE, "Field required")
        return Form(self._fields, *self._file)

    async def _keep(self, part: BodyPartReader) -> str:
        size, digest = 0, hashlib.sha256()
        while piece := await part.read_chunk(_PIECE):
            size += len(piece)
            if size > self._most_bytes:
                raise ProblemError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                    f"the file is larger than {self._most_bytes} bytes (media.max_mb)",
                )
            digest.update(piece)
            await self._into.write(bytes(piece))
        if not size:
            raise _wrong(FILE, "is empty")
        return digest.hexdigest()


def _readable(name: str) -> str:
    """A header's bytes that are no UTF-8 come as halves of characters, which nothing can hold."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


async def _small(part: BodyPartReader) -> bytes:
    data = b""
    while piece := await part.read_chunk(_PIECE):
        data += piece
        if len(data) > _LONGEST_FIELD:
            raise _wrong(part.name or "", f"is longer than {_LONGEST_FIELD} bytes")
    return data


def _wrong(name: str, message: str) -> ProblemError:
    fault = FieldError(name, message)
    detail = f"{name}: {message}"
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=[fault])


def described_form(properties: Mapping[str, Any], wanted: Sequence[str], file: FilePart) -> Any:
    """The request body of an OpenAPI entry."""
    bytes_of_it = {"type": "string", "contentMediaType": "application/octet-stream"}
    schema = {
        "type": "object",
        "required": [*wanted, FILE],
        "properties": {**properties, FILE: bytes_of_it},
        "additionalProperties": False,
    }
    encoding = {FILE: {"contentType": ", ".join(file.types)}}
    return {"required": True, "content": {FORM: {"schema": schema, "encoding": encoding}}}
