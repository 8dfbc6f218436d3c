"""Signal sessions (X3DH, double ratchet) and sender keys, version 3; pure except for randomness."""

import hashlib
import hmac
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message

from izer_bridge.simulator.keys import KEY_TYPE, KeyPair, derive, verify

_VERSION = b"\x33"
_MAC_SIZE, _SIGNATURE_SIZE = 8, 64
_NO_SALT = bytes(32)
_MOST_SKIPPED = 2_000


class SignalError(ValueError):
    """A message that this session or sender key did not encrypt."""


def _declare(name: str, fields: Mapping[str, int], *, numbers: set[str]) -> Callable[..., Message]:
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name=f"simulator/{name}.proto", package="simulator")
    declared = file.message_type.add(name=name)
    for label, number in fields.items():
        declared.field.add(
            name=label,
            number=number,
            label=kinds.LABEL_OPTIONAL,
            type=kinds.TYPE_UINT32 if label in numbers else kinds.TYPE_BYTES,
        )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"simulator.{name}"))


_Ratcheted = _declare(
    "Ratcheted",
    {"ratchet": 1, "counter": 2, "previous": 3, "ciphertext": 4},
    numbers={"counter", "previous"},
)
_Opening = _declare(
    "Opening",
    {"prekey_id": 1, "base": 2, "identity": 3, "message": 4, "registration": 5, "signed_id": 6},
    numbers={"prekey_id", "registration", "signed_id"},
)
_Distribution = _declare(
    "Distribution", {"id": 1, "iteration": 2, "chain": 3, "signing": 4}, numbers={"id", "iteration"}
)
_Broadcast = _declare(
    "Broadcast", {"id": 1, "iteration": 2, "ciphertext": 3}, numbers={"id", "iteration"}
)


def pad(plaintext: bytes) -> bytes:
    size = random.randint(1, 15)
    return plaintext + bytes([size]) * size


def unpad(padded: bytes) -> bytes:
    return padded[: -padded[-1]]


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)


def aes_cbc_encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """AES-CBC with PKCS #7 padding."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    padded = padder.update(plaintext) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def aes_cbc_decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    unpadder = PKCS7(128).unpadder()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()


@dataclass
class _Chain:
    """A symmetric chain; keys of skipped messages are kept."""

    key: bytes
    index: int = 0
    skipped: dict[int, bytes] = field(default_factory=dict)

    def step(self) -> tuple[int, bytes]:
        """The next message's number and key material."""
        number, material = self.index, _hmac(self.key, b"\x01")
        self.key, self.index = _hmac(self.key, b"\x02"), number + 1
        return number, material

    def material(self, number: int) -> bytes:
        """Raises SignalError for a number that was used, or that is too far ahead."""
        if number < self.index or number - self.index > _MOST_SKIPPED:
            if number in self.skipped:
                return self.skipped.pop(number)
            raise SignalError(f"message {number} does not fit a chain at {self.index}")
        while self.index < number:
            at, material = self.step()
            self.skipped[at] = material
        return self.step()[1]


@dataclass(frozen=True)
class PreKeyBundle:
    """The published keys with which others can write first; the one-time key is optional."""

    registration: int
    identity: bytes
    signed_id: int
    signed: bytes
    signature: bytes
    one_time: tuple[int, bytes] | None


@dataclass
class PreKeys:
    """Somebody's own key material."""

    identity: KeyPair = field(default_factory=KeyPair.generate)
    signed: KeyPair = field(default_factory=KeyPair.generate)
    one_time: KeyPair = field(default_factory=KeyPair.generate)
    registration: int = field(default_factory=lambda: random.randint(1, 16_380))

    def bundle(self) -> PreKeyBundle:
        return PreKeyBundle(
            registration=self.registration,
            identity=self.identity.public,
            signed_id=1,
            signed=self.signed.public,
            signature=self.identity.sign(self.signed.typed),
            one_time=(1, self.one_time.public),
        )


class Session:
    """One direction-free session between us and one device of another person."""

    def __init__(self, own: PreKeys, their_identity: bytes, root: bytes) -> None:
        self._own = own
        self._their_identity = their_identity
        self._root = root
        self._ratchet = KeyPair.generate()
        self._sending: _Chain | None = None
        self._receiving: dict[bytes, _Chain] = {}
        self._previous = 0
        self._opening: dict[str, int | bytes] | None = None
        self._their_base = b""

    @classmethod
    def initiate(cls, own: PreKeys, bundle: PreKeyBundle) -> "Session":
        """Write first, to the owner of `bundle`. Raises SignalError for a wrong signature."""
        if not verify(bundle.identity, KEY_TYPE + bundle.signed, bundle.signature):
            raise SignalError("the signed prekey's signature is wrong")
        base = KeyPair.generate()
        secrets = [
            own.identity.agree(bundle.signed),
            base.agree(bundle.identity),
            base.agree(bundle.signed),
        ]
        if bundle.one_time:
            secrets.append(base.agree(bundle.one_time[1]))
        root, chain = _agreed(secrets)
        session = cls(own, bundle.identity, root)
        session._receiving[bundle.signed] = _Chain(chain)
        session._sending = session._next_chain(bundle.signed)
        session._opening = {
            "registration": own.registration,
            "signed_id": bundle.signed_id,
            "base": base.typed,
            "identity": own.identity.typed,
        }
        if bundle.one_time:
            session._opening["prekey_id"] = bundle.one_time[0]
        return session

    @classmethod
    def accept(cls, own: PreKeys, opening: bytes) -> "Session":
        """The session that a pkmsg opens; decrypt that same pkmsg with it."""
        sent = _parse_opening(opening)
        identity, base = sent.identity[1:], sent.base[1:]  # type: ignore[attr-defined]
        secrets = [
            own.signed.agree(identity),
            own.identity.agree(base),
            own.signed.agree(base),
        ]
        if sent.HasField("prekey_id"):
            secrets.append(own.one_time.agree(base))
        root, chain = _agreed(secrets)
        session = cls(own, identity, root)
        session._ratchet, session._sending = own.signed, _Chain(chain)
        session._their_base = base
        return session

    def is_other_than(self, opening: bytes) -> bool:
        """Whether the pkmsg opens another session; a pkmsg is repeated until it is answered."""
        return self._their_base != bytes(_parse_opening(opening).base[1:])  # type: ignore[attr-defined]

    def encrypt(self, plaintext: bytes) -> tuple[str, bytes]:
        """`pkmsg` until the other side has answered once, then `msg`; with the ciphertext."""
        if self._sending is None:
            raise SignalError("nothing was received to answer to")
        number, material = self._sending.step()
        keys = derive(material, 80, salt=_NO_SALT, info=b"WhisperMessageKeys")
        body = (
            _VERSION
            + _Ratcheted(
                ratchet=self._ratchet.typed,
                counter=number,
                previous=self._previous,
                ciphertext=aes_cbc_encrypt(keys[:32], keys[64:], plaintext),
            ).SerializeToString()
        )
        message = body + self._mac(keys[32:64], self._own.identity.public, body)
        if self._opening is None:
            return "msg", message
        return "pkmsg", _VERSION + _Opening(message=message, **self._opening).SerializeToString()

    def decrypt(self, kind: str, message: bytes) -> bytes:
        """Raises SignalError if it does not belong to this session."""
        if kind == "pkmsg":
            message = _parse_opening(message).message  # type: ignore[attr-defined]
        body, mac = message[:-_MAC_SIZE], message[-_MAC_SIZE:]
        sent = _Ratcheted.FromString(body[1:])  # type: ignore[attr-defined]
        material = self._receiving_chain(sent.ratchet[1:]).material(sent.counter)
        keys = derive(material, 80, salt=_NO_SALT, info=b"WhisperMessageKeys")
        if not hmac.compare_digest(mac, self._mac(keys[32:64], self._their_identity, body)):
            raise SignalError("the message's MAC is wrong")
        if kind == "msg":
            self._opening = None
        return aes_cbc_decrypt(keys[:32], keys[64:], sent.ciphertext)

    def _receiving_chain(self, theirs: bytes) -> _Chain:
        if theirs not in self._receiving:
            self._receiving[theirs] = self._chain_with(theirs)
            self._previous = self._sending.index if self._sending else 0
            self._sending = self._next_chain(theirs)
        return self._receiving[theirs]

    def _next_chain(self, theirs: bytes) -> _Chain:
        self._ratchet = KeyPair.generate()
        return self._chain_with(theirs)

    def _chain_with(self, theirs: bytes) -> _Chain:
        derived = derive(self._ratchet.agree(theirs), 64, salt=self._root, info=b"WhisperRatchet")
        self._root = derived[:32]
        return _Chain(derived[32:])

    def _mac(self, key: bytes, sender: bytes, body: bytes) -> bytes:
        own, theirs = self._own.identity.public, self._their_identity
        receiver = theirs if sender == own else own
        return _hmac(key, KEY_TYPE + sender + KEY_TYPE + receiver + body)[:_MAC_SIZE]


def _agreed(secrets: list[bytes]) -> tuple[bytes, bytes]:
    derived = derive(b"\xff" * 32 + b"".join(secrets), 64, salt=_NO_SALT, info=b"WhisperText")
    return derived[:32], derived[32:]


def _parse_opening(message: bytes) -> Message:
    opening: Message = _Opening.FromString(message[1:])  # type: ignore[attr-defined]
    return opening


class SenderKey:
    """One sender's key in one group: ours if it can sign, else one that was distributed."""

    def __init__(
        self, identifier: int, chain: bytes, iteration: int, public: bytes, signing: KeyPair | None
    ) -> None:
        self._id = identifier
        self._chain = _Chain(chain, iteration)
        self._public = public
        self._signing = signing

    @classmethod
    def generate(cls) -> "SenderKey":
        signing = KeyPair.generate()
        return cls(random.getrandbits(31), os.urandom(32), 0, signing.public, signing)

    @classmethod
    def distributed(cls, distribution: bytes) -> "SenderKey":
        sent = _Distribution.FromString(distribution[1:])  # type: ignore[attr-defined]
        return cls(sent.id, sent.chain, sent.iteration, sent.signing[1:], None)

    def distribution(self) -> bytes:
        """What a member needs to read the messages that follow."""
        return (
            _VERSION
            + _Distribution(
                id=self._id,
                iteration=self._chain.index,
                chain=self._chain.key,
                signing=KEY_TYPE + self._public,
            ).SerializeToString()
        )

    def encrypt(self, plaintext: bytes) -> bytes:
        if self._signing is None:
            raise SignalError("only the owner of a sender key writes with it")
        number, material = self._chain.step()
        iv, key = _group_keys(material)
        body = (
            _VERSION
            + _Broadcast(
                id=self._id, iteration=number, ciphertext=aes_cbc_encrypt(key, iv, plaintext)
            ).SerializeToString()
        )
        return body + self._signing.sign(body)

    def decrypt(self, message: bytes) -> bytes:
        """Raises SignalError for a wrong signature or a message that was read before."""
        body, signature = message[:-_SIGNATURE_SIZE], message[-_SIGNATURE_SIZE:]
        if not verify(self._public, body, signature):
            raise SignalError("the group message's signature is wrong")
        sent = _Broadcast.FromString(body[1:])  # type: ignore[attr-defined]
        iv, key = _group_keys(self._chain.material(sent.iteration))
        return aes_cbc_decrypt(key, iv, sent.ciphertext)


def _group_keys(material: bytes) -> tuple[bytes, bytes]:
    derived = derive(material, 48, salt=_NO_SALT, info=b"WhisperGroup")
    return derived[:16], derived[16:]
