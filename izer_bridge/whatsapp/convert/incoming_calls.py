"""Calls as they come in; pure.

A call rings, and then either somebody takes it, which another device reports, or nobody does, which
need not be reported. So it is a missed call from its first ring on, and a taken one if that is
reported later.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.call import CallSign
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Message, Origin
from izer_bridge.whatsapp.convert.kinds.calls import missed_call
from izer_bridge.whatsapp.convert.kinds.content import Content
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.library import bounds
from izer_bridge.whatsapp.library.addresses import address_in, jid_of
from izer_bridge.whatsapp.library.utf8 import mended

# Most calls are taken within it; one that is taken later withdraws what was made of it.
_RINGS = timedelta(seconds=30)
_TAKEN = Content(Kind.PROTOCOL, "[cevaplanan arama]")
_TAKEN_ELSEWHERE = "accepted_elsewhere"
_EVENTS: dict[int, type[Any]] = {
    EventCode.CALL_OFFER: proto.CallOffer,
    EventCode.CALL_OFFER_NOTICE: proto.CallOfferNotice,
    EventCode.CALL_ACCEPT: proto.CallAccept,
    EventCode.CALL_TERMINATE: proto.CallTerminate,
}


def call_of(code: int, payload: bytes, account: str) -> Iterator[Message]:
    """One call as it is now; all signs of one call become the same message.

    Raises ValueError if there is no caller, DecodeError if `payload` does not fit `code`.
    """
    event = mended(_EVENTS[code].FromString(payload))
    meta = event.basicCallMeta
    caller = jid_of(meta.callCreator) or jid_of(getattr(meta, "from"))
    other = jid_of(meta.callCreatorAlt)
    if caller is None or not meta.callID:
        raise ValueError("a call without a caller")
    # An outgoing call of the shop's phone: nobody has to call its partner back.
    if account in (caller.number, other and other.number):
        return
    group = _group(event.data)
    content = _content(code, event, is_group=group is not None)
    sent_at = bounds.moment_in_any_unit(meta.timestamp) or bounds.moment(0)
    is_ringing = code in (EventCode.CALL_OFFER, EventCode.CALL_OFFER_NOTICE)
    yield Message(
        account=account,
        message_id=meta.callID,
        chat=group or caller,
        chat_alt=None if group else other,
        sender=caller,
        sender_alt=other,
        sent_at=sent_at,
        kind=content.kind,
        text=content.text,
        origin=Origin.LIVE,
        settles_at=sent_at + _RINGS if is_ringing else None,
        call=CallSign(is_entry=False, is_video=_is_video(event), is_beginning=is_ringing),
    )


def _content(code: int, event: Any, *, is_group: bool) -> Content:
    """A group is told when anybody takes it; only that person's own devices say `elsewhere`."""
    if code == EventCode.CALL_TERMINATE and event.reason == _TAKEN_ELSEWHERE:
        return _TAKEN
    if code == EventCode.CALL_ACCEPT and not is_group:
        return _TAKEN
    is_group = is_group or (code == EventCode.CALL_OFFER_NOTICE and event.type == "group")
    return missed_call(is_video=_is_video(event) is True, is_group=is_group)


def _is_video(event: Any) -> bool | None:
    """As stated in the sign, though not every sign of a call states it."""
    named = {getattr(event, "media", ""), *(node.Tag for node in event.data.Nodes)}
    return "video" in named or (False if "audio" in named else None)


def _group(data: proto.Node) -> Jid | None:
    """The group that is called, if any."""
    for attribute in data.Attrs:
        if attribute.name == "group-jid":
            jid = jid_of(attribute.jid) or address_in(attribute.text)
            return jid if jid and jid.is_group else None
    return None
