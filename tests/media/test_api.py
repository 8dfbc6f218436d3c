"""`/v1/media/{id}`: whatever a stranger has sent is saved, and nothing of it runs."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from izer_bridge.domain.message import Kind, Media
from izer_bridge.media.api import MediaOperations
from izer_bridge.media.files import MediaFiles
from tests.end_to_end.stored import Store
from tests.store.ledgers import Opened
from tests.store.messages import message
from tests.web.operations import serving
from tests.web.running_api import Api

PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
    + bytes(12)
)
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def files(tmp_path: Path) -> MediaFiles:
    (tmp_path / "state").mkdir()
    return MediaFiles(tmp_path / "state")


@pytest.fixture
async def api(opened: Opened, files: MediaFiles) -> AsyncIterator[Api]:
    ledger = await opened("me")
    said = [
        message(number, "", kind=Kind.IMAGE, media=Media("text/html", 9, '"><b>.html', b"source"))
        for number in range(4)
    ]
    await ledger.record(said)
    media = ledger.media()
    due = await media.due(said[0].account, 9)
    for one, content in zip(due, (PNG, SVG, HTML), strict=False):
        await media.kept(one, await files.keep(content), is_worded_next=False)
    async with serving(MediaOperations(media, files).all()) as running:
        yield running


@pytest.mark.parametrize(
    ("row_id", "content", "kind", "ending"),
    [
        (1, PNG, "image/png", "png"),
        (2, SVG, "application/octet-stream", "bin"),
        (3, HTML, "application/octet-stream", "bin"),
    ],
    ids=["png", "svg", "html"],
)
async def test_it_is_saved_under_a_name_of_ours(
    api: Api, row_id: int, content: bytes, kind: str, ending: str
) -> None:
    async with api.session.get(f"{api.server.url}/v1/media/{row_id}") as response:
        assert (response.status, await response.read()) == (200, content)
        told = response.headers
    assert told["Content-Type"] == kind
    assert told["Content-Disposition"] == f'attachment; filename="izer-{row_id}.{ending}"'
    assert told["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in told["Content-Security-Policy"]


async def test_a_part_of_it_may_be_asked_for(api: Api) -> None:
    url = f"{api.server.url}/v1/media/1"
    async with api.session.get(url, headers={"Range": "bytes=0-3"}) as response:
        assert (response.status, await response.read()) == (206, PNG[:4])
        assert response.headers["Content-Range"] == f"bytes 0-3/{len(PNG)}"
    async with api.session.get(url, headers={"Range": "bytes=900-"}) as response:
        assert response.status == 416


@pytest.mark.parametrize("lost", ["removed", "planted"])
async def test_what_is_not_here_is_a_problem(
    api: Api, lost: str, store_url: str, tmp_path: Path
) -> None:
    assert (await api.request("GET", "/v1/media/4")).status == 404
    assert (await api.request("GET", "/v1/media/99")).status == 404
    [row] = await Store(store_url).rows("SELECT path FROM media WHERE id = 1")
    place = tmp_path / "state" / row.path
    place.unlink()
    if lost == "planted":
        (tmp_path / "secret").write_text("token")
        place.symlink_to(tmp_path / "secret")
    answer = await api.request("GET", "/v1/media/1")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
