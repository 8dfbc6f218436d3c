"""What Prometheus reads: the names, the values, and no personal data."""

from dataclasses import replace

import pytest
from aiohttp import ClientSession
from prometheus_client.parser import text_string_to_metric_families

from izer_bridge.api import application
from izer_bridge.conditions.facts import DiskSpace
from izer_bridge.conditions.metrics import Meters
from izer_bridge.domain.condition import ConditionName, warning
from izer_bridge.domain.errors import TransientError
from izer_bridge.web.server import Server
from tests.web.fakes import FakeHealth, FakeIntake, FakeStats
from tests.web.running_api import Api

Samples = dict[tuple[str, str], float]


async def scraped(server: Server) -> Samples:
    async with ClientSession() as session, session.get(f"{server.url}/metrics") as response:
        assert response.status == 200
        assert response.content_type == "text/plain"
        text = await response.text()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_the_link_is_in_one_status_and_the_day_is_counted(api: Api) -> None:
    found = await scraped(api.server)
    assert found["izer_session_status", "WORKING"] == 1
    assert sum(value for (name, _), value in found.items() if name == "izer_session_status") == 1
    assert found["izer_store_up", ""] == 1
    assert found["izer_last_event_age_seconds", ""] == 1.5
    assert found["izer_messages_day", "settled"] == 3
    assert found["process_resident_memory_bytes", ""] > 0
    api.health.value = replace(api.health.value, link_state="banned", inbox_depth=7)
    found = await scraped(api.server)
    assert found["izer_session_status", "FAILED"] == 1
    assert found["izer_session_status", "WORKING"] == 0
    assert found["izer_inbox_depth", ""] == 7


async def test_what_was_worked_is_counted_and_timed() -> None:
    meters = Meters()
    app = application(FakeIntake(), FakeHealth(), FakeStats(), meters=meters)
    for seconds in (0.2, 0.2, 40.0):
        meters.worked("worked", seconds)
    meters.worked("failed", 0.01)
    async with Server(app, port=0, stop_seconds=1) as server:
        found = await scraped(server)
    assert found["izer_messages_total", "worked"] == 3
    assert found["izer_messages_total", "failed"] == 1
    assert found["izer_processing_seconds_count", ""] == 4
    assert found["izer_processing_seconds_sum", ""] == pytest.approx(40.41)


async def test_what_is_wrong_is_shown_while_it_is_so(api: Api) -> None:
    down = warning(ConditionName.AGENT_DOWN, "chef is down", "start it", about="chef")
    disks = [DiskSpace("/state", 7, 10)]
    api.health.value = replace(api.health.value, conditions=[down], disks=disks)
    found = await scraped(api.server)
    assert found["izer_condition", "chef,agent_down,warning"] == 1
    assert found["izer_disk_free_bytes", "/state"] == 7
    api.health.value = replace(api.health.value, conditions=[])
    assert not [name for name, _ in await scraped(api.server) if name == "izer_condition"]


async def test_without_a_store_the_rest_is_shown(api: Api) -> None:
    await scraped(api.server)
    api.health.value = replace(api.health.value, is_store_ok=False, open_gaps=None)
    api.stats.error = TransientError("away")
    found = await scraped(api.server)
    assert found["izer_store_up", ""] == 0
    assert not any(name == "izer_messages_day" for name, _ in found)
    assert found["izer_open_gaps", ""] != found["izer_open_gaps", ""]
