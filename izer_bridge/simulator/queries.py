"""The minimal answers to a client's queries with which it continues; pure but for key uploads."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from izer_bridge.simulator.binary_xml import LID_SERVER, Address, Node, node
from izer_bridge.simulator.device import LinkedDevice
from izer_bridge.simulator.media import AUTH
from izer_bridge.simulator.network import MEDIA_HOST
from izer_bridge.simulator.people import GROUP_SERVER, Group, Person

_KEY_TYPE = b"\x05"
_DAY_SECONDS = 86_400
_CREATED = 1_700_000_000
_PRIVACY = ("readreceipts", "profile", "status", "online", "last", "groupadd", "calladd")


class RefusedError(Exception):
    """The server answers with an error of this code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code}")
        self.code = code


@dataclass
class Directory:
    """Everybody and every group that the server knows; the phone's owner is a person too."""

    owner: Person
    people: list[Person] = field(default_factory=list)
    groups: dict[Address, Group] = field(default_factory=dict)

    def person_at(self, address: Address) -> Person | None:
        return next((one for one in [self.owner, *self.people] if one.is_at(address)), None)


class Queries:
    """Answers `iq` stanzas of the linked device."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._answers: dict[tuple[str, str], Callable[[Node, LinkedDevice], Sequence[Node]]] = {
            ("encrypt", "count"): _prekey_count,
            ("encrypt", "registration"): _upload_prekeys,
            ("encrypt", "key"): self._bundles,
            ("w:sync:app:state", "sync"): _collections,
            ("w:m", "media_conn"): _media,
            ("usync", "usync"): self._usync,
            ("privacy", "privacy"): _privacy,
            ("w:g2", "query"): self._group,
            ("w:g2", "participating"): self._groups,
            ("blocklist", ""): lambda *_: [node("list", dhash="none")],
            ("status", "privacy"): lambda *_: [node("privacy", node("list", type="contacts"))],
            ("w:profile:picture", "picture"): _refuse,
            ("w:mex", "query"): lambda *_: [node("result", b'{"data":{}}')],
        }

    def answer(self, query: Node, device: LinkedDevice) -> Sequence[Node]:
        """The content of the result; nothing if none is needed. Raises RefusedError."""
        first = query.children[0].tag if query.children else ""
        answer = self._answers.get((query.get("xmlns"), first))
        return answer(query, device) if answer else ()

    def _bundles(self, query: Node, _: LinkedDevice) -> Sequence[Node]:
        return [node("list", *map(self._bundle, query.require("key").children))]

    def _bundle(self, user: Node) -> Node:
        person = self._directory.person_at(user.address("jid"))
        if person is None:
            return node("user", node("error", code=404, text="not-found"), jid=user.address("jid"))
        bundle = person.keys.own.bundle()
        parts = [
            node("registration", bundle.registration.to_bytes(4, "big")),
            node("type", _KEY_TYPE),
            node("identity", bundle.identity),
        ]
        if bundle.one_time is not None:
            identifier, key = bundle.one_time
            parts.append(node("key", _number(identifier), node("value", key)))
        parts.append(
            node(
                "skey",
                _number(bundle.signed_id),
                node("value", bundle.signed),
                node("signature", bundle.signature),
            )
        )
        return node("user", *parts, jid=user.address("jid"))

    def _usync(self, query: Node, _: LinkedDevice) -> Sequence[Node]:
        asked = query.require("usync", "query").children
        users = query.require("usync", "list").children
        found = [self._user(user, [part.tag for part in asked]) for user in users]
        attributes = dict(query.require("usync").attributes)
        return [Node("usync", attributes, (node("list", *found),))]

    def _user(self, user: Node, asked: Sequence[str]) -> Node:
        address = _asked_address(user)
        person = self._directory.person_at(address) if address else None
        parts = []
        if "contact" in asked:
            parts.append(node("contact", type="in" if person else "out"))
        if "lid" in asked and person is not None and person.by_lid is not None:
            parts.append(node("lid", val=person.by_lid))
        if "devices" in asked:
            devices = node("device-list", node("device", id=0))
            parts.append(node("devices", devices))
        return node("user", *parts, jid=address)

    def _group(self, query: Node, _: LinkedDevice) -> Sequence[Node]:
        group = self._directory.groups.get(query.address("to"))
        if group is None:
            raise RefusedError(404)
        return [self._described(group)]

    def _groups(self, *_: object) -> Sequence[Node]:
        return [node("groups", *map(self._described, self._directory.groups.values()))]

    def _described(self, group: Group) -> Node:
        people = [self._directory.owner, *group.members]
        return node(
            "group",
            *(
                node(
                    "participant",
                    jid=one.by_lid or one.by_number,
                    phone_number=one.by_number,
                    type="admin" if one in group.admins else None,
                )
                for one in people
            ),
            id=group.address.user,
            subject=group.name,
            creator=self._directory.owner.by_number,
            creation=_CREATED,
            s_t=_CREATED,
            addressing_mode=LID_SERVER,
        )


def _asked_address(user: Node) -> Address | None:
    if "jid" in user.attributes:
        return user.address("jid")
    contact = user.child("contact")
    return None if contact is None else Address.parse(f"{contact.data.decode()}@s.whatsapp.net")


def _number(value: int) -> Node:
    return node("id", value.to_bytes(3, "big"))


def _prekey_count(_: Node, device: LinkedDevice) -> Sequence[Node]:
    return [node("count", value=len(device.one_time))]


def _upload_prekeys(query: Node, device: LinkedDevice) -> Sequence[Node]:
    device.upload(query)
    return ()


def _collections(query: Node, _: LinkedDevice) -> Sequence[Node]:
    asked = query.require("sync").children
    return [node("sync", *(node("collection", name=one["name"], version=0) for one in asked))]


def _media(*_: object) -> Sequence[Node]:
    host = node("host", hostname=MEDIA_HOST)
    lasting = {"ttl": _DAY_SECONDS, "auth_ttl": _DAY_SECONDS, "max_buckets": 12}
    return [node("media_conn", host, auth=AUTH, **lasting)]


def _privacy(query: Node, _: LinkedDevice) -> Sequence[Node]:
    if query["type"] != "get":
        return ()
    return [node("privacy", *(node("category", name=name, value="all") for name in _PRIVACY))]


def _refuse(*_: object) -> Sequence[Node]:
    raise RefusedError(404)


def group_address(name: str) -> Address:
    """An invented address that a name always gets."""
    digits = int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big")
    return Address(f"120363{digits:018d}"[:18], GROUP_SERVER)
