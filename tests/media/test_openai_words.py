"""Transcripts and descriptions over a real connection, with possible failures."""

from collections.abc import AsyncIterator

import pytest

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.media.openai_words import DESCRIBE, Describer, Transcriber
from tests.servers.loopback import Act, Hang, Raw, as_json
from tests.servers.openai import OpenAIServer, answering, failing, refusing, truncated

KEY = "sk-test-0123456789"
Writer = Transcriber | Describer


@pytest.fixture(autouse=True)
def _straight_to_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def transcriber(server: OpenAIServer) -> AsyncIterator[Transcriber]:
    transcriber = Transcriber(server.base_url, KEY, "hears", 10)
    yield transcriber
    await transcriber.close()


@pytest.fixture
async def describer(server: OpenAIServer) -> AsyncIterator[Describer]:
    describer = Describer(server.base_url, KEY, "sees", 10)
    yield describer
    await describer.close()


@pytest.fixture(params=["transcriber", "describer"])
def writer(request: pytest.FixtureRequest, server: OpenAIServer) -> Writer:
    writer: Writer = request.getfixturevalue(request.param)
    return writer


async def test_a_recording_is_sent_whole_with_its_type(
    server: OpenAIServer, transcriber: Transcriber
) -> None:
    assert await transcriber.write(b"OggS\x00voice", "audio/ogg") == server.transcript
    [request] = server.transcriptions
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    for part in (b"OggS\x00voice", b'filename="voice.ogg"', b"audio/ogg", b"hears"):
        assert part in request.body


async def test_silence_has_no_words(server: OpenAIServer, transcriber: Transcriber) -> None:
    server.script(as_json({"text": " \n"}))
    assert await transcriber.write(b"OggS", "audio/ogg") == ""


async def test_a_picture_is_sent_as_data_and_described(
    server: OpenAIServer, describer: Describer
) -> None:
    assert await describer.write(b"\xff\xd8", "image/jpeg") == server.description
    [request] = server.descriptions
    assert request.json["model"] == "sees"
    url = "data:image/jpeg;base64,/9g="
    assert request.json["messages"] == [
        {"role": "system", "content": DESCRIBE},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]},
    ]


async def test_words_come_in_one_line_of_bounded_length(
    server: OpenAIServer, transcriber: Transcriber, describer: Describer
) -> None:
    server.script(as_json({"text": " bir\n iki "}), answering("söz\n" * 10_000))
    assert await transcriber.write(b"OggS", "audio/ogg") == "bir iki"
    assert len(await describer.write(b"\xff\xd8", "image/jpeg")) == 1_000


@pytest.mark.parametrize(
    ("act", "kind", "says"),
    [
        (failing(401), PermanentError, "key"),
        (failing(404), PermanentError, "model"),
        (failing(400), PermanentError, "400"),
        (failing(429), TransientError, "too many"),
        (failing(503), TransientError, "503"),
        (as_json({}), TransientError, "something"),
        (Raw(b"<html>"), TransientError, "something"),
    ],
)
async def test_what_goes_wrong_is_said(
    server: OpenAIServer, writer: Writer, act: Act, kind: type[Exception], says: str
) -> None:
    server.script(act)
    with pytest.raises(kind, match=says) as caught:
        await writer.write(b"data", "image/jpeg")
    assert KEY not in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize("act", [refusing(), truncated()])
async def test_what_the_model_will_not_describe_is_final(
    server: OpenAIServer, describer: Describer, act: Act
) -> None:
    server.script(act)
    with pytest.raises(PermanentError):
        await describer.write(b"\xff\xd8", "image/jpeg")


async def test_silence_of_the_endpoint_ends_with_the_timeout(server: OpenAIServer) -> None:
    server.script(Hang())
    transcriber = Transcriber(server.base_url, KEY, "hears", 0.05)
    with pytest.raises(TransientError, match=r"0\.05 s"):
        await transcriber.write(b"OggS", "audio/ogg")
    await transcriber.close()
