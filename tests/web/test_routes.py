import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from izer_bridge.agents.circuit_breaker import BreakerState
from izer_bridge.agents.limits import AgentCondition
from izer_bridge.api import application
from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.conditions.ports import Sending
from izer_bridge.domain.condition import ConditionName, error, warning
from izer_bridge.domain.errors import ConfigError, TransientError
from izer_bridge.web.access import Access
from izer_bridge.web.server import Server
from tests.web.fakes import UPDATED_AT, FakeHealth, FakeIntake, FakeStats, request_body
from tests.web.running_api import Api


async def test_health_keeps_the_old_keys_and_adds_the_rest(api: Api) -> None:
    chef = AgentCondition(BreakerState.OPEN, 5, 0, 12.5)
    down = warning(
        ConditionName.AGENT_DOWN,
        "agent chef has failed",
        "start it",
        about="chef",
        since=UPDATED_AT,
    )
    api.health.value = replace(
        api.health.value,
        agents={"chef": chef},
        conditions=[down],
        disks=[DiskSpace("/state", 7, 10)],
    )
    answer = await api.request("GET", "/health")
    assert answer.status == 200
    assert answer.json.pop("timestamp").endswith("+00:00")
    assert answer.json == {
        "status": "ok",
        "service": "izer-bridge",
        "version": "1.2.3",
        "uptime_seconds": 60.0,
        "link": {"state": "connected", "linked": True, "detail": "Linked as +90…33."},
        "store": {"ok": True},
        "inbox": {"ok": True, "depth": 0, "set_aside": {"OverflowError": 1}},
        "gaps": {"open": 0},
        "danger": {"open": None},
        "agents": {
            "chef": {
                "breaker": "open",
                "failures_in_a_row": 5,
                "calls_under_way": 0,
                "retry_in_seconds": 12.5,
            }
        },
        "sending": {"stopped_until": None, "paused_chats": 2, "uncertain": 0},
        "last_event_age_seconds": 1.5,
        "disks": [{"place": "/state", "free": 7, "total": 10}],
        "conditions": [
            {
                "name": "agent_down",
                "about": "chef",
                "severity": "warning",
                "sentence": "agent chef has failed",
                "remedy": "start it",
                "since": "2025-03-01T09:30:00+00:00",
            }
        ],
    }


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"is_linked": False, "last_event_age_seconds": None}, 200, "degraded"),
        ({"is_store_ok": False}, 503, "failing"),
        ({"is_inbox_ok": False}, 503, "failing"),
        ({"inbox_depth": 10_000}, 200, "ok"),
        ({"sending": Sending(datetime(2026, 3, 1, tzinfo=UTC), 0, 0)}, 200, "degraded"),
        ({"sending": None}, 200, "ok"),
        ({"conditions": [warning(ConditionName.DRAFTS_WAITING, "1", "see")]}, 200, "ok"),
        ({"conditions": [error(ConditionName.OPENAI_REFUSED, "401", "key")]}, 200, "degraded"),
    ],
)
async def test_only_what_cannot_store_is_failing(
    api: Api, changes: dict[str, Any], code: int, status: str
) -> None:
    api.health.value = replace(api.health.value, **changes)
    answer = await api.request("GET", "/health")
    assert (answer.status, answer.json["status"]) == (code, status)


async def test_stats_are_what_the_source_counts(api: Api) -> None:
    answer = await api.request("GET", "/stats")
    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "stats": {
            "total_messages": 5,
            "processed_messages": 3,
            "pending_messages": 1,
            "settled": 3,
            "by_category": {"technical": 3},
        },
    }


async def test_stats_without_store_ask_to_come_again(api: Api) -> None:
    api.stats.error = TransientError("the store does not answer")
    answer = await api.request("GET", "/stats")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/", 404, None),
        ("POST", "/webhook/", 404, None),
        ("GET", "/webhook", 405, "POST"),
        ("DELETE", "/health", 405, "GET,HEAD"),
    ],
)
async def test_wrong_paths_and_methods_are_problems(
    api: Api, method: str, path: str, status: int, allow: str | None
) -> None:
    answer = await api.request(method, path)
    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert answer.headers.get("Allow") == allow
    assert set(answer.json) == {"type", "title", "status", "detail"}


async def test_a_bug_is_logged_once_and_not_shown(api: Api) -> None:
    api.intake.error = KeyError("Bisikletimin freni")
    with capture_logs() as logs:
        answer = await api.post(request_body())
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "fren" not in str(answer.json)
    [entry] = logs
    assert (entry["event"], entry["error"], entry["route"]) == (
        "request_failed",
        "KeyError",
        "webhook",
    )
    assert "fakes.py" in entry["frames"]
    assert "Bisikletimin" not in str(entry)


async def test_logs_hold_no_text_and_no_number(api: Api) -> None:
    with capture_logs() as logs:
        await api.post(request_body())
        await api.post(request_body(chat_time="Bisikletimin freni"))
    assert [entry["event"] for entry in logs] == ["webhook_answered"]
    assert not any(word in str(logs) for word in ("fren", "555", "Ayşe"))


async def test_bytes_that_are_no_http_are_not_logged(
    api: Api, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    reader, writer = await asyncio.open_connection(*api.server.address)
    writer.write("Bisikletimin freni çalışmıyor\r\n\r\n".encode())
    assert b" 400 " in await reader.readline()
    writer.close()
    assert "fren" not in caplog.text + "".join(capfd.readouterr())


async def test_a_client_that_leaves_early_stores_nothing(api: Api) -> None:
    _, writer = await asyncio.open_connection(*api.server.address)
    writer.write(b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    writer.close()
    assert (await api.request("GET", "/health")).status == 200
    assert api.intake.submitted == []


async def test_a_taken_port_is_a_setting_to_change(api: Api) -> None:
    port = api.server.address[1]
    other = Server(application(FakeIntake(), FakeHealth(), FakeStats()), port=port)
    with pytest.raises(ConfigError, match=rf"127\.0\.0\.1 port {port}.*api\.port"):
        await other.start()
    await other.stop()


async def test_an_address_of_another_machine_is_a_setting_to_change() -> None:
    access = Access(token=SecretStr("0123456789abcdef0123456789abcdef"))
    app = application(FakeIntake(), FakeHealth(), FakeStats(), access)
    server = Server(app, "192.0.2.1", 0)
    with pytest.raises(ConfigError, match=r"cannot listen on 192\.0\.2\.1"):
        await server.start()


async def test_the_address_is_known_only_while_listening(api: Api) -> None:
    assert api.server.url == f"http://127.0.0.1:{api.server.address[1]}"
    await api.server.stop()
    with pytest.raises(LookupError):
        _ = api.server.address


async def test_stopping_ends_a_request_that_waits() -> None:
    intake = FakeIntake(gate=asyncio.Event())
    server = Server(application(intake, FakeHealth(), FakeStats()), port=0, stop_seconds=0.01)
    await server.start()
    reader, writer = await asyncio.open_connection(*server.address)
    body = json.dumps(request_body()).encode()
    writer.write(
        b"POST /webhook HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    writer.write(body)
    await intake.entered.wait()
    await server.stop()
    assert await reader.read() == b""
    writer.close()
