"""The ciphers with which WhatsApp seals files and changes; pure.

Their package takes 7 MB, which a bridge spends only with the first file or sealed change.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers import CipherContext


def derived(secret: bytes, info: bytes, size: int) -> bytes:
    """HKDF-SHA256 without salt."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), size, salt=None, info=info).derive(secret)


def unsealed(key: bytes, iv: bytes, sealed: bytes, beside: bytes | None) -> bytes | None:
    """Plaintext sealed with AES-256-GCM; None if the key or `beside` differs."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(key).decrypt(iv, sealed, beside)
    except (InvalidTag, ValueError):
        return None


def decryptor(key: bytes, iv: bytes) -> "CipherContext":
    """A decryptor for AES-256-CBC."""
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    return Cipher(AES(key), CBC(iv)).decryptor()
