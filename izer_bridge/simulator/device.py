"""The linked device as the server and the phone know it: the client under test."""

from dataclasses import dataclass, field

from neonize.proto.waWa6.WAWebProtobufsWa6_pb2 import ClientPayload

from izer_bridge.simulator.binary_xml import LID_SERVER, NUMBER_SERVER, Address, Node
from izer_bridge.simulator.signal import PreKeyBundle

FIRST_DEVICE = 7


@dataclass
class LinkedDevice:
    """The keys that the client registered with, and the one-time keys that it uploads."""

    noise: bytes
    identity: bytes
    registration: int
    signed_id: int
    signed: bytes
    signature: bytes
    number: str
    lid: str
    index: int = FIRST_DEVICE
    one_time: list[tuple[int, bytes]] = field(default_factory=list)

    @classmethod
    def registered(
        cls, noise: bytes, data: ClientPayload.DevicePairingRegistrationData, number: str, lid: str
    ) -> "LinkedDevice":
        return cls(
            noise=noise,
            identity=data.eIdent,
            registration=int.from_bytes(data.eRegid, "big"),
            signed_id=int.from_bytes(data.eSkeyID, "big"),
            signed=data.eSkeyVal,
            signature=data.eSkeySig,
            number=number,
            lid=lid,
        )

    @property
    def by_number(self) -> Address:
        return Address(self.number, NUMBER_SERVER, self.index)

    @property
    def by_lid(self) -> Address:
        return Address(self.lid, LID_SERVER, self.index)

    def upload(self, keys: Node) -> None:
        """Take the prekeys of an `encrypt set`."""
        for key in keys.require("list").children:
            identifier = int.from_bytes(key.require("id").data, "big")
            self.one_time.append((identifier, key.require("value").data))

    def bundle(self) -> PreKeyBundle:
        """The bundle for a sender who writes first; each one-time key is given out once."""
        return PreKeyBundle(
            registration=self.registration,
            identity=self.identity,
            signed_id=self.signed_id,
            signed=self.signed,
            signature=self.signature,
            one_time=self.one_time.pop(0) if self.one_time else None,
        )


def bundle_in(receipt: Node) -> PreKeyBundle | None:
    """The fresh keys that come with a retry receipt."""
    keys = receipt.child("keys")
    if keys is None:
        return None
    signed, one_time = keys.require("skey"), keys.child("key")
    return PreKeyBundle(
        registration=int.from_bytes(receipt.require("registration").data, "big"),
        identity=keys.require("identity").data,
        signed_id=int.from_bytes(signed.require("id").data, "big"),
        signed=signed.require("value").data,
        signature=signed.require("signature").data,
        one_time=None
        if one_time is None
        else (int.from_bytes(one_time.require("id").data, "big"), one_time.require("value").data),
    )
