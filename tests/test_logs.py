"""What reaches the operator's log: no numbers, no storms, one line an event."""

import io
import logging
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import pytest
import structlog

from izer_bridge import logs
from tests.hostile import hostile


def said(storms: logs.Storms, level: str = "warning", event: str = "store_unavailable") -> Any:
    line: MutableMapping[str, Any] = {"level": level, "event": event}
    try:
        return storms(None, "", line)
    except structlog.DropEvent:
        return None


def test_a_storm_is_cut_and_counted() -> None:
    now = [0.0]
    storms = logs.Storms(lambda: now[0])
    shown = [said(storms) for _ in range(500)]
    assert sum(line is not None for line in shown) == 20
    now[0] = 61.0
    assert said(storms)["not_shown_before"] == 480
    assert "not_shown_before" not in said(storms)


def test_one_storm_hides_no_other_event_and_no_news() -> None:
    storms = logs.Storms(lambda: 0.0)
    for _ in range(100):
        said(storms)
    assert said(storms, event="agent_failed") is not None
    assert all(said(storms, level="info") for _ in range(100))


def test_many_different_events_take_no_memory_without_end() -> None:
    storms = logs.Storms(lambda: 0.0)
    for number in range(5000):
        said(storms, event=f"event {number}")
    assert len(storms._counts) <= 1000


@pytest.fixture
def written() -> Iterator[Callable[[], str]]:
    before = structlog.get_config()
    stream = io.StringIO()
    logs.configure("info", stream)
    yield stream.getvalue
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    structlog.configure(**before)


def test_numbers_are_shortened_wherever_they_stand(written: Callable[[], str]) -> None:
    log = structlog.get_logger()
    log.warning("agent_failed", error="no answer for +90 555 111 22 33", row=1234567890123)
    logging.getLogger("other").warning("call of 905551112233 failed")
    assert "…33" in written()
    assert "555" not in written()
    assert "row=1234567890123" in written()


def test_a_date_is_no_number(written: Callable[[], str]) -> None:
    structlog.get_logger().warning("ended", at="2026-11-25 14:06", of="2026-11-25 905551112233")
    assert "2026-11-25 14:06" in written()
    assert "555" not in written()


def test_an_event_is_one_line(written: Callable[[], str]) -> None:
    structlog.get_logger().error("odd", error="first\nsecond")
    assert len(written().splitlines()) == 1


def test_the_address_of_a_machine_is_shown(written: Callable[[], str]) -> None:
    structlog.get_logger().warning("away", error="no answer on '192.168.178.25:3306'")
    structlog.get_logger().warning("away", error="no answer of 555.111.222.33 and 0532.111.22.33")
    assert "192.168.178.25:3306" in written()
    assert "111" not in written()


@pytest.mark.attack("a stranger's name forges a line of the log")
def test_whatever_a_stranger_is_called_an_event_stays_one_line(written: Callable[[], str]) -> None:
    log = structlog.get_logger()
    names = list(hostile(200))
    for name in names:
        log.info("message_recorded", id=name, chat=name)
    lines = written().splitlines()
    assert len(lines) == len(names)
    assert all("event=message_recorded" in line for line in lines)
    assert all(line.isprintable() for line in lines)
