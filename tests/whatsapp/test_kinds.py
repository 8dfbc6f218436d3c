"""Every WhatsApp kind is read, or listed in one table with why nobody would miss it."""

import pytest
from google.protobuf import text_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import CallLogMessage
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.message import NOT_SAID, Kind
from izer_bridge.domain.message_state import SkipReason
from izer_bridge.domain.skip import skip_reason
from izer_bridge.whatsapp.convert.body import READ_FIELDS, content_of
from izer_bridge.whatsapp.convert.kinds.silent import SILENT
from izer_bridge.whatsapp.convert.kinds.unknown import unknown
from izer_bridge.whatsapp.library import bounds
from tests.store.messages import message

FIELDS = Body.DESCRIPTOR.fields


def is_wrapper(field: FieldDescriptor) -> bool:
    holds = field.message_type
    return holds is not None and holds.name in ("FutureProofMessage", "DeviceSentMessage")


def test_each_field_has_one_reader_or_a_reason_for_none() -> None:
    """A later client's new kinds fail here."""
    wrappers = {field.name for field in FIELDS if is_wrapper(field)}
    groups = (wrappers, READ_FIELDS, SILENT.keys())
    assert sorted(name for group in groups for name in group) == sorted(
        field.name for field in FIELDS
    )
    assert all(SILENT.values())


@pytest.mark.parametrize(
    "field", [field for field in FIELDS if is_wrapper(field)], ids=lambda field: field.name
)
def test_each_wrapper_is_opened(field: FieldDescriptor) -> None:
    body = Body()
    getattr(body, field.name).message.conversation = "Frenim tutmuyor"
    assert content_of(body).text == "Frenim tutmuyor"


@pytest.mark.parametrize("name", sorted(READ_FIELDS - {"conversation", "extendedTextMessage"}))
def test_nothing_that_a_person_sees_is_taken_for_empty(name: str) -> None:
    """Even if its parts are all missing, the row says what it was."""
    body = Body()
    getattr(body, name).SetInParent()
    content = content_of(body)
    assert content.text or content.media or content.kind in NOT_SAID
    row = message(1, content.text, kind=content.kind, media=content.media)
    reason = skip_reason(row, is_critical_group=False, analyse_groups=False)
    assert reason is not SkipReason.EMPTY


SEVERAL = {
    'conversation: "Frenim tutmuyor" orderMessage { itemCount: 2 message: "Bugün?" }': (
        Kind.TEXT,
        "Frenim tutmuyor\n[sipariş: 2 ürün] Bugün?",
    ),
    'orderMessage { itemCount: 2 } eventMessage { name: "Pazar turu" }': (
        Kind.TEXT,
        "[sipariş: 2 ürün]\n[etkinlik] Pazar turu",
    ),
    'imageMessage { mimetype: "image/png" caption: "Jant" } contactMessage { displayName: "Ece" }'
    ' documentMessage { mimetype: "application/pdf" fileName: "fatura.pdf" }': (
        Kind.IMAGE,
        "Jant\nEce\n[belge] fatura.pdf",
    ),
    'conversation: "Arayın" callLogMesssage { callOutcome: MISSED }': (
        Kind.CALL,
        "Arayın\n[cevapsız sesli arama]",
    ),
    'conversation: "Sarı" ephemeralMessage { message { conversation: "Frenim koptu" } }': (
        Kind.TEXT,
        "Sarı\nFrenim koptu",
    ),
    'conversation: "Aynı" extendedTextMessage { text: "Aynı" }': (Kind.TEXT, "Aynı"),
    'conversation: "" orderMessage { itemCount: 2 }': (Kind.TEXT, "[sipariş: 2 ürün]"),
    'conversation: "Duruyor" reactionMessage { text: "👍" key { ID: "A" } }': (
        Kind.TEXT,
        "Duruyor",
    ),
    'conversation: "Duruyor" protocolMessage { type: EPHEMERAL_SETTING }': (Kind.TEXT, "Duruyor"),
    'conversation: "x" protocolMessage { type: REVOKE key { ID: "A" } }': (Kind.REVOKE, ""),
}


@pytest.mark.parametrize("body", SEVERAL)
def test_all_readable_parts_of_one_message_are_read(body: str) -> None:
    content = content_of(text_format.Parse(body, Body()))
    assert (content.kind, content.text) == SEVERAL[body]
    assert (content.media is None) is (content.kind is not Kind.IMAGE)


def test_words_beside_a_calls_entry_are_no_part_of_the_call() -> None:
    body = Body()
    body.callLogMesssage.callOutcome = CallLogMessage.MISSED
    assert content_of(body).call is not None
    body.conversation = "Frenim koptu"
    assert content_of(body).call is None


def test_parts_without_end_fit_one_text() -> None:
    body = Body(conversation="a" * bounds.LONGEST_TEXT)
    body.extendedTextMessage.text = "b" * bounds.LONGEST_TEXT
    assert len(content_of(body).text) == bounds.LONGEST_TEXT


def test_what_says_nothing_hides_no_kind_that_nothing_reads() -> None:
    unknown_beside = Body.FromString(Body(conversation="").SerializeToString() + b"\xba\x7d\x03abc")
    content = content_of(unknown_beside)
    assert (content.kind, content.text) == (Kind.UNSUPPORTED, "abc")


EXTREMES = {
    FieldDescriptor.CPPTYPE_INT32: 2**31 - 1,
    FieldDescriptor.CPPTYPE_INT64: -(2**63),
    FieldDescriptor.CPPTYPE_UINT32: 2**32 - 1,
    FieldDescriptor.CPPTYPE_UINT64: 2**64 - 1,
    FieldDescriptor.CPPTYPE_DOUBLE: float("nan"),
    FieldDescriptor.CPPTYPE_FLOAT: float("inf"),
    FieldDescriptor.CPPTYPE_BOOL: True,
    FieldDescriptor.CPPTYPE_STRING: "İ\u202e" * 3_000,
}


def fill(part: Message, depth: int) -> None:
    """Every field of `part` at its worst, down to `depth`."""
    for field in part.DESCRIPTOR.fields:
        if field.message_type is not None:
            if depth > 0 and not field.message_type.GetOptions().map_entry:
                inner = getattr(part, field.name)
                fill(inner.add() if field.is_repeated else inner, depth - 1)
            continue
        value: object = EXTREMES.get(field.cpp_type)
        if field.enum_type is not None:
            value = field.enum_type.values[-1].number
        elif field.type == FieldDescriptor.TYPE_BYTES:
            value = b"\xff" * 100
        if field.is_repeated:
            getattr(part, field.name).append(value)
        else:
            setattr(part, field.name, value)


@pytest.mark.parametrize("name", [field.name for field in FIELDS])
def test_a_kind_whose_every_field_is_extreme_fits_the_store(name: str) -> None:
    body = Body()
    if name == "conversation":
        body.conversation = "x" * 1_000_000
    else:
        fill(getattr(body, name), 2)
    content = content_of(body)
    assert len(content.text) <= bounds.LONGEST_TEXT
    assert len(content.unread) <= bounds.LONGEST_NAME
    if content.media is not None:
        assert 0 <= content.media.size < 2**63
        assert len(content.media.mimetype) <= bounds.LONGEST_NAME
        assert len(content.media.file_name or "") <= bounds.LONGEST_NAME


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "words", ["x" * 100_000, "a/" * 50_000 + " b", "=" * 100_000, "ab " * 30_000]
)
def test_a_long_text_in_a_kind_that_nothing_reads_holds_up_nobody(words: str) -> None:
    body = Body()
    body.extendedTextMessage.text = words
    assert unknown(body, {"something"}).text
