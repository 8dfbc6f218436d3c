"""`izer-bridge link`: shows the running bridge's QR code in this terminal, a fresh one if asked."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import typer

from izer_bridge.console.options import (
    AsJson,
    ConfigFile,
    json_text,
    say,
    settings_from,
    told_errors,
)
from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.host import state_directory
from izer_bridge.whatsapp.link_announcer import LINK_FILE, PICTURE, RENEW_SIGNAL
from izer_bridge.whatsapp.link_file import LinkNote, read
from izer_bridge.whatsapp.qr_terminal import qr_screen

_LOOK_SECONDS = 0.5
# Who learns it after the scan has lost a session that still worked, perhaps.
_BEFORE_THE_SCAN = (
    "Before you scan: this is an unofficial client, and WhatsApp may ban a number that uses one.",
    "If the phone asks for a passkey after the scan, this account cannot be linked at present.",
    "Then restore a linked session (izer-bridge restore), or upgrade. A linked device: keep it.",
)
_RESTING = (LinkState.QR_EXPIRED, LinkState.PASSKEY)


def link(json_output: AsJson = False, config_file: ConfigFile = None) -> None:
    """Show the QR code of the running bridge until a phone has scanned it."""

    with told_errors():
        settings = settings_from(config_file)
        if json_output:
            _print_json(settings.state_dir)
            return
        Watch(settings.state_dir, invert=settings.whatsapp.invert_qr).run()


def _print_json(state_dir: Path) -> None:
    """The link's state; without the code, since output is easily kept."""

    note = read(state_dir / LINK_FILE)
    said = {
        "running": state_directory.holder(state_dir) is not None,
        "state": note.state,
        "sentence": note.sentence,
        "at": note.at and note.at.isoformat(),
        "phone_seen_at": note.phone_seen_at and note.phone_seen_at.isoformat(),
    }
    typer.echo(json_text(said))


class Watch:
    """Follows what the bridge says about its link; asks for fresh codes when they have run out."""

    def __init__(self, state_dir: Path, *, invert: bool) -> None:
        self._state_dir = state_dir
        self._invert = invert
        self._said = self._code = ""
        self._asked_at: datetime | None = None

    def run(self) -> None:
        """Run until the phone is linked. Raises TransientError if no bridge is running."""
        is_warned = False
        while True:
            if state_directory.holder(self._state_dir) is None:
                raise TransientError(
                    f"no bridge runs on state_dir = {self._state_dir}; start it with `izer-bridge "
                    "run` or `systemctl start izer-bridge`"
                )
            note = read(self._state_dir / LINK_FILE)
            if note.code is not None and not is_warned:
                is_warned = True
                for one in _BEFORE_THE_SCAN:
                    say(one)
            self._show(note)
            if LinkStatus(LinkState(note.state)).is_linked:
                return
            if note.state in _RESTING and note.at != self._asked_at:
                self._asked_at = note.at
                state_directory.ask(self._state_dir, RENEW_SIGNAL)
            time.sleep(_LOOK_SECONDS)

    def _show(self, note: LinkNote) -> None:
        if note.sentence != self._said:
            self._said = note.sentence
            say(note.sentence)
        if note.code is None or note.code_until is None:
            return
        if note.code != self._code:
            self._code = note.code
            size = os.get_terminal_size() if sys.stdout.isatty() else None
            picture = self._state_dir / PICTURE
            typer.echo(
                qr_screen(
                    note.code,
                    note.code_until,
                    size=size,
                    invert=self._invert,
                    picture=picture,
                    is_second=note.state == LinkState.SCAN_AGAIN,
                )
            )
        if sys.stdout.isatty():
            left = max(0, round((note.code_until - datetime.now(UTC)).total_seconds()))
            typer.echo(f"\r{left:3} s left ", nl=False)
