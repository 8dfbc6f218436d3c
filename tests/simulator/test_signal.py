"""Sessions and sender keys: in order, out of order, changed on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from izer_bridge.simulator.signal import PreKeys, SenderKey, Session, SignalError, pad, unpad


def opened() -> tuple[Session, Session]:
    """Two ends of one session, after the first message was read."""
    alice, bob = PreKeys(), PreKeys()
    ours = Session.initiate(alice, bob.bundle())
    kind, ciphertext = ours.encrypt(b"hello")
    theirs = Session.accept(bob, ciphertext)
    assert (kind, theirs.decrypt(kind, ciphertext)) == ("pkmsg", b"hello")
    return ours, theirs


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=50)), max_size=20))
def test_a_conversation_in_any_pattern_is_read(turns: list[tuple[bool, bytes]]) -> None:
    ends = opened()
    for is_ours, text in turns:
        sender, reader = ends if is_ours else ends[::-1]
        assert reader.decrypt(*sender.encrypt(text)) == text


def test_the_opening_kind_lasts_until_an_answer() -> None:
    ours, theirs = opened()
    assert ours.encrypt(b"again")[0] == "pkmsg"
    ours.decrypt(*theirs.encrypt(b"answer"))
    assert ours.encrypt(b"now")[0] == "msg"


def test_messages_out_of_order_are_read_once() -> None:
    ours, theirs = opened()
    sent = [ours.encrypt(bytes([number])) for number in range(5)]
    for number in (4, 0, 2, 1, 3):
        assert theirs.decrypt(*sent[number]) == bytes([number])
    with pytest.raises(SignalError):
        theirs.decrypt(*sent[2])


def test_a_changed_message_is_refused() -> None:
    ours, theirs = opened()
    ours.decrypt(*theirs.encrypt(b"answer"))
    kind, ciphertext = ours.encrypt(b"text")
    with pytest.raises(SignalError, match="MAC"):
        theirs.decrypt(kind, ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]))


def test_a_bundle_with_a_wrong_signature_is_refused() -> None:
    bundle = PreKeys().bundle()
    forged = type(bundle)(
        **{name: getattr(bundle, name) for name in bundle.__dataclass_fields__}
        | {"signature": bytes(64)}
    )
    with pytest.raises(SignalError, match="signature"):
        Session.initiate(PreKeys(), forged)


def test_a_sender_key_reads_what_follows_its_distribution() -> None:
    ours = SenderKey.generate()
    ours.encrypt(b"before")
    theirs = SenderKey.distributed(ours.distribution())
    first, second = ours.encrypt(b"first"), ours.encrypt(b"second")
    assert theirs.decrypt(second) == b"second"
    assert theirs.decrypt(first) == b"first"
    with pytest.raises(SignalError):
        theirs.decrypt(first)


def test_only_the_owner_of_a_sender_key_writes_with_it() -> None:
    ours = SenderKey.generate()
    theirs = SenderKey.distributed(ours.distribution())
    with pytest.raises(SignalError):
        theirs.encrypt(b"x")
    message = ours.encrypt(b"x")
    with pytest.raises(SignalError, match="signature"):
        theirs.decrypt(message[:-1] + bytes([message[-1] ^ 1]))


@given(st.binary(max_size=100))
def test_padding_is_taken_off_again(plaintext: bytes) -> None:
    assert unpad(pad(plaintext)) == plaintext
