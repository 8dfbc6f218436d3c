"""A call counts as missed from its first ring on, until somebody is known to have taken it."""

from datetime import UTC, datetime, timedelta

import pytest
from neonize.proto import Neonize_pb2 as proto

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.message import Kind, Message
from izer_bridge.whatsapp.convert.messages import messages_of
from izer_bridge.whatsapp.event_codes import EventCode
from tests.whatsapp.test_convert import ACCOUNT, NOBODY, jid

RUNG_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)


def call(
    event: proto.CallOffer | proto.CallAccept | proto.CallTerminate | proto.CallOfferNotice,
    creator: str = "77@lid",
    group: str = "",
    call_id: str = "C1",
) -> bytes:
    meta = event.basicCallMeta
    meta.callID, meta.timestamp = call_id, int(RUNG_AT.timestamp())
    getattr(meta, "from").CopyFrom(jid(creator) if creator else NOBODY)
    meta.callCreator.CopyFrom(jid(creator) if creator else NOBODY)
    meta.callCreatorAlt.CopyFrom(jid("905551112233@s.whatsapp.net"))
    if group:
        event.data.Attrs.add(name="group-jid", text=group)
    return bytes(event.SerializePartialToString())


def read(code: EventCode, payload: bytes) -> Message:
    [message] = messages_of(code, payload, ACCOUNT)
    return message


def test_a_ringing_call_is_missed_unless_it_is_taken() -> None:
    offer = proto.CallOffer()
    offer.data.Nodes.add(Tag="audio")
    offer.data.Nodes.add(Tag="video")
    message = read(EventCode.CALL_OFFER, call(offer))
    assert (message.kind, message.text) == (Kind.CALL, "[cevapsız görüntülü arama]")
    assert (message.message_id, message.sent_at) == ("C1", RUNG_AT)
    assert message.settles_at == RUNG_AT + timedelta(seconds=30)
    assert str(message.chat_alt) == "905551112233@s.whatsapp.net"


@pytest.mark.parametrize(
    ("reason", "group", "kind"),
    [
        ("", "", Kind.CALL),
        ("timeout", "", Kind.CALL),
        ("rejected_elsewhere", "", Kind.CALL),
        ("accepted_elsewhere", "", Kind.PROTOCOL),
        ("accepted_elsewhere", "1-2@g.us", Kind.PROTOCOL),
    ],
)
def test_its_end_says_whether_it_was_taken(reason: str, group: str, kind: Kind) -> None:
    message = read(EventCode.CALL_TERMINATE, call(proto.CallTerminate(reason=reason), group=group))
    assert (message.kind, message.settles_at) == (kind, None)


def test_a_call_to_a_group_stands_in_the_group_and_others_may_take_it() -> None:
    notice = proto.CallOfferNotice(media="video", type="group")
    message = read(EventCode.CALL_OFFER_NOTICE, call(notice, group="1-2@g.us"))
    assert (str(message.chat), message.chat_alt) == ("1-2@g.us", None)
    assert message.text == "[cevapsız görüntülü grup araması]"
    taken = read(EventCode.CALL_ACCEPT, call(proto.CallAccept(), group="1-2@g.us"))
    assert taken.kind is Kind.CALL
    assert read(EventCode.CALL_ACCEPT, call(proto.CallAccept())).kind is Kind.PROTOCOL


def test_a_group_that_is_none_is_the_callers_chat() -> None:
    for group in ("@", "g.us", "x" * 500 + "@g.us", "77@lid"):
        message = read(EventCode.CALL_OFFER, call(proto.CallOffer(), group=group))
        assert str(message.chat) == "77@lid"


def test_the_own_phones_calls_are_nobodys_to_return() -> None:
    own = f"{ACCOUNT[1:]}@s.whatsapp.net"
    assert messages_of(EventCode.CALL_OFFER, call(proto.CallOffer(), own), ACCOUNT) == []


@pytest.mark.parametrize(("creator", "call_id"), [("", "C1"), ("77@lid", "")])
def test_a_call_of_nobody_is_refused(creator: str, call_id: str) -> None:
    payload = call(proto.CallOffer(), creator, call_id=call_id)
    with pytest.raises(PermanentError):
        messages_of(EventCode.CALL_OFFER, payload, ACCOUNT)
