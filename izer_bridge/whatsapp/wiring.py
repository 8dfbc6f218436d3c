"""The link out of the settings: its session, how it links, what it does against a crash."""

from pathlib import Path

import structlog

from izer_bridge.config import Config
from izer_bridge.domain.errors import ConfigError
from izer_bridge.domain.identity import redact
from izer_bridge.host.plain_files import refuse_odd_sqlite
from izer_bridge.store.sqlite_damage import set_aside_if_damaged
from izer_bridge.whatsapp.client import session
from izer_bridge.whatsapp.client.link import LinkSettings
from izer_bridge.whatsapp.receive.receiver import CrashSafety

log = structlog.get_logger(__name__)


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


def link_settings(config: Config) -> LinkSettings:
    whatsapp = config.whatsapp
    return LinkSettings(
        whatsapp.device_name, whatsapp.number or None, whatsapp.proxy, config.shop.zone
    )


def crash_safety(config: Config) -> CrashSafety:
    whatsapp = config.whatsapp
    return CrashSafety(
        gate=whatsapp.gate, receipts=whatsapp.hold_receipts, undo=whatsapp.undo_at_risk
    )
