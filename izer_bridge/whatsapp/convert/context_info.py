"""Reads the context around a message's words from its protobuf; pure.

It leaves the words themselves to `content`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ContextInfo as Around
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body
from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import ProtocolMessage

from izer_bridge.domain.context_info import (
    ADVERT,
    NO_CONTEXT,
    Advert,
    ContextInfo,
    Mention,
    Quotation,
    Timer,
)
from izer_bridge.domain.identity import Jid
from izer_bridge.domain.message import Kind, in_words
from izer_bridge.whatsapp.convert.body import Content, content_of, unwrapped
from izer_bridge.whatsapp.library import bounds

_LONGEST_WORDS, _LONGEST_LINE, _MOST_MENTIONS = 4_000, 500, 100
# Phones offer 90 days at most; a value far beyond that is not a timer.
_LONGEST_TIMER_SECONDS = 366 * 86_400


@dataclass(frozen=True, slots=True)
class SenderAddresses:
    """A message's sender, by all known addresses, and the chat."""

    addresses: Sequence[Jid]
    account: str
    from_me: bool
    is_direct: bool


def context_info_of(body: Body, writer: SenderAddresses) -> ContextInfo:
    """From whichever part of `body` carries it; for an edit, from the new text."""
    around = _around(body)
    if around is None:
        return NO_CONTEXT
    quoted, their_mentions = _quotation(around, writer)
    return ContextInfo(
        quoted=quoted,
        advert=_advert(around),
        mentions=(*_mentions(around), *their_mentions)[:_MOST_MENTIONS],
        is_forwarded=around.isForwarded or around.forwardingScore > 0,
    )


def with_advert(content: Content, context: ContextInfo) -> Content:
    """A click on an advert may have no words; its headline is used then."""
    is_empty = content.kind in (Kind.TEXT, Kind.UNSUPPORTED) and not content.text.strip()
    if not is_empty or context.advert is None:
        return content
    return replace(content, kind=Kind.TEXT, text=f"{ADVERT} {context.advert.words}", unread="")


def timer_of(body: Body, sent_at: datetime) -> Timer | None:
    """The timer of the message's chat, if the message states it."""
    part = unwrapped(body).protocolMessage
    if part.type == ProtocolMessage.EPHEMERAL_SETTING:
        return timer(part.ephemeralExpiration, part.ephemeralSettingTimestamp, sent_at)
    around = _around(body)
    if around is None or not around.HasField("expiration"):
        return None
    return timer(around.expiration, around.ephemeralSettingTimestamp, sent_at)


def timer(seconds: int, set_at_seconds: int, known_at: datetime) -> Timer | None:
    """A timer set later than its message would never give way to another one."""
    if not 0 <= seconds <= _LONGEST_TIMER_SECONDS:
        return None
    latest = known_at.timestamp()
    if not 0 < set_at_seconds < latest:
        return Timer(seconds, known_at)
    return Timer(seconds, datetime.fromtimestamp(set_at_seconds, UTC))


def _around(body: Body) -> Around | None:
    body = unwrapped(body)
    if body.protocolMessage.HasField("editedMessage"):
        body = unwrapped(body.protocolMessage.editedMessage)
    return next(_all_around(body), None)


def _all_around(body: Body) -> Iterator[Around]:
    for field, part in body.ListFields():
        kind = field.message_type
        if kind is None or "contextInfo" not in kind.fields_by_name or isinstance(part, Sequence):
            continue
        if part.HasField("contextInfo"):
            yield part.contextInfo


def _quotation(around: Around, writer: SenderAddresses) -> tuple[Quotation | None, list[Mention]]:
    """The quoted message as the quoting phone states it, and who is mentioned in it."""
    quoted = around.quotedMessage
    if not around.HasField("quotedMessage"):
        quoted = around.questionReplyQuotedMessage.quotedQuestion
    if not quoted.ListFields():
        return None, []
    content = content_of(quoted)
    parts = (part for _, part in unwrapped(quoted).ListFields())
    seconds = bounds.count(max((getattr(part, "seconds", 0) for part in parts), default=0))
    words = in_words(content.kind, content.text, content.media, seconds)[:_LONGEST_WORDS].strip()
    if not words:
        return None, []
    sender = _jid(around.participant)
    from_me = sender is not None and _is_shops(sender, around, writer)
    inner = _around(quoted)
    mentions = [] if inner is None else [*_mentions(inner)]
    return Quotation(words, (sender and sender.number) or "", from_me), mentions


def _is_shops(sender: Jid, around: Around, writer: SenderAddresses) -> bool:
    """Whether the shop said it: in a direct chat, whatever one side did not say, the other did."""
    if sender.number == writer.account:
        return True
    other_chat = _jid(around.remoteJID)
    if not writer.is_direct or (other_chat is not None and other_chat.is_group):
        return False
    comparable = [one for one in writer.addresses if one.server == sender.server]
    return bool(comparable) and (sender in comparable) is writer.from_me


def _advert(around: Around) -> Advert | None:
    """The advert or shared page that the customer has clicked."""
    ad = around.externalAdReply
    found = Advert(*(text.strip()[:_LONGEST_LINE] for text in (ad.title, ad.body, ad.sourceURL)))
    if found.words:
        return found
    older = around.quotedAd
    found = Advert(
        *(text.strip()[:_LONGEST_LINE] for text in (older.advertiserName, older.caption))
    )
    return found if found.words else None


def _mentions(around: Around) -> Iterator[Mention]:
    for address in around.mentionedJID[:_MOST_MENTIONS]:
        if (jid := _jid(address)) is not None:
            yield Mention(jid)
    for group in around.groupMentions[:_MOST_MENTIONS]:
        jid = _jid(group.groupJID)
        if jid is not None and group.groupSubject:
            yield Mention(jid, subject=bounds.name(group.groupSubject))


def _jid(address: str) -> Jid | None:
    """A sender's own text may not be an address."""
    with suppress(ValueError):
        return Jid.parse(address)
    return None
