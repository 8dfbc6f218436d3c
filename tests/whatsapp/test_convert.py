"""Every kind of event becomes the right message; what is unknown is kept, not dropped."""

import contextlib
from datetime import UTC, datetime

import pytest
from google.protobuf import text_format
from hypothesis import given
from hypothesis import strategies as st
from neonize.proto import Neonize_pb2 as proto
from neonize.proto.waCommon.WACommon_pb2 import MessageKey
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import (
    AudioMessage,
    ContactMessage,
    ContextInfo,
    DocumentMessage,
    ExtendedTextMessage,
    FutureProofMessage,
    ImageMessage,
    InvoiceMessage,
    LocationMessage,
    MessageContextInfo,
    OrderMessage,
    PollCreationMessage,
    ProductMessage,
    ProtocolMessage,
    ReactionMessage,
    SenderKeyDistributionMessage,
    StickerMessage,
)
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from structlog.testing import capture_logs

from izer_bridge.domain.errors import PermanentError
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, Media, Message, Origin
from izer_bridge.domain.poll import hash_of
from izer_bridge.store import fitting
from izer_bridge.whatsapp.convert.body import Content, content_of, read_again
from izer_bridge.whatsapp.convert.messages import messages_of, receipts_of
from izer_bridge.whatsapp.event_codes import EventCode
from izer_bridge.whatsapp.library.bounds import moment

ACCOUNT = "+905550000000"
_OPTIONS = [PollCreationMessage.Option(optionName=name) for name in ("evet", "hayır")]

CONTENTS = [
    (
        Body(
            extendedTextMessage=ExtendedTextMessage(
                text="1", contextInfo=ContextInfo(stanzaID="3EB0QUOTED")
            )
        ),
        Content(Kind.TEXT, "1", target_id="3EB0QUOTED"),
    ),
    (Body(conversation="Merhaba"), Content(Kind.TEXT, "Merhaba")),
    (
        Body(
            extendedTextMessage=ExtendedTextMessage(text="bakın: example.org"),
            messageContextInfo=MessageContextInfo(messageSecret=b"s" * 32),
        ),
        Content(Kind.TEXT, "bakın: example.org"),
    ),
    (
        Body(imageMessage=ImageMessage(mimetype="image/jpeg", fileLength=7, caption="zincir")),
        Content(Kind.IMAGE, "zincir", Media("image/jpeg", 7)),
    ),
    (
        Body(
            documentWithCaptionMessage=FutureProofMessage(
                message=Body(
                    documentMessage=DocumentMessage(
                        mimetype="application/pdf", fileLength=9, fileName="f.pdf", caption="fatura"
                    )
                )
            )
        ),
        Content(Kind.DOCUMENT, "fatura", Media("application/pdf", 9, "f.pdf")),
    ),
    (
        Body(audioMessage=AudioMessage(mimetype="audio/ogg", fileLength=3, PTT=True)),
        Content(Kind.VOICE, "", Media("audio/ogg", 3)),
    ),
    (
        Body(audioMessage=AudioMessage(mimetype="audio/mpeg", fileLength=3)),
        Content(Kind.AUDIO, "", Media("audio/mpeg", 3)),
    ),
    (
        Body(stickerMessage=StickerMessage(mimetype="image/webp", fileLength=2)),
        Content(Kind.STICKER, "", Media("image/webp", 2)),
    ),
    (
        Body(
            locationMessage=LocationMessage(degreesLatitude=41.5, degreesLongitude=29.25, name="D")
        ),
        Content(Kind.LOCATION, "41.500000,29.250000 D"),
    ),
    (Body(contactMessage=ContactMessage(displayName="Usta")), Content(Kind.CONTACT, "Usta")),
    (
        Body(pollCreationMessageV3=PollCreationMessage(name="Tur?", options=_OPTIONS)),
        Content(
            Kind.POLL,
            "Tur?: evet / hayır",
            options={hash_of(name): name for name in ("evet", "hayır")},
        ),
    ),
    (
        Body(reactionMessage=ReactionMessage(key=MessageKey(ID="A"), text="👍")),
        Content(Kind.REACTION, "👍", target_id="A"),
    ),
    (
        Body(
            protocolMessage=ProtocolMessage(
                type=ProtocolMessage.MESSAGE_EDIT,
                key=MessageKey(ID="A"),
                editedMessage=Body(conversation="yeni"),
            )
        ),
        Content(Kind.EDIT, "yeni", target_id="A"),
    ),
    (
        Body(protocolMessage=ProtocolMessage(type=ProtocolMessage.REVOKE, key=MessageKey(ID="A"))),
        Content(Kind.REVOKE, target_id="A"),
    ),
    (
        Body(senderKeyDistributionMessage=SenderKeyDistributionMessage(groupID="g")),
        Content(Kind.PROTOCOL),
    ),
    (
        Body(invoiceMessage=InvoiceMessage(note="ödeme")),
        Content(Kind.TEXT, "[fatura] ödeme"),
    ),
    (
        Body(orderMessage=OrderMessage(message="Bunları alıyorum", orderTitle="Trek", itemCount=2)),
        Content(Kind.TEXT, "[sipariş: 2 ürün] Bunları alıyorum Trek"),
    ),
    (
        Body(
            productMessage=ProductMessage(
                product=ProductMessage.ProductSnapshot(title="Trek Marlin 7")
            )
        ),
        Content(Kind.TEXT, "[ürün] Trek Marlin 7"),
    ),
    (Body(), Content(Kind.PROTOCOL)),
]


@pytest.mark.parametrize(
    ("body", "expected"), CONTENTS, ids=lambda value: getattr(value, "kind", "")
)
def test_content_of_each_kind(body: Body, expected: Content) -> None:
    assert content_of(body) == expected


@pytest.mark.parametrize("wrapper", ["ephemeralMessage", "viewOnceMessageV2", "editedMessage"])
def test_wrapped_content_is_found(wrapper: str) -> None:
    wrapped = Body(**{wrapper: FutureProofMessage(message=Body(conversation="içeride"))})
    assert content_of(wrapped) == Content(Kind.TEXT, "içeride")


def jid(text: str) -> proto.JID:
    user, _, server = text.partition("@")
    return proto.JID(User=user, Server=server, RawAgent=0, Device=3, Integrator=0, IsEmpty=False)


NOBODY = proto.JID(User="", Server="", RawAgent=0, Device=0, Integrator=0, IsEmpty=True)


def live(chat: str, sender: str, alt: str = "", *, from_me: bool = False, **info: str) -> bytes:
    event = proto.Message(Message=Body(conversation="Merhaba"))
    event.Info.ID = "AB12"
    event.Info.Timestamp = 1_760_000_000_123
    event.Info.Pushname = "Ali"
    event.Info.Category = info.get("category", "")
    source = event.Info.MessageSource
    source.Chat.CopyFrom(jid(chat))
    source.Sender.CopyFrom(jid(sender))
    source.IsFromMe = from_me
    alt_field = source.RecipientAlt if from_me else source.SenderAlt
    alt_field.CopyFrom(jid(alt) if alt else NOBODY)
    return bytes(event.SerializePartialToString())


def read(payload: bytes) -> Message:
    (message,) = messages_of(EventCode.MESSAGE, payload, ACCOUNT)
    return message


def test_a_direct_message_by_lid_knows_the_number() -> None:
    message = read(live("77@lid", "77@lid", "905551112233@s.whatsapp.net"))
    assert (message.chat, message.sender) == (Jid("77", "lid"), Jid("77", "lid"))
    assert message.chat_alt == message.sender_alt == Jid("905551112233", "s.whatsapp.net")
    assert message.sent_at == datetime.fromtimestamp(1_760_000_000.123, UTC)
    assert (message.origin, message.sender_name, message.text) == (Origin.LIVE, "Ali", "Merhaba")


def test_a_lid_without_its_number_has_no_other_address() -> None:
    message = read(live("77@lid", "77@lid"))
    assert message.chat_alt is None
    assert message.sender_alt is None


def test_a_group_message_keeps_its_sender() -> None:
    message = read(live("1-2@g.us", "77@lid", "905551112233@s.whatsapp.net"))
    assert message.chat == Jid("1-2", "g.us")
    assert message.chat_alt is None
    assert message.sender_alt == Jid("905551112233", "s.whatsapp.net")


def test_an_own_message_stands_in_the_partners_chat() -> None:
    message = read(live("77@lid", "99@lid", "905551112233@s.whatsapp.net", from_me=True))
    assert message.from_me
    assert message.chat_alt == Jid("905551112233", "s.whatsapp.net")


def test_the_phones_own_housekeeping_is_no_message() -> None:
    payload = live("99@lid", "99@lid", from_me=True, category="peer")
    assert messages_of(EventCode.MESSAGE, payload, ACCOUNT) == []


def test_a_history_chunk_holds_its_chats_messages() -> None:
    event = proto.HistorySync()
    event.Data.syncType = 0
    event.Data.phoneNumberToLidMappings.add(pnJID="905551112233@s.whatsapp.net", lidJID="77@lid")
    event.Data.pushnames.add(ID="905551112233@s.whatsapp.net", pushname="Ali")
    chat = event.Data.conversations.add(ID="905551112233@s.whatsapp.net", name="Ali Usta")
    for number, (mine, text) in enumerate([(False, "Selam"), (True, "Buyurun")]):
        entry = chat.messages.add().message
        entry.key.ID = f"H{number}"
        entry.key.fromMe = mine
        entry.messageTimestamp = 1_760_000_000 + number
        entry.message.conversation = text
    payload = event.SerializePartialToString()
    theirs, own = messages_of(EventCode.HISTORY_SYNC, payload, ACCOUNT)
    assert (theirs.text, theirs.sender_name, theirs.chat_name) == ("Selam", "Ali", "Ali Usta")
    assert theirs.sender_alt == theirs.chat_alt == Jid("77", "lid")
    assert theirs.sent_at == datetime.fromtimestamp(1_760_000_000, UTC)
    assert own.from_me
    assert own.sender == Jid("905550000000", "s.whatsapp.net")
    assert own.sender_alt is None
    assert {theirs.origin, own.origin} == {Origin.HISTORY}


@given(st.binary(max_size=200), st.sampled_from(list(EventCode)))
def test_whatever_bytes_come_end_in_messages_or_in_one_error(payload: bytes, code: int) -> None:
    with contextlib.suppress(PermanentError):
        messages_of(code, payload, ACCOUNT)


def test_a_text_that_is_no_utf8_is_read_as_far_as_it_is() -> None:
    event = proto.Message(Message=Body(conversation="Merhaba abc"))
    event.Info.ID = "3EB0"
    event.Info.MessageSource.Chat.User = "905551112233"
    event.Info.MessageSource.Chat.Server = "s.whatsapp.net"
    raw = event.SerializePartialToString().replace(b"abc", b"\xffbc")
    [message] = messages_of(EventCode.MESSAGE, raw, ACCOUNT)
    assert message.text == "Merhaba \ufffdbc"


def test_a_time_that_no_calendar_has_is_the_nearest_one() -> None:
    assert moment(-5) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment(2**62) == datetime(9999, 1, 1, tzinfo=UTC)


CHUNK = """
conversations {
  ID: "905551112233@s.whatsapp.net"
  messages {
    message { key { ID: "H1" } messageTimestamp: 1760000060 message { conversation: "b" } }
  }
  messages { message { key { ID: "H2" } message { conversation: "no time" } } }
  messages { message { key { ID: "" } messageTimestamp: 1760000000 } }
  messages {
    message {
      key { ID: "H3" } messageTimestamp: 1760000000000
      message {
        secretEncryptedMessage { targetMessageKey { ID: "H1" } secretEncType: MESSAGE_EDIT }
      }
    }
  }
}
conversations {
  ID: "905551112244@s.whatsapp.net"
  messages { message { key { ID: "N" } message { conversation: "nobody knows when" } } }
}
conversations { ID: "no address" messages { message { key { ID: "X" } messageTimestamp: 9 } } }
conversations {
  ID: "905551112255@s.whatsapp.net"
  pnJID: "not@@one@"
  messages {
    message { key { ID: "G1" } messageTimestamp: 1760000000 message { conversation: "iyi" } }
  }
  messages { message { key { ID: "G2" } messageTimestamp: 18446744073709551615 } }
}
"""


def test_what_is_odd_in_a_history_costs_itself_and_is_counted() -> None:
    event = proto.HistorySync()
    text_format.Parse(CHUNK, event.Data)
    event.Data.syncType = 0
    with capture_logs() as logged:
        found = messages_of(EventCode.HISTORY_SYNC, event.SerializePartialToString(), ACCOUNT)
    assert [one.message_id for one in found] == ["H1", "H2", "H3", "G1", "G2"]
    # One without a time has its neighbour's; milliseconds are accepted too.
    assert found[1].sent_at == found[0].sent_at
    assert found[2].sent_at == datetime.fromtimestamp(1_760_000_000, UTC)
    # So has one with a time outside the calendar.
    assert found[4].sent_at == found[3].sent_at
    assert (logged[0]["conversations"], logged[0]["messages"]) == (1, 2)


def test_a_business_has_the_name_that_whatsapp_has_verified() -> None:
    event = proto.Message.FromString(live("77@lid", "77@lid"))
    event.Info.VerifiedName.Details.verifiedName = "Parça Deposu"
    found = read(event.SerializePartialToString())
    assert (found.sender_name, found.has_verified_name) == ("Parça Deposu", True)
    event.Info.VerifiedName.Details.verifiedName = " "
    found = read(event.SerializePartialToString())
    assert (found.sender_name, found.has_verified_name) == ("Ali", False)


def test_a_receipt_for_what_is_no_utf8_is_read_as_far_as_it_is() -> None:
    event = proto.Receipt(MessageIDs=["3EB0A", "@@"], Type=proto.Receipt.READ)
    event.MessageSource.Chat.CopyFrom(jid("905551112233@s.whatsapp.net"))
    payload = event.SerializePartialToString().replace(b"@@", b"\xff\xfe")
    [receipt] = receipts_of(EventCode.RECEIPT, payload, ACCOUNT)
    assert fitting.receipt(receipt).message_ids == ("3EB0A", "\ufffd\ufffd")


def test_what_names_no_chat_is_its_senders_own() -> None:
    event = proto.Message.FromString(live("77@lid", "77@lid"))
    event.Info.MessageSource.Chat.CopyFrom(NOBODY)
    assert str(read(event.SerializePartialToString()).chat) == "77@lid"
    event.Info.MessageSource.IsFromMe = True
    with pytest.raises(PermanentError):
        read(event.SerializePartialToString())


def test_an_address_of_blanks_is_none() -> None:
    event = proto.Message.FromString(live("77@lid", "77@lid"))
    event.Info.MessageSource.SenderAlt.User = event.Info.MessageSource.SenderAlt.Server = " "
    assert read(event.SerializePartialToString()).sender_alt is None


def test_what_nothing_reads_is_kept_though_a_part_of_it_is_not_whole() -> None:
    event = proto.Message.FromString(live("77@lid", "77@lid"))
    event.Message.CopyFrom(Body.FromString(b"\xba\x7d\x03abc"))
    event.Message.extendedTextMessage.endCardTiles.add(username="ece")
    found = read(event.SerializePartialToString())
    assert (found.kind, found.text) == (Kind.UNSUPPORTED, "ece\nabc")
    assert found.unread is not None
    assert read_again(found.unread.payload, UTC) is None


@pytest.mark.parametrize(
    "chat", ["9" * 40 + "@s.whatsapp.net", "9" * 70 + "@lid", "9" * 200 + "@g.us"]
)
def test_an_address_that_fits_nowhere_is_refused(chat: str) -> None:
    with pytest.raises(PermanentError):
        messages_of(EventCode.MESSAGE, live(chat, "77@lid"), ACCOUNT)


@pytest.mark.parametrize(
    ("chat", "is_group", "seconds"),
    [("120363000000000001@g.us", True, 10), ("905551110001@s.whatsapp.net", False, None)],
)
def test_a_group_message_that_cannot_be_read_yet_is_waited_for(
    chat: str, is_group: bool, seconds: int | None
) -> None:
    """The client requests it again if it lacks the writer's key of the group."""
    user, server = chat.split("@")
    info = proto.MessageInfo(
        ID="3EB0WAIT",
        Timestamp=1_000_000,
        MessageSource=proto.MessageSource(
            Chat=proto.JID(User=user, Server=server),
            Sender=proto.JID(User="905551110001", Server="s.whatsapp.net"),
            IsGroup=is_group,
        ),
    )
    event = proto.UndecryptableMessage(Info=info, IsUnavailable=True)
    [message] = messages_of(EventCode.UNDECRYPTABLE, event.SerializePartialToString(), ACCOUNT)
    waits = message.settles_at and (message.settles_at - message.sent_at).total_seconds()
    assert (message.kind, waits) == (Kind.PHONE_ONLY, seconds)
