"""The gate: how to undo each decryption is recorded, and no receipt precedes its message."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from izer_bridge.whatsapp.crash_safety.receipt_gate import Gate, Part
from izer_bridge.whatsapp.library import log_lines
from izer_bridge.whatsapp.library.log_lines import Stanza, StanzaSource

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
NUMBER, LID = "905551112233@s.whatsapp.net", "100000000000033@lid"
GROUP_JID = "120363035006544934@g.us"
FROM_AYSE = "Decrypting message from 905551112233@s.whatsapp.net"
IN_GROUP = "Decrypting message from 100000000000033@lid in 120363035006544934@g.us"


def say(gate: Gate, line: str) -> None:
    gate.on_log(line.encode(), lambda: line)


def held(action: Callable[[], None]) -> threading.Thread:
    """Runs `action` on a separate thread, as the client does."""
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


class Notebook:
    """What the gate had recorded and forgotten, as message ids."""

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

    def forget(self, stanzas: Sequence[Stanza]) -> None:
        self.forgotten += [one.id for one in stanzas]


def of_ayse(message_id: str) -> Part:
    return Part(StanzaSource(NUMBER, NUMBER), message_id)


def in_group(message_id: str, *, is_last: bool = False) -> Part:
    return Part(StanzaSource(GROUP_JID, LID), message_id, is_last)


@pytest.fixture
def notes() -> Notebook:
    return Notebook()


@pytest.fixture
def gate(notes: Notebook) -> Gate:
    return Gate(notes, notes.ignore)


def test_a_stanza_is_read_with_all_that_its_sender_is_known_by() -> None:
    assert log_lines.received(DIRECT.format(id="A1")) == Stanza(
        id="A1",
        chat="905551112233@s.whatsapp.net",
        sender="905551112233@s.whatsapp.net",
        parts=1,
    )
    group = log_lines.received(GROUP.format(id="G1"))
    assert group is not None
    assert (group.sender, group.parts) == ("100000000000033@lid", 2)
    assert group.chat == GROUP_JID
    assert log_lines.received('<iq id="1" type="get"/>') is None
    assert log_lines.received('<message id="1" from="1@newsletter"><plaintext/></message>') is None


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
    assert log_lines.receipt_of(line) == message_id


def test_a_groups_first_message_is_safe_after_its_second_event(gate: Gate, notes: Notebook) -> None:
    say(gate, GROUP.format(id="G1"))
    say(gate, IN_GROUP)
    gate.durable([in_group("G1")])
    receipt = held(lambda: say(gate, '<receipt id="G1" to="1@g.us" type="inactive"/>'))
    assert receipt.is_alive()
    assert notes.forgotten == []
    gate.durable([in_group("G1")])
    assert notes.forgotten == ["G1"]
    receipt.join(5)
    assert not receipt.is_alive()


@pytest.mark.parametrize(
    "line",
    [
        "Error unmarshaling decrypted message from 905551112233@s.whatsapp.net: invalid wire type",
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


def test_a_changed_wording_is_counted(gate: Gate) -> None:
    say(gate, FROM_AYSE)
    assert gate.unmatched == 1


def test_a_receipt_of_a_message_that_is_not_open_goes_out(gate: Gate) -> None:
    say(gate, '<receipt id="X" to="9@s.whatsapp.net"/>')


def test_nobody_waits_to_decrypt(gate: Gate, notes: Notebook) -> None:
    for message_id in ("A1", "A2"):
        say(gate, DIRECT.format(id=message_id))
        say(gate, FROM_AYSE)
    assert notes.noted == ["A1", "A2"]
    receipt = held(lambda: say(gate, '<receipt id="A1" to="9@s.whatsapp.net"/>'))
    gate.durable([of_ayse("A2")])
    assert receipt.is_alive()
    gate.durable([of_ayse("A1")])
    receipt.join(5)
    assert not receipt.is_alive()


def test_nobody_is_held_after_the_end(gate: Gate) -> None:
    say(gate, DIRECT.format(id="A1"))
    say(gate, FROM_AYSE)
    gate.writing(of_ayse("A1"))
    receipt = held(lambda: say(gate, '<receipt id="A1" to="9@s.whatsapp.net"/>'))
    assert receipt.is_alive()
    gate.stop()
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
    assert gate.is_undoable(in_group("G1"))
    gate.durable([in_group("G1")])
    assert notes.forgotten == ["G1"]


VICTIM = "905557778899@s.whatsapp.net"
NAMES = [
    'x" id="F',
    'x" id="F" notify="y',
    "><enc ",
    "/><enc /><enc /></message>",
    f'x" id="F" from="{VICTIM}',
    f'x" from="{VICTIM}" id="F" notify="',
    f'x" participant="{VICTIM}',
    f'x" sender_lid="100000000000099@lid" sender_pn="{VICTIM}',
    "Veli >:)",
    "<receipt id=",
    f"Decrypting message from {VICTIM}",
    "two\nlines",
    "😀",
]


def direct(message_id: str, name: str) -> str:
    return DIRECT.format(id=message_id).replace("Ayşe", name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.attack("a push name that reads like a stanza")
def test_a_name_changes_nothing_of_what_is_read(name: str) -> None:
    assert log_lines.received(direct("A1", name)) == Stanza("A1", NUMBER, NUMBER, 1)
    named = GROUP.format(id="G1").replace(" participant=", f' notify="{name}" participant=', 1)
    assert log_lines.received(named) == Stanza("G1", GROUP_JID, LID, 2)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.attack("a push name that keeps a message open")
def test_a_name_keeps_no_message_open(gate: Gate, notes: Notebook, name: str) -> None:
    say(gate, direct("A1", name))
    say(gate, FROM_AYSE)
    gate.writing(of_ayse("A1"))
    gate.durable([of_ayse("A1")])
    assert (notes.noted, notes.forgotten, gate.unmatched) == (["A1"], ["A1"], 0)


@pytest.mark.parametrize(
    "message_id",
    ['A" from="905557778899@s.whatsapp.net', "A B", 'A">', "", "A\n", "x" * 200, 'A" a="', "A<B"],
)
@pytest.mark.attack("an id that reads like a stanza")
def test_what_is_not_shaped_as_an_id_is_followed_by_nobody(
    gate: Gate, notes: Notebook, message_id: str
) -> None:
    say(gate, DIRECT.format(id=message_id))
    say(gate, DIRECT.format(id="A2"))
    say(gate, FROM_AYSE)
    assert (notes.noted, gate.unmatched) == ([], 0)
    say(gate, FROM_AYSE)
    assert notes.noted == ["A2"]


@pytest.mark.attack("an id that ends like another")
def test_an_id_is_ended_as_its_line_shows_it(gate: Gate, notes: Notebook) -> None:
    say(gate, DIRECT.format(id='F" notify="'))
    say(gate, FROM_AYSE)
    gate.writing(of_ayse('F" notify="'))
    gate.durable([of_ayse('F" notify="')])
    assert (notes.noted, notes.forgotten) == (["F"], ["F"])


@pytest.mark.attack("a ciphertext that names another member of the group as sender")
def test_whose_message_it_is_says_the_client(gate: Gate, notes: Notebook) -> None:
    liar = GROUP.format(id="L1").replace("<!-- 1 bytes -->", f' participant="{VICTIM}" t="1">')
    say(gate, liar)
    say(gate, GROUP.format(id="V1").replace(LID, VICTIM, 1))
    say(gate, IN_GROUP)
    say(gate, f"Decrypting message from {VICTIM} in {GROUP_JID}")
    assert notes.noted == ["L1", "V1"]
    assert [one.stanza.sender for one in gate._open.values()] == [LID, VICTIM]


@pytest.mark.attack("a stranger sends under the id of another customer's message")
def test_two_messages_of_one_id_are_two(gate: Gate, notes: Notebook) -> None:
    stranger = "905559990000@s.whatsapp.net"
    say(gate, DIRECT.format(id="A1"))
    say(gate, DIRECT.format(id="A1").replace(NUMBER, stranger))
    say(gate, f"Decrypting message from {stranger}")
    say(gate, FROM_AYSE)
    gate.writing(Part(StanzaSource(stranger, stranger), "A1"))
    gate.durable([Part(StanzaSource(stranger, stranger), "A1")])
    gate.finished(Part(StanzaSource(stranger, stranger), "A1"))
    assert gate.is_undoable(of_ayse("A1"))
    receipt = held(lambda: say(gate, '<receipt id="A1" to="9@s.whatsapp.net"/>'))
    assert receipt.is_alive()
    gate.durable([of_ayse("A1")])
    receipt.join(5)
    assert not receipt.is_alive()
    assert notes.forgotten == ["A1", "A1"]


@pytest.mark.attack("a stranger's receipt for a message that is on its way")
def test_other_peoples_receipts_hold_nobody(gate: Gate) -> None:
    say(gate, DIRECT.format(id="A1"))
    say(gate, FROM_AYSE)
    line = f'<receipt from="{NUMBER}" id="A1" t="1795458361"/>'
    gate.on_log(line.encode() + b"\x1a\x0bClient/Recv", lambda: line)
    own = '<receipt id="A1" to="9@s.whatsapp.net"/>'
    gate.on_log(own.encode() + b"\x1a\x0bClient/Recv", lambda: own)


@pytest.mark.attack("a message of which nothing comes holds receipts for ever")
def test_receipts_of_what_leads_to_no_event_are_held_no_longer_than_one(notes: Notebook) -> None:
    gate = Gate(notes, notes.ignore, longest_receipt_seconds=0.5)
    for number in range(300):
        say(gate, DIRECT.format(id=f"A{number}"))
        say(gate, FROM_AYSE)
    lines = [f'<receipt id="A{number}" to="9@lid"/>' for number in range(300)]
    holders = [held(partial(say, gate, line)) for line in lines]
    for one in holders:
        one.join(10)
    assert not any(one.is_alive() for one in holders)
    assert gate._open == {}
    assert len(notes.forgotten) == 300


def test_a_later_event_says_that_nothing_comes_of_what_was_before(
    gate: Gate, notes: Notebook
) -> None:
    for message_id in ("A1", "A2", "A3"):
        say(gate, DIRECT.format(id=message_id))
        say(gate, FROM_AYSE)
    gate.writing(of_ayse("A1"))
    gate.writing(of_ayse("A3"))
    assert notes.forgotten == ["A2"]
    gate.durable([of_ayse("A1")])
    gate.durable([of_ayse("A3")])
    assert notes.forgotten == ["A2", "A1", "A3"]


def test_a_group_message_that_says_something_is_its_last_part(gate: Gate, notes: Notebook) -> None:
    say(gate, GROUP.format(id="G1"))
    say(gate, IN_GROUP)
    gate.writing(in_group("G1", is_last=True))
    gate.durable([in_group("G1", is_last=True)])
    assert notes.forgotten == ["G1"]


def test_an_account_that_meta_hosts_is_called_as_all_others() -> None:
    found = log_lines.received(DIRECT.format(id="A1").replace("33@s.whatsapp.net", "33@hosted"))
    assert found is not None
    assert found.sender == NUMBER
