"""Builds the link from the settings: its session, how it links, how it survives a crash."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog

from izer_bridge.config import Config
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.identity import redact
from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.inbox.inbox import SqliteInbox
from izer_bridge.store.sqlite_damage import set_aside_if_damaged
from izer_bridge.whatsapp import session
from izer_bridge.whatsapp.client.link import Callbacks, Link, LinkSettings
from izer_bridge.whatsapp.client.lookup import KnownGroups, WhatsAppDirectory
from izer_bridge.whatsapp.client.send import WhatsAppSender
from izer_bridge.whatsapp.disk_guard import DiskGuard
from izer_bridge.whatsapp.link_announcer import Announcer
from izer_bridge.whatsapp.link_file import LinkNote
from izer_bridge.whatsapp.receive.receiver import Receiver
from izer_bridge.whatsapp.session_copies import SessionCopies

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class LinkListeners:
    """Listeners outside this room: see `Callbacks`."""

    arrived: Callable[[], None]
    changed: Callable[[LinkStatus], None]
    banned: Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Linked:
    """The link, what keeps its events and its session, and what is asked and sent over it."""

    link: Link
    receiver: Receiver
    copies: SessionCopies
    directory: WhatsAppDirectory
    sender: WhatsAppSender
    guard: DiskGuard
    announcer: Announcer

    def note(self) -> LinkNote:
        """How the link stands now, with the code that is shown."""
        status = self.link.status
        return replace(self.announcer.note, state=str(status.state), sentence=status.sentence)


def build_link(
    config: Config, session_file: Path, inbox: SqliteInbox, listeners: LinkListeners
) -> Linked:
    """`session_file` was checked."""
    announcer = Announcer(config.state_dir, invert_qr=config.whatsapp.invert_qr)
    receiver = Receiver(inbox, session_file)
    copies = SessionCopies(session_file)
    groups = KnownGroups()
    callbacks = Callbacks(
        arrived=listeners.arrived,
        show_code=announcer.show_code,
        changed=partial(_changed, copies, announcer, listeners),
        group_changed=groups.changed,
        phone_seen=announcer.phone_seen,
        banned=listeners.banned,
    )
    link = Link(session_file, receiver, callbacks, _settings(config), announcer.phone_seen_at)
    sender = WhatsAppSender(link, session_file)
    guard = DiskGuard(link, inbox, config.state_dir)
    directory = WhatsAppDirectory(link, groups)
    return Linked(link, receiver, copies, directory, sender, guard, announcer)


def checked_session(config: Config) -> Path:
    """The session's file; a damaged one is moved away. Raises ConfigError for another number's."""
    path, number = config.state_dir / "session.db", config.whatsapp.number
    refuse_odd_sqlite(path)
    if kept := set_aside_if_damaged(path):
        hint = "scan the QR code again, or `izer-bridge restore` the copy of it in sessions/"
        log.error("session_file_damaged", kept_as=str(kept), hint=hint)
    account = session.account_of(path) if path.exists() else None
    if number and account and account != number:
        raise ConfigError(
            f"whatsapp.number = {redact(number)}: {path} is linked to {redact(account)}; correct "
            "the number, or move that file away and scan anew"
        )
    return path


def _settings(config: Config) -> LinkSettings:
    whatsapp = config.whatsapp
    return LinkSettings(whatsapp.number or None, whatsapp.proxy, config.shop.zone)


def _changed(
    copies: SessionCopies, announcer: Announcer, listeners: LinkListeners, status: LinkStatus
) -> None:
    if status.state is LinkState.PAIRING:
        copies.linked()
    elif status.state is LinkState.CONNECTED:
        copies.connected()
    announcer.changed(status)
    listeners.changed(status)
