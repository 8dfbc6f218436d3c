"""The client's events are on disk, whatever their bytes are and whichever listener fails."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pytest
from neonize.proto import Neonize_pb2 as proto

from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.receive.receiver import Receiver

NO_PROTOBUF = b"\xff\xff\xff no protobuf"
DEEP = b"\x0b" * 100_000


def with_id(raw: bytes) -> bytes:
    """A message whose id is arbitrary bytes, which proto2 accepts."""
    event = proto.Message()
    event.Info.ID = "#" * len(raw)
    whole: bytes = event.SerializePartialToString()
    return whole.replace(b"#" * len(raw), raw)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[SqliteInbox]:
    inbox = SqliteInbox(tmp_path / "inbox.db")
    yield inbox
    inbox.close()


@pytest.mark.parametrize("version", ["0.5.2", "0.5.3"])
@pytest.mark.parametrize("code", [EventCode.MESSAGE, EventCode.UNDECRYPTABLE])
def test_bytes_that_nothing_can_read_are_on_the_disk(
    inbox: SqliteInbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    code: EventCode,
) -> None:
    """For another version the log format is unknown, so that no receipt can be held."""
    monkeypatch.setattr("izer_bridge.whatsapp.receive.receiver.version", lambda _: version)
    receiver = Receiver(inbox, tmp_path / "session.db")
    assert (receiver._gate is not None) is (version == "0.5.2")
    receiver.start(lambda: None)
    payloads = [NO_PROTOBUF, b"", DEEP, with_id(b"\xff\xfe"), with_id(b"A1")]
    for payload in payloads:
        receiver.receive(code, payload)
    receiver.stop()
    assert [entry.payload for entry in inbox.pending(9)] == payloads


def test_who_fails_to_hear_of_an_event_keeps_none_behind_it(
    inbox: SqliteInbox, tmp_path: Path
) -> None:
    def arrived() -> None:
        raise RuntimeError("the event loop is closed")

    receiver = Receiver(inbox, tmp_path / "session.db")
    receiver.start(arrived)
    for number in range(3):
        receiver.receive(EventCode.MESSAGE, with_id(b"A%d" % number))
    receiver.stop()
    assert inbox.depth() == 3


def test_a_log_line_that_nothing_can_read_ends_here(inbox: SqliteInbox, tmp_path: Path) -> None:
    receiver = Receiver(inbox, tmp_path / "session.db")
    receiver.start(lambda: None)
    for line in (b'<message id="A1" \xff\xff', b"<receipt \xff", b"Decrypting message from \xff"):
        kept = ctypes.create_string_buffer(line, len(line))
        receiver.on_log(ctypes.addressof(kept), len(line))
    receiver.stop()


@pytest.mark.attack("a name that is no UTF-8 takes the crash's protection away")
def test_a_stanza_whose_name_is_no_utf_8_is_followed(inbox: SqliteInbox, tmp_path: Path) -> None:
    receiver = Receiver(inbox, tmp_path / "session.db")
    number = "905551112233@s.whatsapp.net"
    stanza = f'<message from="{number}" id="A1" notify="##" t="1" type="text"><enc/><enc v="2"/>'
    for words, name in ((stanza, "Client/Recv"), (f"Decrypting message from {number}", "Client")):
        entry = proto.LogEntry(Message=words, Level="DEBUG", Name=name)
        raw = entry.SerializeToString().replace(b"##", b"\xff\xfe")
        place = ctypes.create_string_buffer(raw, len(raw))
        receiver.on_log(ctypes.addressof(place), len(raw))
    assert receiver._gate is not None
    assert receiver._gate.unmatched == 0
    receiver.stop()
