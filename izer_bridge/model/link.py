"""The states of the link to WhatsApp, each with the one sentence that an operator reads."""

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    STARTING = "starting"
    SCAN_QR_CODE = "scan_qr_code"
    QR_EXPIRED = "qr_expired"
    PAIRING = "pairing"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    UNREACHABLE = "unreachable"
    LOGGED_OUT = "logged_out"
    REPLACED = "replaced"
    BANNED = "banned"
    OUTDATED = "outdated"
    PASSKEY = "passkey_requested"
    REFUSED = "refused"
    STOPPED = "stopped"


SENTENCES: dict[LinkState, str] = {
    LinkState.STARTING: "The bridge is starting and connects to WhatsApp.",
    LinkState.SCAN_QR_CODE: "Scan the QR code with the phone: WhatsApp → Linked devices → "
    "Link a device.",
    LinkState.QR_EXPIRED: "No phone scanned the QR codes in time; a fresh series follows.",
    LinkState.PAIRING: "The code was scanned; the phone and the bridge are being linked.",
    LinkState.CONNECTED: "Linked and connected; messages arrive.",
    LinkState.DISCONNECTED: "The connection to WhatsApp was lost; it is being restored by itself.",
    LinkState.UNREACHABLE: "WhatsApp cannot be reached; the bridge tries again by itself.",
    LinkState.LOGGED_OUT: "The phone removed this linked device; scan the QR code that follows.",
    LinkState.REPLACED: "Another program uses this linked device; stop it, then restart the "
    "bridge.",
    LinkState.BANNED: "WhatsApp has banned this number for a time; wait until the ban ends, then "
    "restart the bridge.",
    LinkState.OUTDATED: "WhatsApp refuses this version of the client; upgrade izer-bridge.",
    LinkState.PASSKEY: "WhatsApp asks for a passkey, which linked devices cannot give yet; confirm "
    "the passkey on the phone, then restart the bridge and scan again.",
    LinkState.REFUSED: "WhatsApp refused the connection; see the log for its reason, then restart "
    "the bridge.",
    LinkState.STOPPED: "The bridge has stopped.",
}

# Nothing goes in or out until somebody does something; the others mend themselves.
NEEDS_PERSON = frozenset(
    {
        LinkState.SCAN_QR_CODE,
        LinkState.QR_EXPIRED,
        LinkState.LOGGED_OUT,
        LinkState.REPLACED,
        LinkState.BANNED,
        LinkState.OUTDATED,
        LinkState.PASSKEY,
        LinkState.REFUSED,
    }
)


@dataclass(frozen=True, slots=True)
class LinkStatus:
    """A state with what is special about this time, if anything (`detail`)."""

    state: LinkState
    detail: str = ""

    @property
    def sentence(self) -> str:
        sentence = SENTENCES[self.state]
        return f"{sentence} ({self.detail})" if self.detail else sentence
