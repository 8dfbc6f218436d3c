import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from izer_bridge.analysis.openai_analyser import OpenAIAnalyser
from izer_bridge.analysis.prompt import INSTRUCTIONS, user_content
from izer_bridge.domain.analysis import Category, Priority, ResponseTime, Sentiment
from izer_bridge.domain.errors import BridgeError, ConfigError, PermanentError, TransientError
from izer_bridge.domain.message import HistoryEntry, Subject
from tests.servers.loopback import Act, Cut, Hang, Raw, as_json
from tests.servers.openai import (
    ANALYSIS,
    OpenAIServer,
    answering,
    failing,
    filtered,
    refusing,
    truncated,
)

KEY = "sk-test-0123456789"
SUBJECT = Subject(
    message_id="3EB0",
    text="Bisikletimin freni çalışmıyor 🚲",
    sent_at=datetime(2025, 3, 1, 9, 30, tzinfo=UTC),
    chat_name="Ayşe",
    phone_number="+905551112233",
    is_group=False,
    is_vip=False,
    is_critical_group=False,
    history=(),
)


@pytest.fixture(autouse=True)
def _straight_to_the_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture
async def analyser(server: OpenAIServer) -> AsyncIterator[OpenAIAnalyser]:
    analyser = OpenAIAnalyser(server.base_url, KEY, "test-model", 10, True)
    yield analyser
    await analyser.close()


async def _error(analyser: OpenAIAnalyser) -> BridgeError:
    """What the call raises; its text must give nothing away."""
    with pytest.raises(BridgeError) as caught:
        await analyser.analyse(SUBJECT)
    error = caught.value
    assert not any(secret in str(error) for secret in (KEY, "sk-", "fren", "905551112233"))
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return error


async def test_near_words_are_what_they_mean(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    near = {
        "urgency_score": "8/10",
        "category": "Technical",
        "sentiment": "NEGATIVE",
        "priority_level": "medium",
        "recommended_response_time": "1 hour",
        "language": "Turkish",
    }
    fenced = f"```json\n{json.dumps(ANALYSIS | near)}\n```"
    for answer in (answering(ANALYSIS | near), answering(fenced)):
        server.script(answer)
        analysis = (await analyser.analyse(SUBJECT)).analysis
        assert (analysis.urgency_score, analysis.category) == (8, Category.TECHNICAL)
        assert analysis.sentiment is Sentiment.NEGATIVE
        assert analysis.priority_level is Priority.NORMAL
        assert analysis.recommended_response_time is ResponseTime.ONE_HOUR
        assert analysis.language == "tr"
    nine = {key: ANALYSIS[key] for key in ANALYSIS if key not in ("language", "confidence")}
    server.script(answering(f"Sure! Here it is:\n```json\n{json.dumps(nine)}\n```\nAnything else?"))
    assert (await analyser.analyse(SUBJECT)).analysis.language == "tr"


async def test_what_means_nothing_is_named_by_field_and_kind(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    server.script(answering(ANALYSIS | {"category": "mor", "urgency_score": [7]}))
    error = str(await _error(analyser))
    assert "category enum (str)" in error
    assert "urgency_score int_type (list)" in error
    assert "mor" not in error


async def test_the_answer_is_an_analysis(analyser: OpenAIAnalyser) -> None:
    analysis = (await analyser.analyse(SUBJECT)).analysis
    assert analysis.urgency_score == 7
    assert analysis.category is Category.TECHNICAL
    assert analysis.sentiment is Sentiment.URGENT
    assert analysis.priority_level is Priority.HIGH
    assert analysis.recommended_response_time is ResponseTime.ONE_HOUR
    assert analysis.action_required is True
    assert analysis.keywords == ("fren",)
    assert analysis.business_context == "Fren arızası"


async def test_one_structured_call_goes_out(server: OpenAIServer, analyser: OpenAIAnalyser) -> None:
    await analyser.analyse(SUBJECT)
    [request] = server.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.json["model"] == "test-model"
    assert request.json["messages"] == [
        {"role": "system", "content": INSTRUCTIONS},
        {"role": "user", "content": user_content(SUBJECT)},
    ]
    form = request.json["response_format"]
    assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)


async def test_the_schema_is_strict_everywhere(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    await analyser.analyse(SUBJECT)
    schema = server.requests[0].json["response_format"]["json_schema"]["schema"]
    assert set(schema["required"]) == set(ANALYSIS)
    for node in _objects(schema):
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])


PRIVATE = {
    "text": "IBAN TR33 0006 1005 1978 6457 8413 26, kart 4111 1111 1111 1111, ya da 0532 123 45 67",
    "chat": "+90 555 111 22 33",
    "history": "adresim ayse.yilmaz@example.com, telefonum 0 555 111 22 33",
}


async def test_what_identifies_people_stays_here_and_is_in_the_answer(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    earlier = HistoryEntry(PRIVATE["chat"], PRIVATE["history"], SUBJECT.sent_at, "text", False)
    subject = replace(SUBJECT, text=PRIVATE["text"], chat_name=PRIVATE["chat"], history=(earlier,))
    server.script(
        answering(
            ANALYSIS
            | {
                "keywords": ["[CARD_1]", "[IBAN_1]"],
                "business_context": "[EMAIL_1] adresli müşteri [PHONE_1]'den aranmak istiyor",
                "suggested_next_action": "[PHONE_2] numarasını arayın",
            }
        )
    )
    analysis = (await analyser.analyse(subject)).analysis
    [request] = server.requests
    sent = re.sub(r"[^a-z0-9@]", "", json.dumps(request.json, ensure_ascii=False).lower())
    for value in ("5551112233", "5321234567", "0006100519786457841326", "411111", "yilmaz@"):
        assert value not in sent
    assert analysis.keywords == ("4111 1111 1111 1111", "TR33 0006 1005 1978 6457 8413 26")
    assert analysis.suggested_next_action == "0 555 111 22 33 numarasını arayın"
    assert analysis.business_context == (
        "ayse.yilmaz@example.com adresli müşteri 0532 123 45 67'den aranmak istiyor"
    )


async def test_without_masking_the_message_goes_as_it_is(server: OpenAIServer) -> None:
    analyser = OpenAIAnalyser(server.base_url, KEY, "test-model", 10, False)
    subject = replace(SUBJECT, text=PRIVATE["text"])
    await analyser.analyse(subject)
    await analyser.close()
    [request] = server.requests
    assert PRIVATE["text"] in request.json["messages"][1]["content"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😀" * 3000,
        "\u202e\u2066\u200b\ufeff",
        "\ud800 \0",
        "Привет fren السلام 自行车",
        "0555 " * 20_000,
    ],
)
async def test_any_text_can_be_asked_about(
    server: OpenAIServer, analyser: OpenAIAnalyser, text: str
) -> None:
    earlier = HistoryEntry(text, text, SUBJECT.sent_at, "text", False)
    subject = replace(SUBJECT, text=text, chat_name=text[:255], history=(earlier,) * 20)
    assert (await analyser.analyse(subject)).analysis.urgency_score == 7
    [request] = server.requests
    assert len(request.json["messages"][1]["content"]) < 3_000


def _objects(node: Any) -> list[dict[str, Any]]:
    if isinstance(node, list):
        return [found for item in node for found in _objects(item)]
    if not isinstance(node, dict):
        return []
    inner = [found for item in node.values() for found in _objects(item)]
    return [node, *inner] if node.get("type") == "object" else inner


@pytest.mark.parametrize("key", ["anahtarım", "sk-1\n2", "sk-\x00"])
def test_a_key_that_cannot_be_sent_is_a_setting_to_change(key: str) -> None:
    with pytest.raises(ConfigError, match="OpenAI key"):
        OpenAIAnalyser("http://127.0.0.1:1/v1", key, "test-model", 1, True)


async def test_a_key_is_refused(server: OpenAIServer, analyser: OpenAIAnalyser) -> None:
    server.script(failing(401, "invalid_api_key"))
    error = await _error(analyser)
    assert isinstance(error, PermanentError)
    assert "key" in str(error)


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (400, "context_length_exceeded", "400"),
        (403, "forbidden", "403"),
        (404, "model_not_found", "test-model"),
        (422, "invalid", "422"),
    ],
)
async def test_the_request_is_refused(
    server: OpenAIServer, analyser: OpenAIAnalyser, status: int, code: str, says: str
) -> None:
    server.script(failing(status, code))
    error = await _error(analyser)
    assert isinstance(error, PermanentError)
    assert says in str(error)


@pytest.mark.parametrize(
    ("act", "says", "seconds"),
    [
        (failing(429, "rate_limit_exceeded", Retry_After="17"), "too many requests", 17.0),
        (failing(429, "rate_limit_exceeded"), "too many requests", None),
        (failing(429, "insufficient_quota"), "quota", None),
        (failing(500), "500", None),
        (failing(503, Retry_After="3"), "503", 3.0),
        (Raw(b"<h1>Bad gateway</h1>", "text/html", 502), "502", None),
        (failing(408), "408", None),
        (failing(409), "409", None),
    ],
)
async def test_worth_trying_again(
    server: OpenAIServer, analyser: OpenAIAnalyser, act: Act, says: str, seconds: float | None
) -> None:
    server.script(act)
    error = await _error(analyser)
    assert isinstance(error, TransientError)
    assert says in str(error)
    assert error.retry_after_seconds == seconds
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("act", "says"),
    [(refusing(), "refused"), (truncated(), "truncated"), (filtered(), "filter")],
)
async def test_what_the_model_will_not_say_is_final(
    server: OpenAIServer, analyser: OpenAIAnalyser, act: Act, says: str
) -> None:
    server.script(act)
    error = await _error(analyser)
    assert isinstance(error, PermanentError)
    assert says in str(error)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ANALYSIS | {"urgency_score": 11}, "urgency_score"),
        (ANALYSIS | {"urgency_score": "fren"}, "urgency_score"),
        (ANALYSIS | {"category": "fren"}, "category"),
        ({key: ANALYSIS[key] for key in ANALYSIS if key != "sentiment"}, "sentiment"),
        ("Bisikletin freni bozuk.", "schema"),
        ('{"urgency_score": 7', "schema"),
        ("[]", "schema"),
        ("", "schema"),
        (None, "schema"),
    ],
)
async def test_a_schema_error_names_the_field_only(
    server: OpenAIServer, analyser: OpenAIAnalyser, content: Any, says: str
) -> None:
    server.script(answering(content))
    error = await _error(analyser)
    assert isinstance(error, TransientError)
    assert says in str(error)


@pytest.mark.parametrize(
    "act",
    [
        as_json({}),
        as_json({"choices": None}),
        as_json({"choices": []}),
        as_json({"choices": [{}]}),
        as_json({"choices": [None]}),
        as_json({"choices": ["text"]}),
        as_json({"choices": "text"}),
        as_json({"choices": [{"message": None}]}),
        as_json({"choices": [{"message": "text"}]}),
        as_json({"choices": [{"message": {"content": 5}}]}),
        as_json({"choices": [{"message": {"content": [{"type": "text"}]}}]}),
        as_json([]),
        as_json("text"),
        as_json(None),
        Raw(b"{"),
        Raw(b""),
        Raw(b"\xff\xfe"),
        Raw(b"[" * 100_000),
        Raw(b"<html></html>", "text/html"),
    ],
)
async def test_an_answer_of_another_shape_is_worth_trying_again(
    server: OpenAIServer, analyser: OpenAIAnalyser, act: Act
) -> None:
    server.script(act)
    assert isinstance(await _error(analyser), TransientError)


async def test_a_compatible_endpoint_may_leave_things_out(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    message = {"role": "assistant", "content": f"\n{json.dumps(ANALYSIS)}\n"}
    server.script(as_json({"choices": [{"message": message}]}))
    assert (await analyser.analyse(SUBJECT)).analysis.urgency_score == 7


@pytest.mark.parametrize("act", [Cut(), Cut(b'{"choices": [')])
async def test_a_cut_connection_is_worth_trying_again(
    server: OpenAIServer, analyser: OpenAIAnalyser, act: Act
) -> None:
    server.script(act)
    error = await _error(analyser)
    assert isinstance(error, TransientError)
    assert "reached" in str(error)


async def test_nobody_listening_is_worth_trying_again(
    server: OpenAIServer, analyser: OpenAIAnalyser
) -> None:
    await server.stop()
    error = await _error(analyser)
    assert isinstance(error, TransientError)
    assert "reached" in str(error)


async def test_silence_ends_with_the_timeout(server: OpenAIServer) -> None:
    server.script(Hang())
    analyser = OpenAIAnalyser(server.base_url, KEY, "test-model", 0.05, True)
    error = await _error(analyser)
    await analyser.close()
    assert isinstance(error, TransientError)
    assert "0.05 s" in str(error)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_not_followed(
    server: OpenAIServer, analyser: OpenAIAnalyser, status: int
) -> None:
    async with OpenAIServer() as elsewhere:
        location = {"Location": f"{elsewhere.base_url}/chat/completions"}
        server.script(Raw(b"", "text/plain", status, location))
        error = await _error(analyser)
        assert isinstance(error, PermanentError)
        assert "redirect" in str(error)
        assert elsewhere.requests == []
