"""Decides, as a message is recorded, whether the shop's app sent it automatically."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, or_, select

from izer_bridge.domain.message import NOT_SAID, OURS, Message, Origin
from izer_bridge.pipeline.automatic import SILENCE, AutomaticTexts, ChatTurn, follows_at_once
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import identifier

_ROWS = webhook_messages.c
# More than one in two seconds is enough to know.
_MOST = 20


def is_automatic(
    connection: Connection,
    message: Message,
    chat_id: int,
    new: Iterable[Mapping[str, Any]],
    texts: AutomaticTexts,
) -> bool:
    """`new` are the chat's rows that are about to be written.

    A history is too long to look around each of its messages: only the texts count there.
    """
    if not message.from_me or message.origin in OURS or message.kind in NOT_SAID:
        return False
    if texts.hold(message.text):
        return True
    if message.origin is Origin.HISTORY:
        return False
    return follows_at_once(message.sent_at, _said(connection, message, chat_id, new))


def _said(
    connection: Connection,
    message: Message,
    chat_id: int,
    new: Iterable[Mapping[str, Any]],
) -> list[ChatTurn]:
    begin = message.sent_at - SILENCE
    found = connection.execute(
        select(_ROWS.chat_time, _ROWS.from_me)
        .where(
            _ROWS.chat_id == chat_id,
            _ROWS.chat_time > begin,
            _ROWS.chat_time <= message.sent_at,
            _ROWS.kind.not_in(NOT_SAID),
            or_(_ROWS.message_id != identifier(message.message_id), ~_ROWS.from_me),
        )
        .order_by(_ROWS.chat_time)
        .limit(_MOST)
    )
    said = [ChatTurn(row.chat_time, row.from_me) for row in found]
    return said + [
        ChatTurn(row["chat_time"], row["from_me"])
        for row in new
        if row["kind"] not in NOT_SAID and begin < row["chat_time"] <= message.sent_at
    ]
