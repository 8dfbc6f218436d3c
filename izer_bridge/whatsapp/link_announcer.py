"""Publishes the link's state where people look: journal, systemd, terminal, command line."""

import logging
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.host import systemd
from izer_bridge.whatsapp.link_file import LinkFile, LinkNote
from izer_bridge.whatsapp.qr_terminal import QrDisplay

log = structlog.get_logger(__name__)

LINK_FILE, PICTURE = "link.json", "qr.png"
# What `izer-bridge link` sends to ask for fresh codes.
RENEW_SIGNAL = signal.SIGUSR1
_WRITE_EVERY = timedelta(hours=1)
_LEVELS = {
    **dict.fromkeys(
        (
            LinkState.LOGGED_OUT,
            LinkState.PHONE_GONE,
            LinkState.WRONG_NUMBER,
            LinkState.REPLACED,
            LinkState.BANNED,
            LinkState.OUTDATED,
            LinkState.PASSKEY,
            LinkState.REFUSED,
            LinkState.HELD,
        ),
        logging.ERROR,
    ),
    **dict.fromkeys(
        (
            LinkState.SCAN_AGAIN,
            LinkState.QR_EXPIRED,
            LinkState.DISCONNECTED,
            LinkState.UNREACHABLE,
            LinkState.PHONE_AWAY,
        ),
        logging.WARNING,
    ),
}


class Announcer:
    """Keeps its note in `state_dir` for as long as it is true."""

    def __init__(self, state_dir: Path, *, invert_qr: bool) -> None:
        self._file = LinkFile(state_dir / LINK_FILE)
        self._display = QrDisplay(sys.stdout, invert=invert_qr, picture=state_dir / PICTURE)

    @property
    def note(self) -> LinkNote:
        """The latest note, with the code that is shown."""
        return self._file.note

    @property
    def phone_seen_at(self) -> datetime | None:
        return self._file.note.phone_seen_at

    def changed(self, status: LinkStatus) -> None:
        systemd.notify(STATUS=status.sentence)
        level = _LEVELS.get(status.state, logging.INFO)
        more = {"error": status.error} if status.error else {}
        log.log(level, "link_changed", state=str(status.state), sentence=status.sentence, **more)
        self._display.hide()
        self._file.write(
            state=str(status.state),
            sentence=status.sentence,
            at=datetime.now(UTC),
            code=None,
            code_until=None,
        )

    def show_code(self, text: str, lives_seconds: int) -> None:
        until = datetime.now(UTC) + timedelta(seconds=lives_seconds)
        self._file.write(code=text, code_until=until)
        self._display.show(text, until, is_second=self._file.note.state == LinkState.SCAN_AGAIN)

    def phone_seen(self, at: datetime) -> None:
        before = self._file.note.phone_seen_at
        if before is None or at - before > _WRITE_EVERY:
            self._file.write(phone_seen_at=at)
