"""Which of the waiting stanzas is decrypted now, judging by what the client says about it."""

from izer_bridge.whatsapp.crash_safety.undecrypted import Received
from izer_bridge.whatsapp.library.log_lines import Stanza, StanzaSource

AYSE, BORA = "905550000001@s.whatsapp.net", "905550000002@s.whatsapp.net"
GROUP = "120363000000000001@g.us"


def waiting(*stanzas: Stanza, most: int = 100) -> Received:
    received = Received(most)
    for one in stanzas:
        received.add(one)
    return received


def alone(sender: str, message_id: str) -> Stanza:
    return Stanza(message_id, sender, sender, 1)


def in_group(sender: str, message_id: str) -> Stanza:
    return Stanza(message_id, GROUP, sender, 1)


def taken(received: Received, source: StanzaSource) -> list[str]:
    ids = []
    while (one := received.take(source)) is not None:
        ids.append(one.id)
    return ids


def test_each_senders_come_in_their_order() -> None:
    received = waiting(alone(AYSE, "A1"), alone(BORA, "B1"), alone(AYSE, "A2"))
    assert taken(received, StanzaSource(AYSE, AYSE)) == ["A1", "A2"]
    assert taken(received, StanzaSource(BORA, BORA)) == ["B1"]


def test_in_a_group_one_that_hides_its_sender_is_the_last_choice() -> None:
    received = waiting(in_group("", "G1"), in_group(BORA, "G2"), in_group(AYSE, "G3"))
    assert taken(received, StanzaSource(GROUP, AYSE)) == ["G3", "G1", "G2"]


def test_what_a_member_sent_before_to_the_shop_alone_comes_first() -> None:
    received = waiting(alone(AYSE, "A1"), in_group(AYSE, "G1"), in_group("", "G2"))
    assert taken(received, StanzaSource(GROUP, AYSE)) == ["A1", "G1", "G2"]


def test_of_too_many_the_oldest_are_forgotten() -> None:
    received = waiting(*(alone(AYSE, f"A{number}") for number in range(9)), most=3)
    assert taken(received, StanzaSource(AYSE, AYSE)) == ["A6", "A7", "A8"]
    assert taken(received, StanzaSource(GROUP, BORA)) == []
