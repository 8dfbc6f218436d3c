"""The operator's log: no numbers, no storms, one line per event."""

import io
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from izer_bridge.domain.errors import ConfigError
from izer_bridge.host import logs
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
    assert len(storms._counts._counts) <= 1000


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


def test_a_file_gets_the_same_lines_and_is_its_users_alone(
    written: Callable[[], str], tmp_path: Path
) -> None:
    file = tmp_path / "webhook_system.log"
    logs.also_into(file)
    structlog.get_logger().warning("agent_failed", error="no answer for +90 555 111 22 33")
    logging.getLogger("other").warning("call of 905551112233 failed")
    logging.shutdown()
    # A library's line gets its time where it is written.
    lines = [
        [line.partition(" ")[2] for line in text.splitlines()]
        for text in (file.read_text("utf-8"), written())
    ]
    assert lines[0] == lines[1]
    assert len(lines[0]) == 2
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_does_not_grow_without_end(written: Callable[[], str], tmp_path: Path) -> None:
    logs.also_into(tmp_path / "shop.log")
    for _ in range(60):
        structlog.get_logger().info("large", text="x" * 1_000_000)
    files = list(tmp_path.iterdir())
    assert len(files) == 5
    assert all(one.stat().st_size <= 10_000_000 for one in files)
    assert written()


def test_a_file_that_cannot_be_written_is_named(written: Callable[[], str], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--log-file .*No such file"):
        logs.also_into(tmp_path / "nowhere" / "shop.log")
    (tmp_path / "link.log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match="is a link"):
        logs.also_into(tmp_path / "link.log")
    logs.also_into(tmp_path / "full.log")
    handler = logging.getLogger().handlers[-1]
    assert isinstance(handler, logging.StreamHandler)
    handler.stream.close()
    handler.stream = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 (the handler closes it)
    structlog.get_logger().info("goes_on")
    assert "goes_on" in written()
    handler.stream = io.StringIO()


def test_ids_of_a_trace_stay_whole(written: Callable[[], str]) -> None:
    log = structlog.get_logger()
    log.info("agent_called", trace_id="1234567890123456" * 2, span_id="1234567890123456")
    assert f"trace_id={'1234567890123456' * 2} span_id=1234567890123456" in written()


def test_a_model_that_is_asked_leaves_no_line_of_a_library(written: Callable[[], str]) -> None:
    for name in ("httpx", "httpx2", "httpcore2.connection", "openai._base_client"):
        logging.getLogger(name).info("HTTP Request: POST https://api.openai.com/v1/responses")
    assert written() == ""


def test_the_journal_gets_priorities_and_no_second_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = structlog.get_config()
    with (tmp_path / "journal").open("w+", encoding="utf-8") as stream:
        found = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{found.st_dev}:{found.st_ino}")
        logs.configure("info", stream)
        log = structlog.get_logger()
        log.info("stopped")
        log.warning("agent_failed", error="first\nsecond")
        log.error("sending_stopped")
        stream.seek(0)
        lines = stream.read().splitlines()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    structlog.configure(**before)
    assert [line[:3] for line in lines] == ["<6>", "<4>", "<3>"]
    assert lines[0] == "<6>level=info event=stopped"
    assert "timestamp" not in "".join(lines)


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


@pytest.mark.attack("100,000 like warnings of a library end the daemon")
def test_a_storm_of_a_library_raises_nothing_and_is_cut(written: Callable[[], str]) -> None:
    library = logging.getLogger("aiomysql")
    for number in range(100_000):
        library.warning("connection lost")
        library.warning("connection %d lost", number)
    library.error("something else")
    shown = written().splitlines()
    assert len(shown) == 41
    assert "something else" in shown[-1]


def test_how_many_of_a_librarys_warnings_were_not_shown_is_told() -> None:
    now = [0.0]
    storms = logs.ForeignStorms(lambda: now[0])

    def record() -> logging.LogRecord:
        return logging.LogRecord("lib", logging.ERROR, "", 0, "task 0x%x died", (7,), None)

    assert sum(storms.filter(record()) for _ in range(500)) == 20
    now[0] = 61.0
    last = record()
    assert storms.filter(last)
    assert vars(last)["not_shown_before"] == 480


OUT_OF_DESCRIPTORS = """
import asyncio, os, resource, socket, sys
from izer_bridge.host import logs

logs.configure("info", sys.stdout)
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

async def main():
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    failed = asyncio.Event()
    report = asyncio.get_running_loop().default_exception_handler
    def handler(loop, context):
        failed.set()
        report(context)
    asyncio.get_running_loop().set_exception_handler(handler)
    client, held = socket.socket(), []
    while True:
        try:
            held.append(os.dup(0))
        except OSError:
            break
    client.setblocking(False)
    client.connect_ex(server.sockets[0].getsockname())
    await failed.wait()
    for _ in range(1_000):
        report({"message": "socket.accept() out of system resource"})
    print("alive")

asyncio.run(main())
"""


@pytest.mark.attack("no descriptor is left, and each accept says so")
def test_running_out_of_descriptors_ends_no_loop() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OUT_OF_DESCRIPTORS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "alive" in done.stdout
    assert 0 < done.stdout.count("out of system resource") <= 60
