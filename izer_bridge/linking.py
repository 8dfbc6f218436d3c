"""The link out of the settings: its session, its terms, its care, and what its events hold."""

from pathlib import Path

import structlog

from izer_bridge.config import Config
from izer_bridge.edges.whatsapp import session
from izer_bridge.edges.whatsapp.convert import is_from_phone, messages_of, receipts_of
from izer_bridge.edges.whatsapp.link import Link, Terms
from izer_bridge.edges.whatsapp.receiver import Care
from izer_bridge.edges.whatsapp.suspicion import gaps_of
from izer_bridge.model.errors import ConfigError, TransientError
from izer_bridge.model.gap import Gap
from izer_bridge.model.identity import redact
from izer_bridge.model.message import Message
from izer_bridge.pipeline.ports import InboxEntry
from izer_bridge.pipeline.reply_ports import Receipt
from izer_bridge.store.damage import set_aside_if_damaged

log = structlog.get_logger(__name__)


def checked_session(config: Config) -> Path:
    """The session's file; a damaged one is moved away. Raises ConfigError for another number's."""
    path, number = config.state_dir / "session.db", config.whatsapp.number
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


def terms(config: Config) -> Terms:
    whatsapp = config.whatsapp
    return Terms(whatsapp.device_name, whatsapp.number or None, whatsapp.proxy, config.shop.zone)


def care(config: Config) -> Care:
    whatsapp = config.whatsapp
    return Care(gate=whatsapp.gate, receipts=whatsapp.hold_receipts, undo=whatsapp.undo_at_risk)


def contents(entry: InboxEntry, link: Link) -> list[Message | Gap | Receipt]:
    """What an event of the client holds. Raises TransientError while nobody knows whose it is."""
    if link.account is None:
        raise TransientError("WhatsApp has not said yet which number is linked")
    if is_from_phone(entry.code, entry.payload):
        link.phone_seen(entry.received_at)
    return [
        *messages_of(entry.code, entry.payload, link.account),
        *gaps_of(entry.code, entry.payload, link.account, entry.received_at),
        *receipts_of(entry.code, entry.payload, link.account),
    ]
