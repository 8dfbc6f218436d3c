"""Linking a device: the codes that the server hands out, and what the phone signs; pure."""

import base64
import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass

from neonize.proto.waAdv.WAAdv_pb2 import (
    ADVDeviceIdentity,
    ADVSignedDeviceIdentity,
    ADVSignedDeviceIdentityHMAC,
)

from izer_bridge.simulator.binary_xml import Node, node
from izer_bridge.simulator.device import LinkedDevice
from izer_bridge.simulator.keys import KeyPair, verify

CODES = 6
_PREFIX = "https://wa.me/settings/linked_devices#"
_ACCOUNT_SIGNATURE, _DEVICE_SIGNATURE = b"\x06\x00", b"\x06\x01"


class UnknownCodeError(ValueError):
    """The server is not showing this code now."""


@dataclass(frozen=True)
class Code:
    """The content of a QR code."""

    ref: str
    noise: bytes
    identity: bytes
    secret: bytes

    @classmethod
    def parse(cls, text: str) -> "Code":
        """Raises UnknownCodeError for a text that is not a WhatsApp code."""
        parts = text.removeprefix(_PREFIX).split(",")
        if not text.startswith(_PREFIX) or len(parts) < 4:
            raise UnknownCodeError("this is not the code of a linked device")
        ref, *keys = parts[:4]
        noise, identity, secret = (base64.b64decode(key) for key in keys)
        return cls(ref, noise, identity, secret)


def fresh_refs() -> list[str]:
    return [f"2@{secrets.token_urlsafe(120)}" for _ in range(CODES)]


def code_request(refs: list[str]) -> Node:
    return node("pair-device", *(node("ref", ref.encode()) for ref in refs))


def signed_identity(phone: KeyPair, code: Code, device: LinkedDevice) -> bytes:
    """The phone's statement that the device is its own, under the code's secret."""
    details = ADVDeviceIdentity(
        rawID=int.from_bytes(os.urandom(3), "big"),
        timestamp=int(time.time()),
        keyIndex=device.index,
    ).SerializeToString()
    signed = ADVSignedDeviceIdentity(
        details=details,
        accountSignatureKey=phone.public,
        accountSignature=phone.sign(_ACCOUNT_SIGNATURE + details + device.identity),
    ).SerializeToString()
    container = ADVSignedDeviceIdentityHMAC(
        details=signed, HMAC=hmac.digest(code.secret, signed, hashlib.sha256)
    )
    return bytes(container.SerializeToString())


def pair_success(container: bytes, device: LinkedDevice) -> Node:
    return node(
        "pair-success",
        node("device-identity", container),
        node("platform", name="android"),
        node("device", jid=device.by_number, lid=device.by_lid),
    )


def is_signed_by(device: LinkedDevice, answer: Node, phone: KeyPair) -> bool:
    """Whether the device has signed its identity in turn."""
    data = answer.require("pair-device-sign", "device-identity").data
    identity = ADVSignedDeviceIdentity.FromString(data)
    message = _DEVICE_SIGNATURE + identity.details + device.identity + phone.public
    return verify(device.identity, message, identity.deviceSignature)
