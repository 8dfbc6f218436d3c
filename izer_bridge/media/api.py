"""`/v1/media/{id}`: a message's file, as something to save, whatever it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import hdrs, web

from izer_bridge.domain.errors import PermanentError
from izer_bridge.media.decide import extension_of, harmless_type
from izer_bridge.media.files import MediaFiles
from izer_bridge.media.store import SqlMedia
from izer_bridge.web.operation import AnyOperation, ApiCall, NoFields, Operation, RawAnswer
from izer_bridge.web.problems import ProblemError


@dataclass(frozen=True, slots=True)
class MediaOperations:
    """A page may show a picture or play a sound from there; opened by itself, it is saved."""

    ledger: SqlMedia
    files: MediaFiles

    def all(self) -> Sequence[AnyOperation]:
        return (
            Operation(
                "GET",
                "/v1/media/{id}",
                "get_media",
                "A message's file; `Range` is honoured. The type is what its content says, the "
                "name is never the sender's.",
                self.get,
                answer=RawAnswer("application/octet-stream"),
            ),
        )

    async def get(self, call: ApiCall[NoFields, NoFields]) -> web.StreamResponse:
        try:
            file = await self.ledger.file_of(call.id)
            place = await self.files.place(file.path)
        except (LookupError, PermanentError) as error:
            raise ProblemError(HTTPStatus.NOT_FOUND, str(error)) from None
        name = f"izer-{call.id}.{extension_of(file.mimetype)}"
        return web.FileResponse(
            place,
            headers={
                hdrs.CONTENT_TYPE: harmless_type(file.mimetype),
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
                # It never changes under its id; a shared cache must not have it.
                hdrs.CACHE_CONTROL: "private, max-age=3600",
            },
        )
