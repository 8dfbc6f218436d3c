"""The numbers of the client's events, and which of them must be durable or change the link."""

from enum import IntEnum


class EventCode(IntEnum):
    """neonize 0.5.2, `neonize/events.py`."""

    DEVICE = 0
    PAIR_STATUS = 2
    CONNECTED = 3
    KEEP_ALIVE_TIMEOUT = 4
    KEEP_ALIVE_RESTORED = 5
    LOGGED_OUT = 6
    STREAM_REPLACED = 7
    TEMPORARY_BAN = 8
    CONNECT_FAILURE = 9
    CLIENT_OUTDATED = 10
    STREAM_ERROR = 11
    DISCONNECTED = 12
    HISTORY_SYNC = 13
    MESSAGE = 17
    RECEIPT = 18
    JOINED_GROUP = 21
    GROUP_INFO = 22
    CALL_OFFER = 36
    CALL_ACCEPT = 37
    CALL_OFFER_NOTICE = 40
    CALL_TERMINATE = 42
    UNDECRYPTABLE = 44
    # The bridge's own, not the client's.
    GAP = 1001


CALLS = frozenset(
    {
        EventCode.CALL_OFFER,
        EventCode.CALL_OFFER_NOTICE,
        EventCode.CALL_ACCEPT,
        EventCode.CALL_TERMINATE,
    }
)
DURABLE = CALLS | {
    EventCode.MESSAGE,
    EventCode.HISTORY_SYNC,
    EventCode.UNDECRYPTABLE,
    EventCode.RECEIPT,
}
