"""`izer-bridge status` and `stats` while no bridge runs, and what is said of one that does."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from izer_bridge.reports.status_report import (
    Attention,
    Endangered,
    StatusFacts,
    Stopped,
    duration,
    sentences,
)
from tests.console.typed import typed
from tests.servers.mariadb import free_port
from tests.store.filled import fill

HEALTH: Mapping[str, Any] = {
    "version": "1.0",
    "uptime_seconds": 11_530.0,
    "link": {"linked": True, "detail": "Linked and connected; messages arrive."},
    "store": {"ok": True},
    "inbox": {"ok": True, "depth": 0},
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
WELL = StatusFacts(HEALTH, None, STATS, "", 0, 7, 84.2)


def bad(status: StatusFacts) -> list[str]:
    return [one.about for one in sentences(status) if one.mark is Attention.BAD]


def test_a_bridge_that_is_well_is_said_to_be() -> None:
    assert WELL.is_well
    texts = [one.text for one in sentences(WELL)]
    assert "version 1.0 has been running for 3 h 12 min (pid 7), 84 MiB of memory" in texts


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"link": {"linked": False, "detail": "Scan the QR code."}}, "WhatsApp"),
        ({"store": {"ok": False}}, "store"),
        ({"inbox": {"ok": False, "depth": 3}}, "inbox"),
        ({"inbox": {"ok": True, "depth": 0, "set_aside": {"DataError 1264": 2}}}, "set aside"),
    ],
)
def test_what_is_wrong_with_it_is_marked(change: Mapping[str, Any], about: str) -> None:
    assert bad(replace(WELL, health={**HEALTH, **change})) == [about]


@pytest.mark.parametrize("what", ["dead", "uncertain"])
def test_messages_that_need_somebody_are_marked(what: str) -> None:
    assert bad(replace(WELL, stats={**STATS, what: 2})) == [what]


def test_gaps_are_marked() -> None:
    assert bad(replace(WELL, open_gaps=1)) == ["gaps"]


def test_what_could_not_be_recorded_is_named_whether_it_runs_or_not() -> None:
    kinds = {"DataError 1264": 2, "ValueError": 1}
    inbox = {"ok": True, "depth": 0, "set_aside": kinds}
    stopped = Stopped("no bridge answers", "/state", None, True, 0, kinds)
    text = "3 events could not be recorded (2 DataError 1264, 1 ValueError)"
    for status in (
        replace(WELL, health={**HEALTH, "inbox": inbox}),
        replace(WELL, health=None, stopped=stopped),
    ):
        [one] = [one for one in sentences(status) if one.about == "set aside"]
        assert one.text == f"{text}; see: izer-bridge dlq list"


def test_who_is_in_danger_is_said_first() -> None:
    waiting = Endangered(7, "Ayşe", datetime(2026, 3, 1, 21, 3, tzinfo=UTC))
    status = replace(WELL, in_danger=[waiting])
    assert bad(status) == ["danger"]
    first = sentences(status)[0].text
    assert first.startswith("Ayşe has reported danger (since 03-01 21:03 UTC)")
    assert "escalations close 7" in first
    assert replace(WELL, in_danger=None).is_well


def test_counts_that_cannot_be_had_are_said_to_lack() -> None:
    assert bad(replace(WELL, stats=None, no_stats="the bridge cannot count now")) == ["messages"]


def test_a_bridge_that_tells_strangers_little_is_not_taken_for_unwell() -> None:
    assert replace(WELL, health={"status": "ok", "service": "izer-bridge"}).is_well


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (3_600, "1 h 0 min"), (90_000, "1 d 1 h")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


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
