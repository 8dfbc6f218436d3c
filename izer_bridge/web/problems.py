"""A problem document (RFC 9457), and the error that becomes one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus

from aiohttp import web

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field, for example `history[3].timestamp`; never its value."""

    field: str
    message: str


class ProblemError(Exception):
    """A request that is answered with a problem document.

    `facts` are members beyond the standard ones, for programs: the detail says them in words.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.facts = dict(facts or {})

    def response(self) -> web.Response:
        """The document; it has `errors` only if fields are named."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
            **self.facts,
        }
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        response = web.json_response(document, status=self.status, headers=self.headers)
        response.content_type = CONTENT_TYPE
        return response
