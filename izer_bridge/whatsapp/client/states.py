"""What the client's events say about the link; pure."""

from datetime import datetime, timedelta

from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.link_state import LinkState, LinkStatus
from izer_bridge.whatsapp.event_codes import EventCode

_AFTER_EVENT: dict[EventCode, LinkState] = {
    EventCode.CONNECTED: LinkState.CONNECTED,
    EventCode.DISCONNECTED: LinkState.DISCONNECTED,
    EventCode.KEEP_ALIVE_TIMEOUT: LinkState.DISCONNECTED,
    EventCode.KEEP_ALIVE_RESTORED: LinkState.CONNECTED,
    EventCode.LOGGED_OUT: LinkState.LOGGED_OUT,
    EventCode.STREAM_REPLACED: LinkState.REPLACED,
    EventCode.TEMPORARY_BAN: LinkState.BANNED,
    EventCode.CLIENT_OUTDATED: LinkState.OUTDATED,
    EventCode.CONNECT_FAILURE: LinkState.REFUSED,
}
# After these the session is gone, and only a new scan helps.
UNLINKED = frozenset({LinkState.LOGGED_OUT, LinkState.PHONE_GONE})


def status_after(code: int, payload: bytes, now: datetime) -> LinkStatus | None:
    """The link's status after an event, or None if the event says nothing about the link.

    Times in it are in the zone of `now`.
    """
    state = _AFTER_EVENT.get(EventCode(code))
    if state is None:
        return None
    if code == EventCode.LOGGED_OUT:
        reason = proto.LoggedOut.FromString(payload).Reason
        if reason == proto.ConnectFailureReason.MAIN_DEVICE_GONE:
            state = LinkState.PHONE_GONE
    return LinkStatus(state, _detail(code, payload, now))


def _detail(code: int, payload: bytes, now: datetime) -> str:
    if code == EventCode.CONNECT_FAILURE:
        failure = proto.ConnectFailure.FromString(payload)
        return f"reason {failure.Reason} {failure.Message}".strip()
    if code == EventCode.TEMPORARY_BAN:
        seconds = proto.TemporaryBan.FromString(payload).Expire
        return f"until {now + timedelta(seconds=seconds):%d %b, %H:%M %Z}" if seconds else ""
    return ""
