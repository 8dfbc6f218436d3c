"""The language of the pages: Turkish or English, as the reader has chosen or the browser says."""

from collections.abc import Iterator
from enum import StrEnum

from aiohttp import hdrs, web

COOKIE = "lang"
PARAMETER = "lang"


class Language(StrEnum):
    """The value is the tag that HTML and browsers use."""

    TR = "tr"
    EN = "en"


def language_of(request: web.Request) -> Language:
    """`?lang=`, else the cookie, else the browser's first that we speak, else Turkish."""
    wanted = (
        chosen(request),
        _spoken(request.cookies.get(COOKIE, "")),
        *map(_spoken, _accepted(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))),
    )
    return next((one for one in wanted if one), Language.TR)


def chosen(request: web.Request) -> Language | None:
    """What this request's own address asks for, to be remembered."""
    return _spoken(request.query.get(PARAMETER, ""))


def _spoken(tag: str) -> Language | None:
    primary = tag.partition("-")[0].strip().lower()
    return next((one for one in Language if one == primary), None)


def _accepted(header: str) -> Iterator[str]:
    """The tags, best first; one that cannot be weighed counts as refused."""
    weighed = []
    for part in header.split(","):
        tag, _, weight = part.partition(";q=")
        try:
            weighed.append((float(weight or 1), tag))
        except ValueError:
            continue
    weighed.sort(key=lambda one: -one[0])
    return (tag for weight, tag in weighed if weight > 0)
