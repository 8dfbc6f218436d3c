"""The client's own warnings: shown without numbers, and not a thousand times."""

from neonize.proto.Neonize_pb2 import LogEntry
from structlog.testing import capture_logs

from izer_bridge.edges.whatsapp.golog import ClientLog


def line(level: str, words: str) -> bytes:
    return bytes(LogEntry(Name="Client", Level=level, Message=words).SerializeToString())


def test_numbers_are_left_out() -> None:
    with capture_logs() as shown:
        ClientLog().forward(line("WARN", "No LID found for 905551112233@s.whatsapp.net"))
    assert [one["said"] for one in shown] == ["No LID found for …@s.whatsapp.net"]


def test_what_is_no_warning_is_dropped() -> None:
    with capture_logs() as shown:
        for level in ("DEBUG", "INFO"):
            ClientLog().forward(line(level, "Decrypting"))
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
