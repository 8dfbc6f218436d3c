"""Curve25519 key pairs with the signatures that the protocol uses (XEdDSA)."""

import os
from dataclasses import dataclass

import xeddsa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_TYPE = b"\x05"
_RAW = serialization.Encoding.Raw, serialization.PublicFormat.Raw


@dataclass(frozen=True)
class KeyPair:
    """32 bytes each."""

    private: bytes
    public: bytes

    @classmethod
    def generate(cls) -> "KeyPair":
        return cls.of(os.urandom(32))

    @classmethod
    def of(cls, private: bytes) -> "KeyPair":
        public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes(*_RAW)
        return cls(private, public)

    @property
    def typed(self) -> bytes:
        """The public key as Signal writes it: a type byte, then 32 bytes."""
        return KEY_TYPE + self.public

    def agree(self, public: bytes) -> bytes:
        """The shared secret with the owner of `public`."""
        theirs = X25519PublicKey.from_public_bytes(public)
        return X25519PrivateKey.from_private_bytes(self.private).exchange(theirs)

    def sign(self, message: bytes) -> bytes:
        """64 bytes that `verify` accepts for the public key."""
        forced = xeddsa.priv_force_sign(self.private, False)
        return bytes(xeddsa.ed25519_priv_sign(forced, message, os.urandom(64)))


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of `public` signed; the sign bit travels in the signature's last bit."""
    sign = bool(signature[63] & 0x80)
    plain = signature[:63] + bytes([signature[63] & 0x7F])
    edwards = xeddsa.curve25519_pub_to_ed25519_pub(public, sign)
    return bool(xeddsa.ed25519_verify(plain, edwards, message))


def derive(secret: bytes, length: int, *, salt: bytes | None = None, info: bytes = b"") -> bytes:
    """HKDF-SHA256."""
    return HKDF(SHA256(), length, salt, info).derive(secret)
