"""Noise_XX_25519_AESGCM_SHA256 as a responder; pure. It does not know the content."""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from izer_bridge.simulator.keys import KeyPair, derive

PROTOCOL_NAME = b"Noise_XX_25519_AESGCM_SHA256".ljust(32, b"\0")


class NoiseError(ValueError):
    """The other side's handshake or transport message is not authentic."""


class CipherState:
    """One key with its counter of messages."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._count = 0

    def encrypt(self, plaintext: bytes, associated: bytes = b"") -> bytes:
        return self._cipher.encrypt(self._nonce(), plaintext, associated)

    def decrypt(self, ciphertext: bytes, associated: bytes = b"") -> bytes:
        """Raises NoiseError if it was not encrypted with this key at this count."""
        try:
            return self._cipher.decrypt(self._nonce(), ciphertext, associated)
        except InvalidTag:
            raise NoiseError("a message that is not authentic") from None

    def _nonce(self) -> bytes:
        nonce = self._count.to_bytes(12, "big")
        self._count += 1
        return nonce


class SymmetricState:
    """The handshake's running hash and key (Noise specification, section 5.2)."""

    def __init__(self, prologue: bytes) -> None:
        self._chaining_key = self._hash = PROTOCOL_NAME
        self._cipher: CipherState | None = None
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        self._hash = hashlib.sha256(self._hash + data).digest()

    def mix_key(self, secret: bytes) -> None:
        derived = derive(secret, 64, salt=self._chaining_key)
        self._chaining_key, self._cipher = derived[:32], CipherState(derived[32:])

    def encrypt_and_hash(self, plaintext: bytes) -> bytes:
        ciphertext = self._cipher.encrypt(plaintext, self._hash) if self._cipher else plaintext
        self.mix_hash(ciphertext)
        return ciphertext

    def decrypt_and_hash(self, ciphertext: bytes) -> bytes:
        plaintext = self._cipher.decrypt(ciphertext, self._hash) if self._cipher else ciphertext
        self.mix_hash(ciphertext)
        return plaintext

    def split(self) -> tuple[CipherState, CipherState]:
        """The initiator's sending key and the responder's."""
        derived = derive(b"", 64, salt=self._chaining_key)
        return CipherState(derived[:32]), CipherState(derived[32:])


@dataclass(frozen=True)
class Transport:
    """Encrypts what the responder sends and decrypts what it receives."""

    receiving: CipherState
    sending: CipherState


class Responder:
    """The server's side: `read_hello`, `write_hello`, `read_finish`, in this order."""

    def __init__(self, static: KeyPair, prologue: bytes, ephemeral: KeyPair | None = None) -> None:
        self._static = static
        self._ephemeral = ephemeral or KeyPair.generate()
        self._state = SymmetricState(prologue)
        self._theirs = b""

    def read_hello(self, ephemeral: bytes, payload: bytes | None = None) -> None:
        """-> e. WhatsApp leaves the payload out, which the specification would hash as empty."""
        self._theirs = ephemeral
        self._state.mix_hash(ephemeral)
        if payload is not None:
            self._state.decrypt_and_hash(payload)

    def write_hello(self, payload: bytes) -> tuple[bytes, bytes, bytes]:
        """<- e, ee, s, es: our ephemeral key, our encrypted static key, encrypted payload."""
        self._state.mix_hash(self._ephemeral.public)
        self._state.mix_key(self._ephemeral.agree(self._theirs))
        static = self._state.encrypt_and_hash(self._static.public)
        self._state.mix_key(self._static.agree(self._theirs))
        return self._ephemeral.public, static, self._state.encrypt_and_hash(payload)

    def read_finish(self, static: bytes, payload: bytes) -> tuple[bytes, bytes, Transport]:
        """-> s, se: their static key, their payload, the transport. Raises NoiseError."""
        their_static = self._state.decrypt_and_hash(static)
        self._state.mix_key(self._ephemeral.agree(their_static))
        plaintext = self._state.decrypt_and_hash(payload)
        receiving, sending = self._state.split()
        return their_static, plaintext, Transport(receiving, sending)
