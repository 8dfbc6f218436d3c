"""Reads a message's content and its surroundings, whether it is new or from history."""

from datetime import datetime, tzinfo
from typing import NamedTuple

from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message as Body

from izer_bridge.domain.context_info import NO_CONTEXT, ContextInfo, Timer
from izer_bridge.domain.message import Kind
from izer_bridge.whatsapp.convert.body import Content, content_of
from izer_bridge.whatsapp.convert.context_info import (
    SenderAddresses,
    context_info_of,
    timer_of,
    with_advert,
)
from izer_bridge.whatsapp.convert.sealed import SecretsOf, unsealed
from izer_bridge.whatsapp.library import bounds

_WORDS_ALONE = frozenset({"conversation", "messageContextInfo"})


class OpenedMessage(NamedTuple):
    """`body` is the opened message, `timer` its chat's timer, if it states one."""

    body: Body
    content: Content
    context: ContextInfo
    timer: Timer | None


def read(
    body: Body, writer: SenderAddresses, sent_at: datetime, zone: tzinfo, secrets_of: SecretsOf
) -> OpenedMessage:
    """Times in it are shown in `zone`; with the secrets a sealed edit is opened."""
    if words := _words_alone(body):
        return OpenedMessage(body, Content(Kind.TEXT, bounds.text(words)), NO_CONTEXT, None)
    body = unsealed(body, secrets_of, writer.addresses)
    context = context_info_of(body, writer)
    content = with_advert(content_of(body, zone), context)
    return OpenedMessage(body, content, context, timer_of(body, sent_at))


def _words_alone(body: Body) -> str:
    """What most people send: words, and nothing around them. Empty for any other message.

    One invisible part may come with it: the secret that would seal an edit.
    """
    is_plain = all(field.name in _WORDS_ALONE for field, _ in body.ListFields())
    is_plain = is_plain and not body.messageContextInfo.HasField("messageAssociation")
    return str(body.conversation) if is_plain else ""
