"""Converts the client's addresses into the bridge's own; pure."""

from contextlib import suppress
from functools import lru_cache

from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.identity import NUMBER_SERVER, Jid
from izer_bridge.whatsapp.library import bounds

_REMEMBERED = 1 << 10


def jid_of(jid: proto.JID) -> Jid | None:
    """The address without its device, or None if the client gave no valid one."""
    return address_in(f"{jid.User}@{jid.Server}")


@lru_cache(_REMEMBERED)
def address_in(text: str) -> Jid | None:
    """The address that somebody wrote, or None if it cannot be one.

    Remembered, because a message names its chat and its sender seven times.
    """
    with suppress(ValueError):
        jid = Jid.parse(text)
        return jid if bounds.is_address(jid.user, jid.server) else None
    return None


def own(account: str) -> Jid:
    """The linked account's address."""
    return Jid(account.removeprefix("+"), NUMBER_SERVER)
