"""Opens what a phone seals with the secret of an earlier message: its edits, since 2026; pure.

The key is HKDF-SHA256 of that message's secret over its id, its author's and the editor's addresses
and a fixed word; the content is AES-256-GCM without additional data.
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from itertools import product

from google.protobuf.message import DecodeError
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ProtocolMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import SecretEncryptedMessage as Sealed

from izer_bridge.domain.identity import Jid
from izer_bridge.whatsapp.convert.body import unwrapped
from izer_bridge.whatsapp.library import ciphers
from izer_bridge.whatsapp.session import Secret

_KEY_BYTES = 32
_WORDS = {
    Sealed.MESSAGE_EDIT: ("Message Edit",),
    Sealed.EVENT_EDIT: ("Event Edit",),
    Sealed.POLL_EDIT: ("Poll Edit",),
}


SecretsOf = Callable[[str], Sequence[Secret]]


def no_secrets(_: str) -> Sequence[Secret]:
    return ()


def unsealed(body: Body, secrets_of: SecretsOf, editors: Collection[Jid]) -> Body:
    """A sealed edit as a plain one, if it can be read; anything else unchanged.

    `editors` are the addresses of the edit's sender.
    """
    sealed = unwrapped(body).secretEncryptedMessage
    target_id = sealed.targetMessageKey.ID
    if sealed.secretEncType not in _WORDS or not target_id:
        return body
    opened = _opened(sealed, secrets_of(target_id), editors)
    if opened is None:
        return body
    edited = unwrapped(opened)
    if edited.protocolMessage.HasField("editedMessage"):
        edited = edited.protocolMessage.editedMessage
    plain = ProtocolMessage(type=ProtocolMessage.MESSAGE_EDIT, editedMessage=edited)
    plain.key.CopyFrom(sealed.targetMessageKey)
    return Body(protocolMessage=plain)


def derived_key(secret: bytes, message_id: str, author: Jid, editor: Jid, word: str) -> bytes:
    info = f"{message_id}{author}{editor}{word}".encode()
    return ciphers.derived(secret, info, _KEY_BYTES)


def _opened(sealed: Sealed, secrets: Sequence[Secret], editors: Collection[Jid]) -> Body | None:
    """A person has a number and a LID, and which of them was used is not stated: each is tried."""
    message_id = sealed.targetMessageKey.ID
    for secret in secrets:
        people = dict.fromkeys([*secret.authors, *editors])
        for author, editor in product(people, people):
            for word in _WORDS[sealed.secretEncType]:
                key = derived_key(secret.key, message_id, author, editor, word)
                plain = ciphers.unsealed(key, sealed.encIV, sealed.encPayload, None)
                with suppress(DecodeError):
                    if plain is not None:
                        return Body.FromString(plain)
    return None
