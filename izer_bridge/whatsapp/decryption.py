"""Decrypts a file as WhatsApp's media servers store it, piece by piece; pure.

It holds no more than a piece, and says only at the end whether its output is the file.
"""

import hashlib
import hmac
from dataclasses import dataclass

from izer_bridge.domain.errors import PermanentError
from izer_bridge.whatsapp.library.ciphers import decryptor, derived

_BLOCK, _MAC_SIZE, _KEYS_SIZE = 16, 10, 112
# What encryption adds at most: a block of padding, and the authentication.
MOST_ADDED = _BLOCK + _MAC_SIZE


@dataclass(frozen=True, slots=True)
class Secrets:
    """A message's data about its file; `kind` is the purpose of its keys, such as `Image`.

    An empty hash of the encrypted file is not compared.
    """

    media_key: bytes
    kind: str
    plain_hash: bytes
    encrypted_hash: bytes


class Decryption:
    """Takes the encrypted bytes in order; `end` tells whether they are the file."""

    def __init__(self, secrets: Secrets) -> None:
        info = f"WhatsApp {secrets.kind} Keys".encode()
        keys = derived(secrets.media_key, info, _KEYS_SIZE)
        iv, cipher_key, mac_key = keys[:16], keys[16:48], keys[48:80]
        self._secrets = secrets
        self._cipher = decryptor(cipher_key, iv)
        self._mac = hmac.new(mac_key, iv, hashlib.sha256)
        self._encrypted, self._plain = hashlib.sha256(), hashlib.sha256()
        self._held_back = b""

    def update(self, data: bytes) -> bytes:
        """The plain bytes that are certainly neither padding nor authentication."""
        self._encrypted.update(data)
        data = self._held_back + data
        usable = max(0, len(data) - MOST_ADDED) // _BLOCK * _BLOCK
        self._held_back = data[usable:]
        return self._decrypted(data[:usable])

    def end(self) -> bytes:
        """The last plain bytes. Raises PermanentError if it is not the file."""
        ciphertext, mac = self._held_back[:-_MAC_SIZE], self._held_back[-_MAC_SIZE:]
        if not ciphertext or len(ciphertext) % _BLOCK:
            raise PermanentError("the file that came is cut off")
        self._mac.update(ciphertext)
        is_whole = self._secrets.encrypted_hash in (b"", self._encrypted.digest())
        if not (is_whole and hmac.compare_digest(self._mac.digest()[:_MAC_SIZE], mac)):
            raise PermanentError("the file that came is not the one that the message names")
        last = self._cipher.update(ciphertext) + self._cipher.finalize()
        last = last[: len(last) - last[-1]] if 1 <= last[-1] <= _BLOCK else last
        self._plain.update(last)
        if self._plain.digest() != self._secrets.plain_hash:
            raise PermanentError("the file that came is not the one that the message names")
        return last

    def _decrypted(self, ciphertext: bytes) -> bytes:
        self._mac.update(ciphertext)
        plain = self._cipher.update(ciphertext)
        self._plain.update(plain)
        return plain
