"""The link to WhatsApp: one client and the states it passes through. It reads no message."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from neonize._binder import ProxySettings
from neonize.aioze.client import NewAClient
from neonize.exc import NeonizeError
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import DeviceProps

from izer_bridge.domain.identity import Jid, redact
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.domain.retry import backoff_seconds
from izer_bridge.whatsapp import session
from izer_bridge.whatsapp.client.callbacks import GoCalls, Handlers
from izer_bridge.whatsapp.client.current_status import CurrentStatus
from izer_bridge.whatsapp.client.network_causes import cause_of
from izer_bridge.whatsapp.client.pairing import Pairing
from izer_bridge.whatsapp.client.states import UNLINKED, status_after
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.library.addresses import jid_of
from izer_bridge.whatsapp.library.utf8 import mended
from izer_bridge.whatsapp.receive.receiver import Receiver

log = structlog.get_logger(__name__)

_LOOK_FOR_PHONE_SECONDS = 3600.0
# After a ban the link waits at least the first time, and the second if WhatsApp names no end.
_SHORTEST_BAN_SECONDS, _BAN_SECONDS = 60.0, 3600.0
_LOGOUT_SECONDS = 30.0
# Shown in the phone's list of linked devices; the phone keeps the name of the first linking.
_DEVICE_NAME = "İzer Bridge"


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What the link tells the rest of the bridge, on the event loop.

    `show_code` gets the QR's text and its lifetime in seconds; `group_changed` a group about which
    WhatsApp announces anything, with its subject if that changed; `phone_seen` the time of the
    phone's latest sign; `banned` for how many seconds WhatsApp bans this number.
    """

    arrived: Callable[[], None]
    changed: Callable[[LinkStatus], None]
    show_code: Callable[[str, int], None]
    group_changed: Callable[[Jid, str], None]
    phone_seen: Callable[[datetime], None]
    banned: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """How to link: to which number (E.164; None: any), through which proxy.

    Times for people are shown in the shop's `zone`.
    """

    number: str | None
    proxy: str
    zone: ZoneInfo


class Link:
    """One linked device. `run` connects and keeps going until `stop`.

    `client` accepts queries and messages while `may_send`; `pairing` is asked for fresh codes.
    `account` is the linked number in E.164, None before the first linking, and `was_linked` says
    whether there was one ever; `turned_away` is the phone that scanned and was not wanted, until
    the right one has; `unlinked` is how the latest session ended. `connections` counts how often
    the client has connected; `session_file` belongs to the client.
    """

    def __init__(
        self,
        session_file: Path,
        receiver: Receiver,
        callbacks: Callbacks,
        settings: LinkSettings,
        phone_seen_at: datetime | None,
    ) -> None:
        self.account = session.account_of(session_file) if session_file.exists() else None
        self.was_linked = self.account is not None or phone_seen_at is not None
        self.turned_away = ""
        self.unlinked = LinkState.LOGGED_OUT
        self.connections = 0
        self.session_file = session_file
        self._callbacks = callbacks
        self._settings = settings
        self._proxy = ProxySettings(settings.proxy) if settings.proxy else None
        self.client = NewAClient(
            str(session_file),
            props=DeviceProps(os=_DEVICE_NAME, platformType=DeviceProps.SAFARI),
        )
        self._calls = GoCalls(
            self.client,
            receiver,
            Handlers(
                is_another=self._is_another,
                event=self._on_event,
                arrived=callbacks.arrived,
                qr_code=self._on_qr_code,
                pairing_ended=self._on_pairing_ended,
            ),
        )
        self._connected = asyncio.Event()
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._may_connect = asyncio.Event()
        self._may_connect.set()
        self._has_connected = False
        self._status = CurrentStatus(callbacks.changed, callbacks.phone_seen, phone_seen_at)
        self.pairing = Pairing(self._status, callbacks.show_code, self._wake, self._stopping)

    async def run(self) -> None:
        """Connect, show codes, and reconnect where the client does not do so by itself.

        Raises QrSeriesExhaustedError if more codes are asked for than one process can show.
        """
        session.prepare(self.session_file)
        self._calls.begin()
        attempt = 0
        while not self._stopping.is_set():
            await self._until_let_go()
            self._wake.clear()
            self.pairing.begin()
            failure = await self._connect_once()
            if self._stopping.is_set():
                return
            if self._is_held:
                continue
            if self._calls.is_foreign and await self._turn_away():
                attempt = 0
            elif failure is not None:
                attempt += 1
                self._status.become(LinkState.UNREACHABLE, cause_of(failure), failure)
                await self._pause(backoff_seconds(attempt))
            elif self._calls.is_foreign or not self.pairing.has_codes:
                attempt += 1
                await self._pause(backoff_seconds(attempt))
            else:
                attempt = 0
                await self.pairing.between_series()

    def hold(self) -> None:
        """Leave WhatsApp, which keeps what arrives, until `let_go`; it may be said again and again.

        Without a linked number nothing arrives, and a code that is shown stays.
        """
        self._may_connect.clear()
        if self._is_held and self._status.state is not LinkState.HELD:
            self._wake.set()

    def let_go(self) -> None:
        """Connect again."""
        self._may_connect.set()

    @property
    def _is_held(self) -> bool:
        return self.account is not None and not self._may_connect.is_set()

    async def _until_let_go(self) -> None:
        """Each hold costs a thread of the client for good: it never ends one that it began."""
        if not self._is_held or self._stopping.is_set():
            return
        self._connected.clear()
        if self._has_connected:
            await self.client.disconnect()
        self._status.become(LinkState.HELD)
        await self._may_connect.wait()
        if not self._stopping.is_set():
            self._status.become(LinkState.STARTING)

    async def _turn_away(self) -> bool:
        """Unlink an unwanted phone, so that the right one can scan; False if still linked."""
        is_connected = await self.connected(_LOGOUT_SECONDS)
        self._connected.clear()
        if not is_connected:
            return False
        try:
            await self.client.logout()
        except NeonizeError as error:
            log.error("logout_failed", error=str(error), hint="remove the device on that phone")
            return False
        await self._calls.drain()
        self._calls.is_foreign = False
        self.account = None
        return True

    @property
    def status(self) -> LinkStatus:
        """The link's current status."""
        return self._status.now

    def phone_seen(self, at: datetime) -> None:
        """The phone itself has done something."""
        self._status.phone_seen(at)

    async def connected(self, timeout_seconds: float) -> bool:
        """Wait until queries may be sent; False if that took too long."""
        try:
            await asyncio.wait_for(self._connected.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    @property
    def zone(self) -> ZoneInfo:
        """Where the shop is."""
        return self._settings.zone

    @property
    def may_send(self) -> bool:
        """Whether the client may be given something to send now."""
        is_ours = not self._calls.is_foreign
        return self._connected.is_set() and is_ours and not self._stopping.is_set()

    @property
    def last_event_at(self) -> float | None:
        """Monotonic time (seconds) of the client's latest event of any kind."""
        return self._calls.last_event_at

    async def stop(self) -> None:
        """Disconnect and wait until no acknowledged event is left on its way to the inbox."""
        self._stopping.set()
        self._wake.set()
        self._may_connect.set()
        if self._connected.is_set():
            self._connected.clear()
            await self.client.disconnect()
            await self._calls.drain()
        self._calls.end()
        self._status.become(LinkState.STOPPED)

    async def _connect_once(self) -> str | None:
        """Connect and stay until something requires another connect(); the reason if it failed."""
        task = await self.client.connect(self._proxy)
        self._has_connected = True
        self._calls.keep_thunks()
        wake = asyncio.create_task(self._wake.wait())
        while not task.done() and not wake.done():
            await asyncio.wait(
                {task, wake},
                timeout=_LOOK_FOR_PHONE_SECONDS,
                return_when=asyncio.FIRST_COMPLETED,
            )
            self._status.look_for_phone()
        wake.cancel()
        if not task.done():
            return None
        error = task.exception()
        if error is None:
            return None
        if not isinstance(error, NeonizeError):
            raise error
        return str(error)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return

    def _on_event(self, code: int, payload: bytes) -> None:
        match code:
            case EventCode.DEVICE:
                self._on_device(proto.Device.FromString(payload))
            case EventCode.JOINED_GROUP:
                group = mended(proto.JoinedGroup.FromString(payload)).GroupInfo
                self._on_group(group.JID, group.GroupName.Name)
            case EventCode.GROUP_INFO:
                change = mended(proto.GroupInfoEvent.FromString(payload))
                self._on_group(change.JID, change.Name.Name)
            case _:
                self._on_state(code, payload)

    def _on_group(self, address: proto.JID, name: str) -> None:
        group = jid_of(address)
        if group is not None:
            self._callbacks.group_changed(group, name)

    def _on_state(self, code: int, payload: bytes) -> None:
        status = status_after(code, payload, datetime.now(self._settings.zone))
        if status is None or self._stopping.is_set():
            return
        if status.state is LinkState.CONNECTED:
            self.connections += 1
            self.client.connected = True
            self._connected.set()
            self.pairing.linked()
            if not self._calls.is_foreign:
                self._status.become(LinkState.CONNECTED)
                self._status.look_for_phone()
            return
        self._connected.clear()
        self._status.become(status.state, status.detail)
        if status.state in UNLINKED:
            self.unlinked = status.state
            self._wake.set()
        elif status.state is LinkState.BANNED:
            seconds = proto.TemporaryBan.FromString(payload).Expire
            self._callbacks.banned(seconds)
            asyncio.get_running_loop().call_later(
                max(seconds or _BAN_SECONDS, _SHORTEST_BAN_SECONDS), self._after_ban
            )

    def _after_ban(self) -> None:
        """The client does not reconnect by itself when a ban has ended."""
        if self._status.state is LinkState.BANNED:
            self._wake.set()

    def _is_another(self, payload: bytes) -> bool:
        """Whether the linked phone is not the wanted one."""
        own = jid_of(proto.Device.FromString(payload).JID)
        wanted = self._settings.number
        return bool(wanted and own and own.number != wanted)

    def _on_device(self, device: proto.Device) -> None:
        self.client.me = device
        own = jid_of(device.JID)
        if own is None or own.number == self.account:
            return
        if self._calls.is_foreign:
            self.turned_away = redact(str(own))
            self._status.become(LinkState.WRONG_NUMBER, self.turned_away)
            self._wake.set()
            return
        self.account, self.was_linked, self.turned_away = own.number, True, ""
        self.phone_seen(datetime.now(UTC))
        log.info("account_linked", number=redact(str(own)))
        self._callbacks.arrived()

    async def _on_qr_code(self, _: NewAClient, data: bytes) -> None:
        self.pairing.code(data.decode())

    def _on_pairing_ended(self, word: str) -> None:
        self.pairing.ended(word, is_connected=self._connected.is_set())
