from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from izer_bridge.domain.errors import PermanentError, TransientError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import HistoryEntry, Kind, Origin
from izer_bridge.domain.message_state import SkipReason, State
from tests.web.fakes import ANALYSIS, ATTEMPT, UPDATED_AT, request_body
from tests.web.running_api import Api


async def test_answers_as_the_replaced_system_did(api: Api) -> None:
    answer = await api.post(request_body())
    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "message_id": "false_905551112233@c.us_3EB0",
        "database_id": 1,
        "state": "settled",
        "analysis": ANALYSIS.as_json(),
        "routing": {
            "success": True,
            "agent": "business_workflow",
            "reason": "category technical",
            "response": {"reply": "Merhaba"},
        },
        "processed_at": UPDATED_AT.isoformat(),
    }


async def test_hands_in_a_message_with_its_history_oldest_first(api: Api) -> None:
    older = {"sender": "Me", "content": "a", "timestamp": "2025-03-01T12:00:00+03:00"}
    newer = {"sender": "Ayşe", "content": "b", "timestamp": "2025-03-01T09:10:00Z"}
    body = request_body(
        history=[newer | {"type": "chat"}, older | {"type": "image", "fromMe": True}], extra=[1]
    )
    await api.post(body)
    [webhook] = api.intake.submitted
    message = webhook.message
    assert message.chat == message.sender == Jid.parse("905551112233@s.whatsapp.net")
    assert message.sent_at == datetime(2025, 3, 1, 9, 29, 58, tzinfo=UTC)
    assert (message.kind, message.origin) == (Kind.TEXT, Origin.WEBHOOK)
    assert message.text == body["current_message"]
    assert message.chat_name == "Ayşe"
    assert webhook.phone_number == "+905551112233"
    assert webhook.history == (
        HistoryEntry("Me", "a", datetime(2025, 3, 1, 9, 0, tzinfo=UTC), "image", True),
        HistoryEntry("Ayşe", "b", datetime(2025, 3, 1, 9, 10, tzinfo=UTC), "chat", False),
    )
    assert webhook.raw == body
    assert api.intake.waits == [30.0]


async def test_the_same_message_gets_the_same_answer(api: Api) -> None:
    first = await api.post(request_body())
    second = await api.post(request_body(current_message="changed"))
    assert (first.status, first.json) == (second.status, second.json)


@pytest.mark.parametrize("zoned", ["2025-03-01T09:29:58", "2025-03-01 12:29:58+03:00"])
async def test_a_time_without_zone_is_utc(api: Api, zoned: str) -> None:
    await api.post(request_body(chat_time=zoned))
    assert api.intake.submitted[0].message.sent_at == datetime(2025, 3, 1, 9, 29, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "🚲👩‍🔧🏳️‍🌈" * 500,
        "مرحبا \u202eabc\u202c שלום",
        "".join(chr(plane * 0x10000 + 0x20) for plane in range(17)),
        "\ufffe\uffff\u0001\x7f\u2028",
        "",
    ],
)
async def test_every_text_passes_intact(api: Api, text: str) -> None:
    answer = await api.post(request_body(current_message=text))
    assert answer.status == 200
    assert api.intake.submitted[0].message.text == text


@pytest.mark.parametrize(
    ("state", "analysis", "attempt", "status"),
    [
        (State.RECORDED, None, None, 202),
        (State.ANALYSED, ANALYSIS, None, 202),
        (State.ANALYSED, ANALYSIS, replace(ATTEMPT, succeeded=False, error="timed out"), 200),
        (State.DEAD, ANALYSIS, replace(ATTEMPT, succeeded=False, error="timed out"), 200),
        (State.DEAD, None, None, 200),
        (State.SETTLED, ANALYSIS, ATTEMPT, 200),
    ],
)
async def test_answers_202_while_a_part_is_to_come(
    api: Api, state: State, analysis: Any, attempt: Any, status: int
) -> None:
    api.intake.state, api.intake.analysis, api.intake.attempt = state, analysis, attempt
    answer = await api.post(request_body())
    assert (answer.status, answer.json["success"]) == (status, True)
    assert (answer.json["database_id"], answer.json["state"]) == (1, str(state))
    assert (answer.json["analysis"] is None) == (analysis is None)
    assert answer.json["routing"]["success"] == bool(attempt and attempt.succeeded)


async def test_a_failed_agent_is_named_with_its_error(api: Api) -> None:
    api.intake.attempt = replace(ATTEMPT, succeeded=False, response=None, error="timed out")
    answer = await api.post(request_body())
    assert answer.json["routing"] == {
        "success": False,
        "agent": "business_workflow",
        "reason": "category technical",
        "error": "timed out",
    }


async def test_a_skipped_message_says_why(api: Api) -> None:
    await api.post(request_body())
    [message_id] = api.intake.outcomes
    api.intake.outcomes[message_id] = replace(
        api.intake.outcomes[message_id],
        state=State.SKIPPED,
        skip_reason=SkipReason.EMPTY,
        analysis=None,
        attempt=None,
    )
    answer = await api.post(request_body())
    assert answer.status == 200
    assert (answer.json["state"], answer.json["skip_reason"]) == ("skipped", "empty")


async def test_a_store_that_is_away_asks_to_come_again(api: Api) -> None:
    api.intake.error = TransientError("the store does not answer", retry_after_seconds=2.5)
    answer = await api.refused(503, json=request_body())
    assert answer.json["detail"] == "the store does not answer"
    assert answer.headers["Retry-After"] == "3"


async def test_what_the_store_can_never_take_is_the_senders_fault(api: Api) -> None:
    api.intake.error = PermanentError("the store refuses this message")
    await api.refused(422, json=request_body())
