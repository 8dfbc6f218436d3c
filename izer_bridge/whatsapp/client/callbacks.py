"""Receives calls from Go, on Go's own threads.

An event that must survive is in the inbox before such a call returns; everything else is only
passed on to the event loop.
"""

import asyncio
import ctypes
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import neonize.aioze.client as client_module
from neonize.aioze.client import NewAClient

from izer_bridge.whatsapp.event_codes import DURABLE, EventCode
from izer_bridge.whatsapp.library.thread_state import CallCount, keep_thread_state
from izer_bridge.whatsapp.receive.receiver import Receiver

_IDLE_SECONDS = 0.2
_LONGEST_DRAIN_SECONDS = 5.0
_SUBSCRIBED = tuple(set(EventCode) - {EventCode.DEVICE, EventCode.GAP})


@dataclass(frozen=True, slots=True)
class Handlers:
    """Callees on the event loop; only `is_another` is called on a Go thread.

    `event` gets a code and its payload, `qr_code` the client and the code's text, `pairing_ended`
    one word that says how. `is_another` says whether a linked device belongs to an unwanted
    account.
    """

    is_another: Callable[[bytes], bool]
    event: Callable[[int, bytes], None]
    arrived: Callable[[], None]
    qr_code: Callable[[NewAClient, bytes], Awaitable[None]]
    pairing_ended: Callable[[str], None]


class GoCalls:
    """The client's callbacks, replaced before it connects.

    `last_event_at` is the monotonic time (seconds) of the latest event of any kind. Events of an
    account that `is_foreign` are not kept.
    """

    def __init__(self, client: NewAClient, receiver: Receiver, handlers: Handlers) -> None:
        self.last_event_at: float | None = None
        self.is_foreign = False
        self._client = client
        self._receiver = receiver
        self._handlers = handlers
        self._has_told = False
        self._calls = CallCount()
        self._kept_thunks: list[Any] = []
        client_module.log_whatsmeow = receiver.on_log
        client_module.log.setLevel(receiver.log_level)
        # connect() wraps these attributes for Go.
        client.event.execute = self._on_event
        client.event.list_func = dict.fromkeys(map(int, _SUBSCRIBED))
        client.event._qr = handlers.qr_code
        client._NewAClient__onLoginStatus = self._on_login_status

    def begin(self) -> None:
        """Call before the first connect(), on the event loop that the handlers run on."""
        self._loop = asyncio.get_running_loop()
        self._receiver.start(self._tell_of_arrival)

    def keep_thunks(self) -> None:
        """Call after each connect(): what Go may still call must not be freed (neonize #202)."""
        self._kept_thunks.append(self._client._connect_refs)

    async def drain(self) -> None:
        """The client hands over up to 100 acknowledged events after its socket is closed."""
        deadline = self._loop.time() + _LONGEST_DRAIN_SECONDS
        while self._loop.time() < deadline:
            before = self._calls.total
            await asyncio.sleep(_IDLE_SECONDS)
            if self._calls.total == before and self._calls.running == 0:
                return

    def end(self) -> None:
        """Every event that arrived is in the inbox when this returns."""
        self._receiver.stop()

    def _on_event(self, _: int, address: int | None, size: int, code: int) -> None:
        """Called by Go, one event after the other; returns when the client may forget the event."""
        keep_thread_state()
        with self._calls:
            self.last_event_at = time.monotonic()
            payload = ctypes.string_at(address, size) if address and size else b""
            if code == EventCode.DEVICE:
                self.is_foreign = self._handlers.is_another(payload)
            if code not in DURABLE:
                self._loop.call_soon_threadsafe(self._handlers.event, code, payload)
            elif not self.is_foreign:
                self._receiver.receive(code, payload)

    def _tell_of_arrival(self) -> None:
        """Wake the event loop once, however many events arrive before it looks."""
        if not self._has_told:
            self._has_told = True
            self._loop.call_soon_threadsafe(self._on_arrival)

    def _on_arrival(self) -> None:
        # Reset first: an event that arrives from here on wakes it again.
        self._has_told = False
        self._handlers.arrived()

    def _on_login_status(self, _: int, status: int) -> None:
        """Called by Go when pairing ended."""
        word = ctypes.string_at(status).decode(errors="replace") if status else ""
        self._loop.call_soon_threadsafe(self._handlers.pairing_ended, word)
