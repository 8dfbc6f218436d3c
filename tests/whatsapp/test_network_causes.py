"""What the operator reads when WhatsApp cannot be reached: the chains are as Go words them."""

import pytest

from izer_bridge.whatsapp.client.network_causes import cause_of

_DIAL = (
    "failed to dial whatsapp web websocket: failed to WebSocket dial: failed to send handshake "
    'request: Get "https://web.whatsapp.com/ws/chat": '
)
_NO_NAME = "its name is not found: network or DNS"
_NO_PROXY = "the proxy does not take the connection"


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        ("dial tcp: lookup web.whatsapp.com: no such host", _NO_NAME),
        ("dial tcp: lookup web.whatsapp.com on 192.0.2.1:53: server misbehaving", _NO_NAME),
        ("dial tcp 192.0.2.1:443: connect: network is unreachable", "this machine has no network"),
        ("dial tcp 192.0.2.1:443: i/o timeout", "no answer came in time"),
        ("proxyconnect tcp: dial tcp 127.0.0.1:1: connect: connection refused", _NO_PROXY),
        ("proxyconnect tcp: dial tcp: lookup proxy.example: no such host", _NO_PROXY),
        ("Something new", ""),
    ],
)
def test_a_chain_of_the_client_has_a_cause_in_words(end: str, cause: str) -> None:
    assert cause_of(_DIAL + end) == cause
