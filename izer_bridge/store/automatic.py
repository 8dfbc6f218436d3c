"""Looks up what was said in a chat right before a message of the shop's own phone."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model import automatic
from izer_bridge.model.automatic import QUIET, Said
from izer_bridge.model.message import NOT_SAID, Message
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import identifier

_ROWS = webhook_messages.c
# More than one in two seconds is enough to know.
_MOST = 20


async def follows_at_once(
    connection: AsyncConnection,
    message: Message,
    chat_id: int,
    new: Iterable[Mapping[str, Any]],
) -> bool:
    """`new` are the chat's rows that are about to be written."""
    begin = message.sent_at - QUIET
    found = await connection.execute(
        select(_ROWS.chat_time, _ROWS.from_me)
        .where(
            _ROWS.chat_id == chat_id,
            _ROWS.chat_time > begin,
            _ROWS.chat_time <= message.sent_at,
            _ROWS.kind.not_in(NOT_SAID),
            _ROWS.message_id != identifier(message.message_id),
        )
        .order_by(_ROWS.chat_time)
        .limit(_MOST)
    )
    said = [Said(row.chat_time, row.from_me) for row in found]
    said += [
        Said(row["chat_time"], row["from_me"])
        for row in new
        if row["kind"] not in NOT_SAID and begin < row["chat_time"] <= message.sent_at
    ]
    return automatic.follows_at_once(message.sent_at, said)
