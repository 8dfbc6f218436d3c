"""Keyrings: a conversation survives crossed messages and unreadable ones."""

from collections.abc import Sequence

import pytest
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message

from izer_bridge.simulator.binary_xml import Node, node
from izer_bridge.simulator.device import LinkedDevice
from izer_bridge.simulator.people import Keyring
from izer_bridge.simulator.signal import PreKeyBundle, PreKeys, Session, SignalError, pad, unpad


def enc(kind: str, ciphertext: bytes) -> Node:
    return node("enc", ciphertext, v=2, type=kind)


def written(session: Session, words: str) -> Node:
    """What a client with `session` sends."""
    return enc(*session.encrypt(pad(Message(conversation=words).SerializeToString())))


def read(session: Session, part: Node) -> str:
    """What that client reads in `part`."""
    return str(Message.FromString(unpad(session.decrypt(part["type"], part.data))).conversation)


def device_of(bundle: PreKeyBundle) -> LinkedDevice:
    return LinkedDevice(
        noise=bytes(32),
        identity=bundle.identity,
        registration=bundle.registration,
        signed_id=bundle.signed_id,
        signed=bundle.signed,
        signature=bundle.signature,
        number="905550000001",
        lid="200000000000001",
    )


def begun() -> tuple[Keyring, Session, LinkedDevice]:
    """A keyring that was written to once, the writing client's session, and its device."""
    keys, client = Keyring(), PreKeys()
    session = Session.initiate(client, keys.own.bundle())
    assert keys.decrypt(written(session, "bir"), None).conversation == "bir"
    return keys, session, device_of(client.bundle())


def test_an_opening_that_crosses_the_answer_keeps_the_session() -> None:
    keys, session, device = begun()
    answer = keys.encrypt(Message(conversation="cevap"), device, None)
    crossing = written(session, "iki")
    assert crossing["type"] == "pkmsg"
    assert keys.decrypt(crossing, None).conversation == "iki"
    assert read(session, answer) == "cevap"
    later = keys.encrypt(Message(conversation="sonra"), device, None)
    assert read(session, later) == "sonra"


def test_what_cannot_be_read_leaves_the_session_as_it_was() -> None:
    keys, session, device = begun()
    assert read(session, keys.encrypt(Message(conversation="cevap"), device, None)) == "cevap"
    for strange in strangers():
        with pytest.raises(SignalError):
            keys.decrypt(strange, None)
    assert keys.decrypt(written(session, "iki"), None).conversation == "iki"
    assert read(session, keys.encrypt(Message(conversation="üç"), device, None)) == "üç"


def test_a_message_of_no_session_is_told_as_such() -> None:
    with pytest.raises(SignalError):
        Keyring().decrypt(strangers()[0], None)


def strangers() -> Sequence[Node]:
    """A message of somebody else's session, and one whose opening was meant for another."""
    keys, session, device = begun()
    opening = written(session, "x")
    read(session, keys.encrypt(Message(conversation="y"), device, None))
    return [written(session, "z"), opening]
