"""What is wrong with the link to WhatsApp, from its state; pure."""

from collections.abc import Iterator

from izer_bridge.conditions.facts import LinkFacts
from izer_bridge.domain.condition import Condition, ConditionName, ConditionsSeen, Severity, error
from izer_bridge.domain.link_state import LinkState

# Keepalives are sent every half a minute; the client gives up a connection after three minutes.
SILENT_SECONDS = 600.0

_N, _S = ConditionName, Severity
LINK_NAMES = frozenset(
    {
        *(_N.BANNED, _N.LOGGED_OUT, _N.NOT_LINKED, _N.WRONG_PHONE, _N.REPLACED, _N.OUTDATED),
        *(_N.PASSKEY_WANTED, _N.REFUSED, _N.WHATSAPP_SILENT, _N.DISCONNECTED, _N.PHONE_AWAY),
    }
)
_SCAN = "scan the QR code with the shop's phone: izer-bridge link shows it"
_AWAY = "it is tried again by itself; if it lasts: this machine's network, or whatsapp.proxy"
_OF_STATE: dict[LinkState, tuple[ConditionName, Severity, str, str]] = {
    LinkState.BANNED: (
        _N.BANNED,
        _S.ERROR,
        "WhatsApp has banned this number for a time",
        "wait: the bridge connects again when the ban has ended; call customers meanwhile, and "
        "look at what was sent before it: izer-bridge outbox list --all",
    ),
    LinkState.LOGGED_OUT: (
        _N.LOGGED_OUT,
        _S.ERROR,
        "the phone has removed this linked device: no message arrives",
        _SCAN,
    ),
    LinkState.PHONE_GONE: (
        _N.LOGGED_OUT,
        _S.ERROR,
        "WhatsApp on the phone was logged out, moved to another phone or banned: no message "
        "arrives",
        f"open WhatsApp on the phone, then {_SCAN}",
    ),
    LinkState.REPLACED: (
        _N.REPLACED,
        _S.ERROR,
        "another program uses this linked device: no message arrives here",
        "stop that program (a second bridge with a copy of this session?), then: systemctl "
        "restart izer-bridge",
    ),
    LinkState.OUTDATED: (
        _N.OUTDATED,
        _S.ERROR,
        "WhatsApp refuses this version of the client: no message arrives",
        "sudo make upgrade, from a newer checkout",
    ),
    LinkState.PASSKEY: (
        _N.PASSKEY_WANTED,
        _S.ERROR,
        "WhatsApp asks this account for a passkey, which the client cannot give yet",
        "restore a linked session (izer-bridge restore), or try izer-bridge link after an upgrade",
    ),
    LinkState.REFUSED: (
        _N.REFUSED,
        _S.ERROR,
        "WhatsApp has refused the connection: no message arrives",
        "see the reason in the log, then: systemctl restart izer-bridge",
    ),
    LinkState.DISCONNECTED: (
        _N.DISCONNECTED,
        _S.WARNING,
        "the connection to WhatsApp is lost; WhatsApp keeps what arrives",
        _AWAY,
    ),
    LinkState.UNREACHABLE: (
        _N.DISCONNECTED,
        _S.WARNING,
        "WhatsApp cannot be reached; it keeps what arrives",
        _AWAY,
    ),
    LinkState.HELD: (
        _N.DISCONNECTED,
        _S.WARNING,
        "the bridge has left WhatsApp while its disk takes nothing; WhatsApp keeps what arrives",
        "make room on the disk of state_dir: it connects again by itself",
    ),
    LinkState.PHONE_AWAY: (
        _N.PHONE_AWAY,
        _S.WARNING,
        "there was no sign of the phone for long; after 14 days it is logged out",
        "open WhatsApp on the phone",
    ),
}
_UNSCANNED = frozenset(
    {
        LinkState.SCAN_QR_CODE,
        LinkState.SCAN_AGAIN,
        LinkState.QR_EXPIRED,
        LinkState.WRONG_NUMBER,
    }
)
# Transitional states: earlier conditions are neither over nor worse.
_BETWEEN = frozenset({LinkState.STARTING, LinkState.PAIRING, LinkState.STOPPED})
_MAY_BE_SILENT = frozenset(
    {
        LinkState.STARTING,
        LinkState.CONNECTED,
        LinkState.PHONE_AWAY,
        LinkState.DISCONNECTED,
        LinkState.UNREACHABLE,
    }
)


def of_link(facts: LinkFacts | None) -> ConditionsSeen:
    if facts is None:
        return ConditionsSeen(unseen=LINK_NAMES)
    found = [*_of_state(facts), *_of_stranger(facts), *_of_silence(facts)]
    if facts.status.state in _BETWEEN:
        return ConditionsSeen(found, LINK_NAMES - {_N.WRONG_PHONE, _N.WHATSAPP_SILENT})
    return ConditionsSeen(found)


def _of_state(facts: LinkFacts) -> Iterator[Condition]:
    status = facts.status
    if status.state in _UNSCANNED:
        yield _unscanned(facts)
    elif status.state in _OF_STATE:
        name, severity, sentence, remedy = _OF_STATE[status.state]
        sentence = f"{sentence} ({status.detail})" if status.detail else sentence
        yield Condition(name, severity, sentence, remedy)


def _unscanned(facts: LinkFacts) -> Condition:
    if facts.was_linked:
        _, _, sentence, remedy = _OF_STATE[facts.unlinked]
        return error(_N.LOGGED_OUT, sentence, remedy)
    return error(_N.NOT_LINKED, "no number is linked yet", _SCAN)


def _of_stranger(facts: LinkFacts) -> Iterator[Condition]:
    if facts.turned_away:
        sentence = f"another phone ({facts.turned_away}) has scanned the code and was turned away"
        remedy = "scan with the shop's phone, or set whatsapp.number right"
        yield error(_N.WRONG_PHONE, sentence, remedy)


def _of_silence(facts: LinkFacts) -> Iterator[Condition]:
    silent = facts.silent_seconds
    if silent is None or silent < SILENT_SECONDS or facts.status.state not in _MAY_BE_SILENT:
        return
    sentence = f"WhatsApp has answered no keepalive for {silent / 60:.0f} minutes"
    remedy = (
        "look at this machine's network and whatsapp.proxy; then: systemctl restart izer-bridge"
    )
    yield error(_N.WHATSAPP_SILENT, sentence, remedy)
