"""A whole WhatsApp for one account: the server, the owner's phone, contacts and groups."""

import asyncio
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from aiohttp import web

from izer_bridge.simulator import history
from izer_bridge.simulator.binary_xml import Address, Node, Value, node
from izer_bridge.simulator.connection import SERVER
from izer_bridge.simulator.content import Content
from izer_bridge.simulator.device import LinkedDevice, bundle_in
from izer_bridge.simulator.mailbox import Delivery
from izer_bridge.simulator.media import MediaServer
from izer_bridge.simulator.network import CHAT_HOST, Network
from izer_bridge.simulator.people import (
    STATUS,
    AddressedBy,
    Group,
    Letter,
    Person,
    message_id,
    now,
)
from izer_bridge.simulator.process import PATIENCE_SECONDS
from izer_bridge.simulator.queries import Directory, group_address
from izer_bridge.simulator.server import ChatServer

OWNER_NUMBER, OWNER_LID = "+905550000001", "200000000000001"
_BROADCAST_LIST = Address("1712345678", "broadcast")
_NEWSLETTER = Address("120363000000000001", "newsletter")


@dataclass(frozen=True)
class Sent:
    """A message that somebody has sent; `chat` is the JID of its chat as the client sees it."""

    id: str
    chat: str
    content: Content
    sent_at: datetime
    delivery: Delivery


class Simulator:
    """`async with Simulator(folder)`: serves until the block ends.

    `phone` is the owner's; a client is started with `command(…)` in `environment`.
    """

    def __init__(self, folder: Path) -> None:
        owner = Person(OWNER_NUMBER, "İzer Bisiklet", OWNER_LID)
        self.media = MediaServer()
        self.directory = Directory(owner)
        self.server = ChatServer(self.directory)
        app = web.Application(client_max_size=256 * 1024**2)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self.network = Network(folder, app)

    @property
    def phone(self) -> Person:
        return self.directory.owner

    @property
    def environment(self) -> dict[str, str]:
        """The environment that a client process needs to connect here."""
        return self.network.environment

    def command(self, *arguments: str) -> list[str]:
        """The command line that runs izer-bridge so that it trusts this server."""
        launcher = [sys.executable, "-m", "izer_bridge.simulator.launch", "--root-key"]
        return [*launcher, self.server.root.public.hex(), "--", *arguments]

    async def __aenter__(self) -> Self:
        await self.network.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.network.stop()

    async def scan(self, text: str, phone: Person | None = None) -> None:
        """The phone scans a code. Raises UnknownCodeError if it is not shown now."""
        await self.server.link(text, phone or self.phone)

    async def ask_for_passkey(self) -> None:
        """What comes instead of a link if WhatsApp wants the account's passkey."""
        options = node("passkey_request_options", b'{"challenge": "AAAA", "rpId": "whatsapp.com"}')
        request = node(
            "notification",
            options,
            from_=SERVER,
            id=message_id(),
            type="passkey_prologue_request",
            t=int(now().timestamp()),
        )
        await self.server.tell_unlinked(request)

    async def ask_for_second_scan(self) -> None:
        """What may come instead of a link since July 2026: only a code with a new secret counts."""
        refresh = node(
            "notification",
            node("companion_reg_refresh"),
            from_=SERVER,
            id=message_id(),
            type="companion_reg_refresh",
            t=int(now().timestamp()),
        )
        await self.server.tell_unlinked(refresh)

    def contact(
        self,
        number: str,
        name: str,
        lid: str = "",
        addressed_by: AddressedBy = "number",
        verified_name: str = "",
    ) -> Person:
        person = Person(number, name, lid, addressed_by, verified_name)
        self.directory.people.append(person)
        return person

    def group(self, name: str, members: Sequence[Person], admins: Sequence[Person] = ()) -> Group:
        """A group that the account is in; only `admins` are its admins."""
        group = Group(group_address(name), name, tuple(members), tuple(admins))
        self.directory.groups[group.address] = group
        return group

    async def say(
        self,
        sender: Person,
        content: Content,
        *,
        to: Group | Person | None = None,
        at: datetime | None = None,
        identifier: str = "",
    ) -> Sent:
        """`sender` writes to the account, or to a group; the phone's owner to anybody.

        A sender's own client names the message: `identifier` is the id that it gives it.
        """
        is_own = sender is self.phone
        if is_own and to is None:
            raise ValueError("the owner writes to somebody")
        chat = sender.address if to is None else to.address
        letter = Letter(
            sender,
            chat,
            content,
            at or now(),
            id=identifier or message_id(),
            is_own=is_own,
            recipient_number=to.by_number if is_own and isinstance(to, Person) else None,
        )
        return await self._post(letter)

    async def to_broadcast_list(self, sender: Person, content: Content) -> Sent:
        """`sender` writes to one of their lists that the account is on."""
        letter = Letter(sender, sender.address, content, now(), by_list=_BROADCAST_LIST)
        return await self._post(letter)

    async def make_admin(self, group: Group, *admins: Person) -> Group:
        """The group's admins change, and the client is told."""
        changed = replace(group, admins=admins)
        self.directory.groups[group.address] = changed
        before = set(group.admins)
        for verb, people in (("demote", before - {*admins}), ("promote", {*admins} - before)):
            for person in people:
                who = node("participant", jid=person.by_lid or person.by_number)
                await self._tell_of_group(group, node(verb, who))
        return changed

    async def rename(self, group: Group, name: str) -> Group:
        """Somebody gives the group another subject, and the client is told."""
        changed = replace(group, name=name)
        self.directory.groups[group.address] = changed
        subject = node("subject", subject=name, s_t=int(now().timestamp()))
        await self._tell_of_group(group, subject)
        return changed

    async def _tell_of_group(self, group: Group, change: Node) -> None:
        notification = node(
            "notification",
            change,
            from_=group.address,
            id=message_id(),
            type="w:gp2",
            participant=self.phone.by_lid,
            t=int(now().timestamp()),
        )
        await self.server.mailbox.post(Delivery(notification["id"], notification))

    async def status(self, sender: Person, content: Content) -> Sent:
        return await self._post(Letter(sender, STATUS, content, now()))

    async def newsletter(self, content: Content) -> Sent:
        """A channel's message, which is not encrypted."""
        letter = Letter(self.phone, _NEWSLETTER, content, now())
        stanza = node(
            "message",
            node("plaintext", content.body.SerializeToString()),
            from_=_NEWSLETTER,
            id=letter.id,
            server_id=101,
            t=int(letter.sent_at.timestamp()),
            type="text",
        )
        delivery = Delivery(letter.id, stanza)
        await self.server.mailbox.post(delivery)
        return Sent(letter.id, str(_NEWSLETTER), content, letter.sent_at, delivery)

    async def withhold(self, sender: Person, *, type_: str = "view_once") -> Delivery:
        """`sender` writes something that WhatsApp gives only to the phone."""
        stanza = node(
            "message",
            node("unavailable", type=type_),
            **sender.direct_attributes(),
            id=message_id(),
            t=int(now().timestamp()),
            type="media",
            notify=sender.name,
        )
        return await self._deliver(stanza)

    async def call(
        self, caller: Person, *, is_video: bool = False, group: Group | None = None
    ) -> str:
        """`caller` rings; returns the call's id."""
        call_id = secrets.token_hex(16).upper()
        media = [node("audio", enc="opus", rate=16000)]
        media += [node("video", enc="vp8")] if is_video else []
        await self.signal_call(caller, call_id, "offer", *media, group=group)
        return call_id

    async def signal_call(
        self,
        caller: Person,
        call_id: str,
        tag: str,
        *media: Node,
        reason: str = "",
        group: Group | None = None,
    ) -> None:
        """A sign of the call; `terminate` with the reason `accepted_elsewhere` ends its ringing."""
        named: dict[str, Value | None] = {
            "call-id": call_id,
            "call-creator": caller.address,
            "caller_pn": caller.by_number if caller.addressed_by == "lid" else None,
            "group-jid": group.address if group else None,
            "reason": reason,
        }
        sign = node(tag, *media, **named)
        await self._deliver(
            node(
                "call",
                sign,
                from_=caller.address,
                id=message_id(),
                t=int(now().timestamp()),
                platform="android",
                version="2.26.1",
            )
        )

    async def _deliver(self, stanza: Node) -> Delivery:
        delivery = Delivery(stanza["id"], stanza)
        await self.server.mailbox.post(delivery)
        return delivery

    async def send_history(
        self,
        chats: Mapping[history.Chat, Sequence[history.OldMessage]],
        kind: history.Chunk = history.Chunk.BOOTSTRAP,
        *,
        order: int = 1,
        inline: bool = False,
    ) -> Delivery:
        """The phone sends a chunk of old messages."""
        chunk = history.history_sync(kind, chats, order)
        body = history.notification(chunk, self.media, inline=inline)
        device = self._device
        stanza = node(
            "message",
            self.phone.keys.encrypt(body, device, None),
            from_=self.phone.by_number,
            id=message_id(),
            t=int(now().timestamp()),
            type="text",
            category="peer",
        )
        return await self._deliver(stanza)

    async def acknowledged(
        self, *sent: Sent | Delivery, timeout_seconds: float = PATIENCE_SECONDS
    ) -> None:
        """Wait until the client has acknowledged all of `sent`. Raises TimeoutError."""
        async with asyncio.timeout(timeout_seconds):
            for one in sent:
                await (one.delivery if isinstance(one, Sent) else one).done.wait()

    async def drop(self) -> None:
        """Cut the connection, as a lost network does."""
        await self.network.drop()

    async def log_out(self) -> None:
        """The owner removes the device on the phone."""
        self.server.linked = None
        removed = node("conflict", type="device_removed")
        await self.server.end_stream(node("stream:error", removed, code=401))

    async def replace(self) -> None:
        """Another client connects as the same device."""
        replaced = node("conflict", type="replaced")
        await self.server.end_stream(node("stream:error", replaced))

    async def refuse(self, reason: int, **more: Value) -> None:
        """The server refuses the linked device's next logins, as it does for `reason`."""
        self.server.refusal = node("failure", reason=reason, location="sim", **more)
        await self.network.drop()

    @property
    def _device(self) -> LinkedDevice:
        if self.server.linked is None:
            raise RuntimeError("no device is linked yet")
        return self.server.linked

    async def _post(self, letter: Letter) -> Sent:
        self.media.attach(letter.content)
        device = self._device

        async def renew(receipt: Node) -> Node:
            letter.sender.keys.forget_session()
            return letter.stanza(device, bundle_in(receipt) or device.bundle())

        delivery = Delivery(letter.id, letter.stanza(device), renew)
        await self.server.mailbox.post(delivery)
        return Sent(letter.id, str(letter.to), letter.content, letter.sent_at, delivery)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if request.host.partition(":")[0] == CHAT_HOST:
            return await self.server.serve(request)
        return await self.media.serve(request)
