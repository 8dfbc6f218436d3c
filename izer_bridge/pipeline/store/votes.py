"""Names a poll vote's options, which the poll's own row keeps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from izer_bridge.domain.message import Message
from izer_bridge.domain.poll import chosen
from izer_bridge.store.tables import webhook_messages
from izer_bridge.store.text import identifier

_ROWS = webhook_messages.c
_NOTHING = "[anket: oyunu geri aldı]"


def named(connection: Connection, messages: Sequence[Message]) -> Sequence[Message]:
    """The same messages; a vote in a known poll says what it is for."""
    targets = {identifier(one.target_id) for one in messages if one.voted and one.target_id}
    if not any(one.voted is not None for one in messages):
        return messages
    polls = _polls(connection, targets)
    polls |= {
        (one.account, identifier(one.message_id)): one.options for one in messages if one.options
    }
    return [_named(one, polls) for one in messages]


_Polls = dict[tuple[str, str], Mapping[str, str]]


def _polls(connection: Connection, targets: set[str]) -> _Polls:
    found = connection.execute(
        select(_ROWS.account, _ROWS.message_id, _ROWS.context_info).where(
            _ROWS.message_id.in_(targets)
        )
    )
    return {
        (account, message_id): around["options"]
        for account, message_id, around in found
        if around and "options" in around
    }


def _named(message: Message, polls: _Polls) -> Message:
    if message.voted is None:
        return message
    if not message.voted:
        return replace(message, text=_NOTHING)
    poll = polls.get((message.account, identifier(message.target_id or "")), {})
    options = chosen(poll, message.voted)
    return replace(message, text=f"[anket oyu] {', '.join(options)}") if options else message
