"""Every error of the HTTP interface as a problem document, or as a page where a page was opened."""

import math
import traceback
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from aiohttp import hdrs, web

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.web.doors import PAGES
from izer_bridge.web.problems import ProblemError

_RETRY_AFTER_SECONDS = 5.0

_log = structlog.get_logger(__name__)


@web.middleware
async def answer_problems(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn anything that a handler raises into a problem document."""
    try:
        return await handler(request)
    except web.HTTPRedirection:
        raise
    except Exception as error:  # the border: a bug must not reach the client
        if isinstance(error, ConnectionError) and request.transport is None:
            raise  # the client has hung up: aiohttp expects this, and nobody reads an answer
        problem = _from(request, error)
    if not _reads_pages(request):
        return problem.response()
    from izer_bridge.web.problem_page import problem_page

    return problem_page(request, problem)


def _reads_pages(request: web.Request) -> bool:
    """Whether a browser has opened one of the pages, or what is none at all."""
    is_opened = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    name = request.match_info.route.name
    is_page = name is None or name.startswith(PAGES)
    return is_page and is_opened and "text/html" in request.headers.get(hdrs.ACCEPT, "")


def _from(request: web.Request, error: Exception) -> ProblemError:
    match error:
        case ProblemError():
            return error
        case web.HTTPException():
            return _from_http(request, error)
        case TransientError():
            return _from_transient(error)
        case PermanentError():
            return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    return _from_bug(request, error)


def _from_http(request: web.Request, error: web.HTTPException) -> ProblemError:
    status = HTTPStatus(error.status)
    headers = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
    if isinstance(error, web.HTTPRequestEntityTooLarge):
        detail = f"the body is larger than {request.client_max_size} bytes"
    elif isinstance(error, web.HTTPMethodNotAllowed):
        detail = f"allowed here: {', '.join(sorted(error.allowed_methods))}"
    else:
        detail = status.description or status.phrase
    return ProblemError(status, detail, headers=headers)


def _from_transient(error: TransientError) -> ProblemError:
    seconds = error.retry_after_seconds or _RETRY_AFTER_SECONDS
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        str(error),
        headers={"Retry-After": str(math.ceil(seconds))},
    )


def _from_bug(request: web.Request, error: Exception) -> ProblemError:
    # The error's own text may quote the request, so only its type and the frames are logged.
    _log.error(
        "request_failed",
        method=request.method,
        route=request.match_info.route.name,
        error=type(error).__name__,
        frames="".join(traceback.format_tb(error.__traceback__)),
    )
    return ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR, "the bridge failed on this request; its log says where"
    )
