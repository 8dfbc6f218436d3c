"""The states of the link to WhatsApp, each with one sentence for the operator."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# WhatsApp logs linked devices out after the phone was unused for 14 days.
_LONG_SILENCE = timedelta(days=7)


class LinkState(StrEnum):
    STARTING = "starting"
    SCAN_QR_CODE = "scan_qr_code"
    SCAN_AGAIN = "scan_again"
    QR_EXPIRED = "qr_expired"
    PAIRING = "pairing"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    UNREACHABLE = "unreachable"
    LOGGED_OUT = "logged_out"
    PHONE_GONE = "phone_gone"
    PHONE_AWAY = "phone_away"
    WRONG_NUMBER = "wrong_number"
    REPLACED = "replaced"
    BANNED = "banned"
    OUTDATED = "outdated"
    PASSKEY = "passkey_requested"
    REFUSED = "refused"
    HELD = "held"
    STOPPED = "stopped"


SENTENCES: dict[LinkState, str] = {
    LinkState.STARTING: "The bridge is starting and connects to WhatsApp.",
    LinkState.SCAN_QR_CODE: "Scan the QR code with the phone: WhatsApp → Linked devices → "
    "Link a device.",
    LinkState.SCAN_AGAIN: "WhatsApp wants a second scan, also where the phone says to check its "
    "connection: scan the new code that is shown.",
    LinkState.QR_EXPIRED: "The QR codes ran out before a phone was linked; `izer-bridge link` or a "
    "restart shows fresh ones.",
    LinkState.PAIRING: "The code was scanned; the phone and the bridge are being linked.",
    LinkState.CONNECTED: "Linked and connected; messages arrive.",
    LinkState.DISCONNECTED: "The connection to WhatsApp was lost; it is being restored by itself.",
    LinkState.UNREACHABLE: "WhatsApp cannot be reached; the bridge tries again by itself.",
    LinkState.LOGGED_OUT: "The phone removed this linked device; scan the QR code that follows.",
    LinkState.PHONE_GONE: "WhatsApp on the phone was logged out, moved to another phone or banned; "
    "open WhatsApp there, then scan the QR code that follows.",
    LinkState.PHONE_AWAY: "Linked and connected, but there was no sign of the phone for long; "
    "open WhatsApp on it, or this device is logged out after 14 days.",
    LinkState.WRONG_NUMBER: "The phone that scanned has another number than whatsapp.number and "
    "was turned away; scan with the shop's phone.",
    LinkState.REPLACED: "Another program uses this linked device; stop it, then restart the "
    "bridge.",
    LinkState.BANNED: "WhatsApp has banned this number for a time; wait: the bridge connects "
    "again by itself when the ban has ended.",
    LinkState.OUTDATED: "WhatsApp refuses this version of the client; upgrade izer-bridge.",
    LinkState.PASSKEY: "WhatsApp asks this account for a passkey, which the client cannot give "
    "yet; a linked session from a backup still works (`izer-bridge restore`). Try again with "
    "`izer-bridge link` after an upgrade.",
    LinkState.REFUSED: "WhatsApp refused the connection; see the log for its reason, then restart "
    "the bridge.",
    LinkState.HELD: "The disk takes nothing, and the bridge has left WhatsApp, which keeps what "
    "arrives; make room: it connects again by itself.",
    LinkState.STOPPED: "The bridge has stopped.",
}

# Nothing goes in or out until somebody acts, or a ban ends; the others recover by themselves.
NEEDS_PERSON = frozenset(
    {
        LinkState.SCAN_QR_CODE,
        LinkState.SCAN_AGAIN,
        LinkState.QR_EXPIRED,
        LinkState.LOGGED_OUT,
        LinkState.REPLACED,
        LinkState.BANNED,
        LinkState.OUTDATED,
        LinkState.PASSKEY,
        LinkState.REFUSED,
        LinkState.HELD,
    }
)


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A state, with any particulars of this occurrence in `detail`.

    `error` is how the client words it, for the log alone.
    """

    state: LinkState
    detail: str = ""
    error: str = ""

    @property
    def is_linked(self) -> bool:
        """Whether messages arrive."""
        return self.state in (LinkState.CONNECTED, LinkState.PHONE_AWAY)

    @property
    def sentence(self) -> str:
        sentence = SENTENCES[self.state]
        return f"{sentence} ({self.detail})" if self.detail else sentence


def phone_status(seen_at: datetime, now: datetime) -> LinkStatus:
    """The status of an established link, by when the phone last gave a sign of itself."""
    silence = now - seen_at
    if silence < _LONG_SILENCE:
        return LinkStatus(LinkState.CONNECTED)
    return LinkStatus(LinkState.PHONE_AWAY, f"last sign {silence.days} days ago")
