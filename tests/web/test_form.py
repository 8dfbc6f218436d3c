"""A form with a file: what is wrong with one is named, and nothing of it is kept in memory."""

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import FormData
from pydantic import Field

from izer_bridge.web.form import FilePart
from izer_bridge.web.operation import (
    AnyOperation,
    ApiCall,
    AskedFields,
    NoFields,
    Operation,
    ToldFields,
)
from tests.web.operations import serving
from tests.web.running_api import Answer, Api

MOST = 300_000
EDGE = "--edge"
HEAD = 'Content-Disposition: form-data; name="file"; filename="a.pdf"'


class Stored(ToldFields):
    name: str
    sha256: str
    text: str


class Remark(AskedFields):
    text: str = Field("", max_length=10)


@dataclass
class Shelf:
    """Takes files; `longest` is the longest piece that it was given."""

    most: int = MOST
    files: list[bytearray] = field(default_factory=list)
    longest: int = 0
    stored: int = 0

    async def write(self, data: bytes) -> None:
        self.files[-1] += data
        self.longest = max(self.longest, len(data))

    @asynccontextmanager
    async def begun(self) -> AsyncIterator["Shelf"]:
        self.files.append(bytearray())
        yield self

    async def store(self, call: ApiCall[NoFields, Remark]) -> Stored:
        assert call.file is not None
        self.stored += 1
        digest = hashlib.sha256(call.file.sink.files[-1]).hexdigest()
        return Stored(name=call.file.name, sha256=digest, text=call.body.text)

    def all(self) -> Sequence[AnyOperation]:
        part = FilePart(self.begun, self.most, ["application/pdf"])
        path, name = "/v1/shelf", "store_file"
        return (
            Operation("POST", path, name, "Store.", self.store, Stored, body=Remark, file=part),
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def api(shelf: Shelf) -> AsyncIterator[Api]:
    async with serving(shelf.all()) as api:
        yield api


async def posted(api: Api, data: bytes = b"%PDF-1.7", text: str | None = None) -> Answer:
    form = FormData(quote_fields=False)
    if text is not None:
        form.add_field("text", text)
    form.add_field("file", data, filename="Şubat.pdf")
    return await api.request("POST", "/v1/shelf", data=form, headers={"Idempotency-Key": "a"})


async def test_a_file_goes_piece_by_piece_to_its_place(api: Api, shelf: Shelf) -> None:
    data = bytes(range(256)) * 1_000
    answer = await posted(api, data, "Ekte")
    assert answer.json == {
        "name": "Şubat.pdf",
        "sha256": hashlib.sha256(data).hexdigest(),
        "text": "Ekte",
    }
    assert shelf.longest <= 65_536


async def test_the_same_form_under_one_key_is_taken_once(api: Api, shelf: Shelf) -> None:
    first = await posted(api, text="Ekte")
    assert (await posted(api, text="Ekte")).json == first.json
    assert shelf.stored == 1
    for other in (await posted(api, b"%PDF-1.8", "Ekte"), await posted(api, text="Yok")):
        assert (other.status, other.fields) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize("name", [b"\xdeubat.pdf", b"\xff\xfe.pdf", b"\xc5.pdf"])
async def test_a_name_in_another_encoding_is_readable(api: Api, name: bytes) -> None:
    body = written(FILE).replace(b"a.pdf", name)
    kind = {"Content-Type": f"multipart/form-data; boundary={EDGE[2:]}"}
    answer = await api.request("POST", "/v1/shelf", data=body, headers=kind)
    assert answer.status == 200
    assert answer.json["name"].endswith(".pdf")
    assert "\ufffd" in answer.json["name"]


def test_a_header_that_is_wrong_is_not_repeated_on_stderr() -> None:
    """In a process of its own: pytest has its own view of warnings."""
    script = (
        "import izer_bridge.web.form, aiohttp.multipart as reader\n"
        "reader.parse_content_disposition('form-data; gizli; name=x; a=\"gizli')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert b"gizli" not in ended.stderr


def written(*parts: str, end: str = f"{EDGE}--\r\n") -> bytes:
    return "".join([*(f"{EDGE}\r\n{part}\r\n" for part in parts), end]).encode("utf-8")


FILE = f"{HEAD}\r\n\r\n%PDF-1.7"
TEXT = 'Content-Disposition: form-data; name="text"\r\n\r\n'


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        (written(TEXT + "Ekte"), 422, ["file"]),
        (written(FILE, FILE), 422, ["file"]),
        (written(f"{HEAD}\r\n\r\n"), 422, ["file"]),
        (written(FILE, TEXT + "a", TEXT + "b"), 422, ["text"]),
        (written(FILE, TEXT + "far too long for it"), 422, ["text"]),
        (written(FILE, TEXT + "x" * 70_000), 422, ["text"]),
        (written(FILE, TEXT.replace("text", "to") + "905551112233"), 422, ["to"]),
        (written(FILE).replace(b"%PDF", b"%PDF" * 100_000), 413, None),
        (written(FILE, TEXT).replace(b"\r\n\r\n\r\n", b"\r\n\r\n\xff\r\n"), 400, None),
        (written("Content-Disposition: form-data\r\n\r\n%PDF"), 400, None),
        (written("\r\n%PDF"), 400, None),
        (written(FILE, end=""), 400, None),
        (written("Content-Type: multipart/mixed; boundary=x\r\n\r\n--x--"), 400, None),
        (written(*(f"{TEXT.replace('text', f'f{one}')}x" for one in range(40))), 400, None),
        (b"", 400, None),
        (b"no form at all", 400, None),
    ],
)
async def test_what_is_wrong_with_a_form_is_named(
    api: Api, shelf: Shelf, body: bytes, status: int, fields: list[str] | None
) -> None:
    kind = {"Content-Type": f"multipart/form-data; boundary={EDGE[2:]}"}
    answer = await api.request("POST", "/v1/shelf", data=body, headers=kind)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert fields is None or answer.fields == fields
    assert shelf.stored == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "application/pdf"}, 415),
        ({"Content-Type": "multipart/mixed; boundary=edge"}, 415),
        ({"Content-Type": "multipart/form-data"}, 400),
        ({"Content-Type": f"multipart/form-data; boundary={'x' * 200}"}, 400),
        (
            {"Content-Type": "multipart/form-data; boundary=edge", "Content-Encoding": "gzip"},
            415,
        ),
    ],
)
async def test_what_is_no_such_form_is_refused(
    api: Api, shelf: Shelf, headers: dict[str, str], status: int
) -> None:
    answer = await api.request("POST", "/v1/shelf", data=written(FILE), headers=headers)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert shelf.stored == 0


async def test_where_no_files_are_kept_none_is_taken() -> None:
    shelf = Shelf(most=0)
    async with serving(shelf.all()) as api:
        answer = await posted(api)
    assert (answer.status, "media.max_mb" in answer.json["detail"]) == (409, True)
