"""Votes in polls, told by the names of their options, which stand in the poll's own row."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from izer_bridge.model.message import Kind, Message
from izer_bridge.model.poll import chosen
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import clean, identifier

_ROWS = webhook_messages.c
_NOTHING = "[anket: oyunu geri aldı]"


async def named(connection: AsyncConnection, messages: Sequence[Message]) -> Sequence[Message]:
    """The same messages; a vote whose poll is known says for what it is."""
    targets = {identifier(one.target_id) for one in messages if one.voted and one.target_id}
    if not any(one.voted is not None for one in messages):
        return messages
    polls = await _polls(connection, targets)
    polls |= {
        (one.account, identifier(one.message_id)): clean(one.text)
        for one in messages
        if one.kind is Kind.POLL
    }
    return [_named(one, polls) for one in messages]


async def _polls(connection: AsyncConnection, targets: set[str]) -> dict[tuple[str, str], str]:
    found = await connection.execute(
        select(_ROWS.account, _ROWS.message_id, _ROWS.current_message).where(
            _ROWS.message_id.in_(targets), _ROWS.kind == str(Kind.POLL)
        )
    )
    return {(account, message_id): text for account, message_id, text in found}


def _named(message: Message, polls: dict[tuple[str, str], str]) -> Message:
    if message.voted is None:
        return message
    if not message.voted:
        return replace(message, text=_NOTHING)
    poll = polls.get((message.account, identifier(message.target_id or "")), "")
    options = chosen(poll, message.voted)
    return replace(message, text=f"[anket oyu] {', '.join(options)}") if options else message
