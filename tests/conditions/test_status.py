"""`izer-bridge status` and `stats` without a running bridge, and about a running one."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from izer_bridge.conditions.status_report import (
    Attention,
    Endangered,
    StatusFacts,
    sentences,
)
from izer_bridge.domain.condition import ConditionName, error, warning
from tests.console.typed import typed
from tests.servers.mariadb import free_port
from tests.store.filled import fill

HEALTH: Mapping[str, Any] = {
    "version": "1.0",
    "uptime_seconds": 11_530.0,
    "link": {"linked": True, "detail": "Linked and connected; messages arrive."},
    "store": {"ok": True},
    "inbox": {"ok": True, "depth": 0},
    "gaps": {"open": 0},
    "last_event_age_seconds": 12.0,
}
STATS: Mapping[str, Any] = {
    "received": 3,
    "settled": 2,
    "skipped": 1,
    "pending": 0,
    "dead": 0,
    "uncertain": 0,
    "cost_today": "0.01",
    "daily_cap": None,
    "daily_cap_reached": False,
}
WELL = StatusFacts(HEALTH, None, (), STATS, "", 7, 84.2)
FULL = error(ConditionName.DISK_FULL, "the disk is full", "make room")
DRAFTS = warning(ConditionName.DRAFTS_WAITING, "12 drafts wait", "izer-bridge drafts list")


def bad(status: StatusFacts) -> list[str]:
    return [one.about for one in sentences(status) if one.mark is Attention.BAD]


def test_a_bridge_that_is_well_is_said_to_be() -> None:
    assert (WELL.is_well, WELL.exit_code) == (True, 0)
    texts = [one.text for one in sentences(WELL)]
    assert "version 1.0 has been running for 3 h 12 min (pid 7), 84 MiB of memory" in texts


def test_what_is_wrong_is_said_first_with_its_remedy_and_the_exit_code_follows_the_worst() -> None:
    status = replace(WELL, conditions=(FULL, DRAFTS))
    assert (bad(status), status.exit_code) == (["disk full"], 1)
    first, second, *_ = sentences(status)
    assert first.text == "the disk is full → make room"
    assert (second.mark, second.about) == (Attention.NOTE, "drafts waiting")
    only = replace(WELL, conditions=(DRAFTS,))
    assert (only.is_well, only.exit_code) == (True, 3)


def test_who_is_in_danger_is_said_first() -> None:
    waiting = Endangered(7, "Ayşe", datetime(2026, 3, 1, 21, 3, tzinfo=UTC))
    status = replace(WELL, in_danger=[waiting])
    assert bad(status) == ["danger"]
    first = sentences(status, ZoneInfo("Europe/Istanbul"))[0].text
    assert first.startswith("Ayşe has reported danger (since 02.03. 00:03)")
    assert "escalations close 7" in first
    assert replace(WELL, in_danger=None).is_well
    counted = error(ConditionName.DANGER_OPEN, "1 customer has reported danger", "call")
    assert bad(replace(status, conditions=(counted,))) == ["danger"]
    assert bad(replace(WELL, conditions=(counted,))) == ["danger open"]


def test_counts_that_cannot_be_had_are_said_to_lack() -> None:
    assert bad(replace(WELL, stats=None, no_stats="the bridge cannot count now")) == ["messages"]


def test_a_bridge_that_tells_strangers_little_is_not_taken_for_unwell() -> None:
    assert replace(WELL, health={"status": "ok", "service": "izer-bridge"}).is_well
    failing = replace(WELL, health={"status": "failing", "service": "izer-bridge"})
    assert (bad(failing), failing.exit_code) == (["bridge"], 1)


@pytest.fixture
def stopped(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store with two messages, whose bridge does not run."""
    monkeypatch.setenv("IZER_STORE__URL", store_url)
    monkeypatch.setenv("IZER_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IZER_API__PORT", str(free_port()))
    asyncio.run(fill(store_url))


@pytest.mark.usefixtures("stopped")
def test_a_bridge_that_is_stopped_is_said_to_be_with_what_is_in_the_store() -> None:
    said = typed("status")
    assert (said.code, said.err) == (1, "")
    assert "nothing listens there" in said.out
    assert "systemctl start izer-bridge" in said.out
    assert "2 in the last 24 hours: 1 settled, 1 skipped" in said.out
    document = json.loads(typed("status", "--json").out)
    assert (document["running"], document["stats"]["received"]) == (False, 2)


@pytest.mark.usefixtures("stopped")
def test_the_day_is_counted_without_a_bridge() -> None:
    counts = json.loads(typed("stats", "--json").out)
    assert (counts["received"], counts["settled"], counts["open_gaps"]) == (2, 1, 0)
    assert "2 = 1 skipped + 1 settled" in typed("stats").out
