"""The contents of a client event, of whatever kind it is."""

from functools import partial

from izer_bridge.domain.errors import TransientError
from izer_bridge.domain.gap import Gap
from izer_bridge.domain.message import Message
from izer_bridge.domain.outgoing import Receipt
from izer_bridge.inbox.entry import InboxEntry
from izer_bridge.whatsapp import session
from izer_bridge.whatsapp.client.link import Link
from izer_bridge.whatsapp.convert.messages import is_from_phone, messages_of, receipts_of
from izer_bridge.whatsapp.crash_safety.gap_events import gaps_in, gaps_of


def contents(entry: InboxEntry, link: Link) -> list[Message | Gap | Receipt]:
    """Reports a sign of the phone to the link. Raises TransientError while none is linked."""
    if link.account is None:
        raise TransientError("WhatsApp has not said yet which number is linked")
    if is_from_phone(entry.code, entry.payload):
        link.phone_seen(entry.received_at)
    secrets_of = partial(session.secrets_of, link.session_file)
    messages = messages_of(entry.code, entry.payload, link.account, link.zone, secrets_of)
    return [
        *messages,
        *gaps_in(messages, entry.received_at),
        *gaps_of(entry.code, entry.payload, link.account, entry.received_at),
        *receipts_of(entry.code, entry.payload, link.account),
    ]
