"""The people who write to the client: contacts, groups and the owner's phone, each with keys.

They encrypt and address; the server delivers.
"""

import copy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
from neonize.proto.waVnameCert.WAWebProtobufsVnameCert_pb2 import VerifiedNameCertificate

from izer_bridge.simulator.binary_xml import LID_SERVER, NUMBER_SERVER, Address, Node, Value, node
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.device import LinkedDevice
from izer_bridge.simulator.signal import (
    PreKeyBundle,
    PreKeys,
    SenderKey,
    Session,
    SignalError,
    pad,
    unpad,
)

AddressedBy = Literal["number", "lid", "lid_only"]
GROUP_SERVER, STATUS = "g.us", Address("status", "broadcast")


def message_id() -> str:
    return f"3EB0{secrets.token_hex(9).upper()}"


@dataclass(frozen=True)
class Group:
    """A group by its subject; its members are contacts, and the linked account is in it."""

    address: Address
    name: str
    members: "tuple[Person, ...]"
    admins: "tuple[Person, ...]" = ()

    @property
    def jid(self) -> str:
        return str(self.address)


class Keyring:
    """One person's sessions with the linked device, and their sender keys by group."""

    def __init__(self) -> None:
        self.own = PreKeys()
        self._session: Session | None = None
        self._own_keys: dict[Address, SenderKey] = {}
        self._their_keys: dict[Address, SenderKey] = {}

    def forget_session(self) -> None:
        """Start again, as after a retry receipt."""
        self._session = None
        self._own_keys.clear()

    def encrypt(self, body: Message, device: LinkedDevice, bundle: PreKeyBundle | None) -> Node:
        if self._session is None:
            self._session = Session.initiate(self.own, bundle or device.bundle())
        kind, ciphertext = self._session.encrypt(pad(body.SerializeToString()))
        return node("enc", ciphertext, v=2, type=kind)

    def encrypt_for_group(
        self, body: Message, group: Address, device: LinkedDevice, bundle: PreKeyBundle | None
    ) -> list[Node]:
        """The group's ciphertext, preceded by the sender key if the device does not have it yet."""
        nodes = []
        if group not in self._own_keys:
            key = self._own_keys[group] = SenderKey.generate()
            introduction = Message()
            part = introduction.senderKeyDistributionMessage
            part.groupID = str(group)
            part.axolotlSenderKeyDistributionMessage = key.distribution()
            nodes.append(self.encrypt(introduction, device, bundle))
        ciphertext = self._own_keys[group].encrypt(pad(body.SerializeToString()))
        return [*nodes, node("enc", ciphertext, v=2, type="skmsg")]

    def decrypt(self, enc: Node, group: Address | None) -> Message:
        """Decrypt what the client sent. Raises SignalError, and then nothing has changed."""
        if enc["type"] == "skmsg":
            return Message.FromString(unpad(self._their_key(group).decrypt(enc.data)))
        session = self._session_for(enc)
        body = Message.FromString(unpad(session.decrypt(enc["type"], enc.data)))
        self._session = session
        if group is not None and body.HasField("senderKeyDistributionMessage"):
            distribution = body.senderKeyDistributionMessage.axolotlSenderKeyDistributionMessage
            self._their_keys[group] = SenderKey.distributed(distribution)
        return body

    def _session_for(self, enc: Node) -> Session:
        """A copy to try `enc` on; a new one if `enc` opens a session that we do not have."""
        is_opening = enc["type"] == "pkmsg"
        if self._session and not (is_opening and self._session.is_other_than(enc.data)):
            return copy.deepcopy(self._session)
        if is_opening:
            return Session.accept(self.own, enc.data)
        raise SignalError("a message without a session")

    def _their_key(self, group: Address | None) -> SenderKey:
        if group is None or group not in self._their_keys:
            raise SignalError("a group message before its sender key")
        return self._their_keys[group]


@dataclass(eq=False)
class Person:
    """A person with a number, a LID or both; `addressed_by` is how their messages are addressed.

    With `lid_only` the client is never told the number. A business has a `verified_name`.
    """

    number: str
    name: str
    lid: str = ""
    addressed_by: AddressedBy = "number"
    verified_name: str = ""
    keys: Keyring = field(default_factory=Keyring, repr=False)

    @property
    def by_number(self) -> Address:
        return Address(self.number.lstrip("+"), NUMBER_SERVER)

    @property
    def by_lid(self) -> Address | None:
        return Address(self.lid, LID_SERVER) if self.lid else None

    @property
    def address(self) -> Address:
        """The JID of their direct chat on the wire."""
        if self.addressed_by == "number" or self.by_lid is None:
            return self.by_number
        return self.by_lid

    def certificate(self) -> list[Node]:
        """What WhatsApp adds to a business's messages."""
        if not self.verified_name:
            return []
        certificate = VerifiedNameCertificate()
        details = VerifiedNameCertificate.Details(verifiedName=self.verified_name)
        certificate.details = details.SerializeToString()
        return [node("verified_name", certificate.SerializeToString(), v=1)]

    def is_at(self, address: Address) -> bool:
        return address.bare in (self.by_number, self.by_lid)

    def direct_attributes(self) -> dict[str, Value | None]:
        """The sender attributes of a direct message."""
        match self.addressed_by:
            case "number":
                return {"from_": self.by_number, "sender_lid": self.by_lid}
            case "lid":
                return {"from_": self.by_lid, "sender_pn": self.by_number}
            case "lid_only":
                return {"from_": self.by_lid}

    def group_attributes(self, group: Address) -> dict[str, Value | None]:
        """The sender attributes of a message to a group or a status."""
        if self.by_lid is None:
            return {"from_": group, "participant": self.by_number, "addressing_mode": "pn"}
        number = None if self.addressed_by == "lid_only" else self.by_number
        return {
            "from_": group,
            "participant": self.by_lid,
            "participant_pn": number,
            "addressing_mode": "lid",
        }


@dataclass(frozen=True)
class Letter:
    """One message of `sender`, which can be encrypted as often as needed.

    `by_list` is the sender's broadcast list that it goes to, to each member separately.
    """

    sender: Person
    to: Address
    content: Content
    sent_at: datetime
    id: str = field(default_factory=message_id)
    is_own: bool = False
    recipient_number: Address | None = None
    by_list: Address | None = None

    @property
    def _is_many(self) -> bool:
        return self.to.server == GROUP_SERVER or self.to == STATUS

    def stanza(self, device: LinkedDevice, bundle: PreKeyBundle | None = None) -> Node:
        """The stanza for `device`, with `bundle` instead of published keys after a retry."""
        keys, body = self.sender.keys, self._body()
        if self._is_many:
            parts = keys.encrypt_for_group(body, self.to, device, bundle)
        else:
            parts = [keys.encrypt(body, device, bundle)]
        if self.content.hides:
            parts = [_with(part, {"decrypt-fail": "hide"}) for part in parts]
        if bundle is not None:
            parts = [_with(part, {"count": "1"}) for part in parts]
        return node(
            "message",
            *parts,
            *self.sender.certificate(),
            **self._addressing(),
            id=self.id,
            t=int(self.sent_at.timestamp()),
            type=self.content.stanza_type,
            notify=self.sender.name,
            edit=self.content.edit,
        )

    def _body(self) -> Message:
        if not self.is_own or self._is_many:
            return self.content.body
        sent = Message()
        sent.deviceSentMessage.destinationJID = str(self.to)
        sent.deviceSentMessage.message.CopyFrom(self.content.body)
        sent.messageContextInfo.CopyFrom(self.content.body.messageContextInfo)
        return sent

    def _addressing(self) -> dict[str, Value | None]:
        if self._is_many:
            return self.sender.group_attributes(self.to)
        if self.by_list is not None:
            return self.sender.group_attributes(self.by_list)
        if not self.is_own:
            return self.sender.direct_attributes()
        return {
            "from_": self.sender.by_lid,
            "recipient": self.to,
            "peer_recipient_pn": self.recipient_number,
        }


def _with(part: Node, attributes: Mapping[str, str]) -> Node:
    return Node(part.tag, {**part.attributes, **attributes}, part.content)


def now() -> datetime:
    return datetime.now(UTC)
