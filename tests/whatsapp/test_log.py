"""The client's own warnings: shown without numbers, and not a thousand times."""

import pytest
from neonize.proto.Neonize_pb2 import LogEntry
from structlog.testing import capture_logs

from izer_bridge.whatsapp.library.log import ClientLog


def line(level: str, words: str) -> bytes:
    return bytes(LogEntry(Name="Client", Level=level, Message=words).SerializeToString())


def test_numbers_are_left_out() -> None:
    with capture_logs() as shown:
        ClientLog().forward(line("WARN", "Failed to handle 905551112233@s.whatsapp.net"))
    assert [one["said"] for one in shown] == ["Failed to handle …@s.whatsapp.net"]


def test_what_is_no_warning_is_dropped() -> None:
    with capture_logs() as shown:
        for level in ("DEBUG", "INFO"):
            ClientLog().forward(line(level, "Decrypting"))
    assert shown == []


def test_what_is_said_at_each_message_and_asks_nobody_for_anything_is_dropped() -> None:
    with capture_logs() as shown:
        ClientLog().forward(line("WARN", "No LID found for 905551112233@s.whatsapp.net"))
    assert shown == []


def test_a_storm_is_one_line_a_minute_with_its_count() -> None:
    now = [0.0]
    client_log = ClientLog(lambda: now[0])
    with capture_logs() as shown:
        for _ in range(1_000):
            client_log.forward(line("WARN", "Handler queue is full"))
        client_log.forward(line("ERROR", "Something else"))
        now[0] = 61.0
        client_log.forward(line("WARN", "Handler queue is full"))
    assert [(one["said"], one.get("not_shown_before")) for one in shown] == [
        ("Handler queue is full", None),
        ("Something else", None),
        ("Handler queue is full", 999),
    ]


def test_its_errors_are_no_call_for_a_person() -> None:
    with capture_logs() as shown:
        ClientLog().forward(line("ERROR", "Error reading from websocket: EOF"))
    assert [one["log_level"] for one in shown] == ["warning"]


@pytest.mark.attack("a name gets into the log by the client's own warning")
def test_of_a_stanza_nothing_is_shown() -> None:
    stanza = '<message from="1@lid" id="A1" notify="Ayşe DEBUG" t="1">'
    with capture_logs() as shown:
        ClientLog().forward(line("WARN", f"Node handling took 6s for {stanza}"))
    assert [one["said"] for one in shown] == ["Node handling took 6s for "]


@pytest.mark.parametrize("name", [b"\xff\xfe", b"\x12\x05DEBU"])
def test_a_warning_that_is_no_utf_8_is_shown(name: bytes) -> None:
    raw = line("WARN", "Failed to store " + "#" * len(name)).replace(b"#" * len(name), name)
    with capture_logs() as shown:
        ClientLog().forward(raw)
    assert len(shown) == 1
