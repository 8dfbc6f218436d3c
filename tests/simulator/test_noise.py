"""The handshake against the published vector for Noise_XX_25519_AESGCM_SHA256.

Source: the vector set of the cacophony library, which the Noise wiki refers to.
"""

import pytest

from izer_bridge.simulator.keys import KeyPair
from izer_bridge.simulator.noise import NoiseError, Responder, Transport

PROLOGUE = bytes.fromhex("4a6f686e2047616c74")
STATIC = bytes.fromhex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893")
EPHEMERAL = bytes.fromhex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
THEIR_STATIC = bytes.fromhex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1")
PAYLOADS = (
    b"Ludwig von Mises",
    b"Murray Rothbard",
    b"F. A. Hayek",
    b"Carl Menger",
    b"Jean-Baptiste Say",
    b"Eugen B\xf6hm von Bawerk",
)
MESSAGES = tuple(
    map(
        bytes.fromhex,
        (
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
            "4c756477696720766f6e204d69736573",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
            "757117acceb05bd7a45733bc22015c97a9d0cbaf41b80446d5988ff5127235d7"
            "6b79eade70f473d6a4ef521fdcbeda5340d01e028ba793fc059f2724a83af05f"
            "12dda0448a7621a926b379a92477fd",
            "c90f1cf77eba4e50edb038991565e36c9758943a989229b6051244dc4fbecb69"
            "46744b401af2ee1a5881b65fbb87fd07cb6a328ececc9ce6ce84c399dc332d4f"
            "d521fa4bb7f467ce909395",
            "bc3fa77f6aca3e8466d7dc6bea10013e88a6a29add5132b461806c",
            "250b01074cdfe0df2ecf8ccbf1737b15a2ddb5b52fd9a396604e9c793cee3b3bb9",
            "449d4d433b3cdc3d02bf6fc881774b9df54366ebcffb9689bb13f14709822cd7ef42bcdb4d",
        ),
    )
)


def responder() -> Responder:
    return Responder(KeyPair.of(STATIC), PROLOGUE, KeyPair.of(EPHEMERAL))


def handshake() -> tuple[bytes, bytes, Transport]:
    server = responder()
    server.read_hello(MESSAGES[0][:32], MESSAGES[0][32:])
    assert b"".join(server.write_hello(PAYLOADS[1])) == MESSAGES[1]
    return server.read_finish(MESSAGES[2][:48], MESSAGES[2][48:])


def test_the_handshake_is_the_published_one_byte_for_byte() -> None:
    static, payload, _ = handshake()
    assert static == KeyPair.of(THEIR_STATIC).public
    assert payload == PAYLOADS[2]


def test_so_are_the_messages_that_follow() -> None:
    *_, transport = handshake()
    assert transport.sending.encrypt(PAYLOADS[3]) == MESSAGES[3]
    assert transport.receiving.decrypt(MESSAGES[4]) == PAYLOADS[4]
    assert transport.sending.encrypt(PAYLOADS[5]) == MESSAGES[5]


@pytest.mark.parametrize("place", [0, 50, -1])
def test_a_changed_byte_is_refused(place: int) -> None:
    server = responder()
    server.read_hello(MESSAGES[0][:32], MESSAGES[0][32:])
    server.write_hello(PAYLOADS[1])
    changed = bytearray(MESSAGES[2])
    changed[place] ^= 1
    with pytest.raises(NoiseError):
        server.read_finish(bytes(changed[:48]), bytes(changed[48:]))
