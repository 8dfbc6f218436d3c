"""Style, script and icon of the pages, under names that change with their content."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".wav": "audio/wav",
}
_KEEP = "public, max-age=31536000, immutable"


def add_static_files(app: web.Application) -> None:
    app.router.add_get("/static/{name}", _get, name="static")


def address(name: str) -> str:
    """Where a file of the folder is served. Raises KeyError."""
    return f"/static/{_names()[name]}"


async def _get(request: web.Request) -> web.Response:
    try:
        content_type, body = _bodies()[request.match_info["name"]]
    except KeyError:
        raise web.HTTPNotFound from None
    return web.Response(
        body=body,
        headers={"Content-Type": content_type, "Cache-Control": _KEEP},
    )


@cache
def _names() -> Mapping[str, str]:
    """For example `page.css` to `page.3f0c2a91b7d4.css`."""
    return {path.name: _named(path) for path in sorted(FOLDER.iterdir())}


@cache
def _bodies() -> Mapping[str, tuple[str, bytes]]:
    return {
        address: (_TYPES[Path(name).suffix], (FOLDER / name).read_bytes())
        for name, address in _names().items()
    }


def _named(path: Path) -> str:
    return f"{path.stem}.{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}{path.suffix}"
