"""WhatsApp's own time and its last word, from lines of the client."""

from datetime import UTC, datetime

from neonize.proto.Neonize_pb2 import LogEntry

from izer_bridge.whatsapp.receive.server_signs import ServerSigns

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def line(words: str, logger: str = "Client/Recv") -> bytes:
    raw: bytes = LogEntry(Message=words, Level="DEBUG", Name=logger).SerializeToString()
    return raw


def signs(*lines: bytes) -> ServerSigns:
    found = ServerSigns(lambda: 42.0, lambda: NOW)
    for one in lines:
        found.line(one)
    return found


def test_each_stanza_that_comes_is_a_word_of_the_server_and_what_goes_is_none() -> None:
    pong = '<iq from="s.whatsapp.net" id="7" type="result"/>'
    assert signs(line(pong)).heard_at == 42.0
    assert signs(line("<iq …/>", "Client/Send"), line("Reconnecting", "Client")).heard_at is None


def test_the_time_at_login_says_how_far_this_clock_is_ahead() -> None:
    then = int(NOW.timestamp()) - 3_600
    success = f'<success lid="200000000000001@lid" location="sim" t="{then}"/>'
    assert signs(line(success)).clock_ahead_seconds == 3_600
    assert signs(line(success, "Client/Send")).clock_ahead_seconds is None


def test_what_a_stranger_writes_is_no_login() -> None:
    message = f'<message notify="<success t=\\"1\\"/>" from="…" t="{int(NOW.timestamp())}">'
    assert signs(line(message)).clock_ahead_seconds is None
