"""Encrypts a backup for its permitted readers, in the format of age (age-encryption.org).

It keeps no key that could open one: a thief of this machine cannot read what it wrote.
"""

import os
import threading
from collections.abc import Callable, Sequence
from typing import IO

import pyrage

from izer_bridge.domain.errors import ConfigError, UsageError

_HEAD = b"age-encryption.org/"


def is_sealed(file: IO[bytes]) -> bool:
    """Whether it begins like an age file; the position returns to the start."""
    head = file.read(len(_HEAD))
    file.seek(0)
    return head == _HEAD


def seal(write: Callable[[IO[bytes]], None], target: IO[bytes], keys: Sequence[str]) -> None:
    """Encrypt what `write` writes on its way into `target`: no plaintext reaches the disk.

    Raises what `write` raises.
    """
    failed: list[BaseException] = []
    reading, writing = os.pipe()

    def feed() -> None:
        try:
            with os.fdopen(writing, "wb") as file:
                write(file)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            failed.append(error)

    feeder = threading.Thread(target=feed, name="backup")
    with os.fdopen(reading, "rb") as file:
        feeder.start()
        try:
            pyrage.encrypt_io(file, target, [_recipient(one) for one in keys])
        finally:
            # Unread data would block the other end for ever.
            file.close()
            feeder.join()
    if failed:
        raise failed[0]


def unseal(source: IO[bytes], target: IO[bytes], identities: str) -> None:
    """`identities` is age-keygen's output. Raises ConfigError if none of them opens it."""
    lines = (line.strip() for line in identities.splitlines())
    try:
        keys = [
            pyrage.x25519.Identity.from_str(line)
            for line in lines
            if line and not line.startswith("#")
        ]
        pyrage.decrypt_io(source, target, keys)
    except pyrage.IdentityError:
        raise UsageError("the identity is none of age's; expected AGE-SECRET-KEY-1…") from None
    except pyrage.DecryptError:
        raise UsageError("this identity does not open the backup, or it is damaged") from None


def _recipient(key: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        raise ConfigError(f"backup.recipients = {key!r}: expected a key of age, age1…") from None
