"""The gate: one message between decryption and disk, and no receipt before its message."""

import threading
from collections.abc import Callable

import pytest

from izer_bridge.edges.whatsapp import stanza
from izer_bridge.edges.whatsapp.gate import Gate
from izer_bridge.edges.whatsapp.stanza import Stanza

DIRECT = (
    '<message from="905551112233@s.whatsapp.net" id="{id}" notify="Ayşe"'
    ' sender_lid="100000000000033@lid" t="1795458361" type="text">'
    '<enc type="pkmsg" v="2"><!-- 194 bytes --></enc></message>'
)
GROUP = (
    '<message addressing_mode="lid" from="120363035006544934@g.us" id="{id}"'
    ' participant="100000000000033@lid" participant_pn="905551112233@s.whatsapp.net" type="text">'
    '<enc type="pkmsg" v="2"><!-- 1 bytes --></enc>'
    '<enc type="skmsg" v="2"><!-- 1 bytes --></enc></message>'
)
FROM_AYSE = "Decrypting message from 905551112233@s.whatsapp.net"
IN_GROUP = "Decrypting message from 100000000000033@lid in 120363035006544934@g.us"


def say(gate: Gate, line: str) -> None:
    gate.on_log(line.encode(), lambda: line)


def held(action: Callable[[], None]) -> threading.Thread:
    """Runs `action` on a thread of its own, as the client does."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


class Notebook:
    """What the gate had noted and forgotten, as message ids."""

    def __init__(self) -> None:
        self.noted: list[str] = []
        self.forgotten: list[str] = []
        self.ignored: list[str] = []
        self.sendings = 0

    def note(self, stanza: Stanza) -> bool:
        self.noted.append(stanza.id)
        return True

    def sent(self) -> None:
        self.sendings += 1

    def ignore(self, stanza: Stanza) -> None:
        self.ignored.append(stanza.id)

    def forget(self, message_id: str) -> None:
        self.forgotten.append(message_id)


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def gate(notes: Notebook) -> Gate:
    return Gate(
        notes,
        notes.ignore,
        holds_receipts=True,
        one_at_a_time=True,
        patience_seconds=60,
    )


def impatient(notes: Notebook) -> Gate:
    return Gate(
        notes,
        notes.ignore,
        holds_receipts=True,
        one_at_a_time=True,
        patience_seconds=0,
    )


def test_a_stanza_is_read_with_all_that_its_sender_is_known_by() -> None:
    assert stanza.received(DIRECT.format(id="A1")) == Stanza(
        id="A1",
        chat="905551112233@s.whatsapp.net",
        sender="905551112233@s.whatsapp.net",
        also=("100000000000033@lid",),
        parts=1,
    )
    group = stanza.received(GROUP.format(id="G1"))
    assert group is not None
    assert (group.sender, group.parts) == ("100000000000033@lid", 2)
    assert stanza.received('<iq id="1" type="get"/>') is None
    assert stanza.received('<message id="1" from="1@newsletter"><plaintext/></message>') is None


@pytest.mark.parametrize(
    ("line", "message_id"),
    [
        ('<receipt id="A1" to="9@s.whatsapp.net" type="inactive"/>', "A1"),
        ('<receipt id="A1" to="9@s.whatsapp.net"/>', "A1"),
        ('<receipt id="A1" to="9@s.whatsapp.net" type="retry"><retry id="A1"/></receipt>', None),
        ('<receipt id="A1" to="9@s.whatsapp.net" type="read"/>', None),
    ],
)
def test_only_receipts_of_delivery_are_held(line: str, message_id: str | None) -> None:
    assert stanza.receipt_of(line) == message_id


def test_the_next_message_waits_for_the_one_before(gate: Gate, notes: Notebook) -> None:
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
    say(gate, FROM_AYSE)
    assert notes.noted == ["A1"]
    waiting = held(lambda: say(gate, FROM_AYSE))
    gate.writing("A1")
    assert waiting.is_alive()
    gate.durable("A1")
    waiting.join(5)
    assert notes.noted == ["A1", "A2"]


def test_a_groups_first_message_is_safe_after_its_second_event(gate: Gate, notes: Notebook) -> None:
    say(gate, GROUP.format(id="G1"))
    say(gate, IN_GROUP)
    gate.durable("G1")
    receipt = held(lambda: say(gate, '<receipt id="G1" to="1@g.us" type="inactive"/>'))
    assert receipt.is_alive()
    assert notes.forgotten == []
    gate.durable("G1")
    assert notes.forgotten == ["G1"]
    receipt.join(5)
    assert not receipt.is_alive()


@pytest.mark.parametrize(
    "line",
    [
        "Ignoring message A1 from 905551112233@s.whatsapp.net: old counter",
        "Error decrypting message A1 from 905551112233@s.whatsapp.net: no session",
    ],
)
def test_what_leads_to_no_event_holds_nobody(gate: Gate, notes: Notebook, line: str) -> None:
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
    say(gate, FROM_AYSE)
    say(gate, line)
    assert notes.forgotten == ["A1"]
    say(gate, FROM_AYSE)
    assert notes.noted == ["A1", "A2"]


def test_patience_ends_with_a_message_of_which_nothing_comes(notes: Notebook) -> None:
    gate = impatient(notes)
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
        say(gate, FROM_AYSE)
    assert notes.noted == ["A1", "A2"]


def test_an_event_that_is_being_written_is_waited_for_without_end(notes: Notebook) -> None:
    gate = impatient(notes)
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
    say(gate, FROM_AYSE)
    gate.writing("A1")
    waiting = held(lambda: say(gate, FROM_AYSE))
    waiting.join(0.2)
    assert waiting.is_alive()
    gate.stop()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_changed_wording_is_counted(gate: Gate) -> None:
    say(gate, FROM_AYSE)
    assert gate.unmatched == 1


def test_a_receipt_of_a_message_that_is_not_open_goes_out(gate: Gate) -> None:
    say(gate, '<receipt id="X" to="9@s.whatsapp.net"/>')


def test_without_one_at_a_time_nobody_waits_to_decrypt(notes: Notebook) -> None:
    gate = Gate(notes, notes.ignore, holds_receipts=True, one_at_a_time=False)
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
        say(gate, FROM_AYSE)
    assert notes.noted == ["A1", "A2"]
    receipt = held(lambda: say(gate, '<receipt id="A1" to="9@s.whatsapp.net"/>'))
    gate.durable("A2")
    assert receipt.is_alive()
    gate.durable("A1")
    receipt.join(5)
    assert not receipt.is_alive()


def test_a_message_that_goes_out_makes_earlier_copies_useless(gate: Gate, notes: Notebook) -> None:
    line = '<message id="S1" to="9@s.whatsapp.net"><enc type="msg" v="2"/></message>'
    gate.on_log(line.encode() + b"\x1a\x0bClient/Send", lambda: line)
    assert notes.sendings == 1
    say(gate, FROM_AYSE)
    assert gate.unmatched == 1


def test_a_group_message_of_which_only_the_keys_were_known_stays_held(
    gate: Gate, notes: Notebook
) -> None:
    say(gate, GROUP.format(id="G1"))
    say(gate, IN_GROUP)
    say(gate, "Ignoring message G1 from 100000000000033@lid in 120363035006544934@g.us: old")
    assert notes.ignored == ["G1"]
    assert notes.forgotten == []
    assert gate.is_undoable("G1")
    gate.durable("G1")
    assert notes.forgotten == ["G1"]
