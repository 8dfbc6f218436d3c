"""Links a phone: which codes are shown, when they pause, and how a scan ended."""

import asyncio
from collections.abc import Callable

import structlog

from izer_bridge.domain.link_state import LinkState
from izer_bridge.whatsapp.client.current_status import CurrentStatus
from izer_bridge.whatsapp.qr_series import QrSeries

log = structlog.get_logger(__name__)


class QrSeriesExhaustedError(Exception):
    """So many codes were asked for that only a fresh process can show more."""


class Pairing:
    """`show_code` gets a code's text and its lifetime in seconds.

    `wake` is set if the client must reconnect for codes, and when the link is `stopping`.
    """

    def __init__(
        self,
        status: CurrentStatus,
        show_code: Callable[[str, int], None],
        wake: asyncio.Event,
        stopping: asyncio.Event,
    ) -> None:
        self._status = status
        self._show_code = show_code
        self._wake = wake
        self._stopping = stopping
        self._series = QrSeries()
        self._is_resting = False

    @property
    def has_codes(self) -> bool:
        """Whether the client has shown a code since it connected."""
        return self._series.has_codes

    def begin(self) -> None:
        """Call when the client is about to connect."""
        self._series.begin()

    def linked(self) -> None:
        """Call when a phone has been linked."""
        self._series.rested()

    def renew(self) -> None:
        """Ask for fresh codes; harmless while some are shown or a phone is linked."""
        if self._is_resting:
            self._wake.set()

    async def between_series(self) -> None:
        """Continue at once with the next codes, or pause until somebody asks for them.

        Raises QrSeriesExhaustedError.
        """
        if not self._series.ended() and self._status.state is not LinkState.PASSKEY:
            return
        log.warning("qr_codes_rest", hint="`izer-bridge link` or a restart shows fresh ones")
        self._wake.clear()
        self._is_resting = True
        await self._wake.wait()
        self._is_resting = False
        if self._stopping.is_set():
            return
        self._series.rested()
        self._status.become(LinkState.STARTING)
        if self._series.is_exhausted:
            raise QrSeriesExhaustedError

    def code(self, text: str) -> None:
        """The client has created a code."""
        lives = self._series.code(text)
        # The client has changed its secret for the passkey: this series' codes are dead.
        if self._status.state is LinkState.PASSKEY:
            return
        second = self._series.wants_second_scan
        self._status.become(LinkState.SCAN_AGAIN if second else LinkState.SCAN_QR_CODE)
        self._show_code(text, lives)

    def ended(self, word: str, *, is_connected: bool) -> None:
        """The client reports in one word how the scan ended."""
        log.info("pairing_ended", outcome=word)
        if word == "success":
            self._status.become(LinkState.PAIRING)
        elif "passkey" in word:
            self._status.become(LinkState.PASSKEY)
        elif not is_connected:
            if self._status.state is not LinkState.PASSKEY:
                self._status.become(LinkState.QR_EXPIRED, self._why_expired(word))
            self._wake.set()

    def _why_expired(self, word: str) -> str:
        if self._series.wants_second_scan:
            return "a code was scanned; the new code that WhatsApp wanted then was not"
        return "" if word == "timeout" else word
