"""A person's words in others' rows: posted with them, quoted, or seen by an analysis."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from izer_bridge.analysis.store.seen import rows_and_words
from izer_bridge.domain.message import Kind
from izer_bridge.store.tables import analytics_results, posted_history, webhook_messages
from izer_bridge.upkeep.store.person import Forgotten

_ROWS, _POSTED, _RESULTS = webhook_messages.c, posted_history.c, analytics_results.c


def quotes(connection: Connection, person: Forgotten, without: Sequence[int]) -> list[list[Any]]:
    """Their posted messages in others' history, in chats that they wrote in, by message."""
    query = (
        select(_POSTED.id, _POSTED.webhook_message_id)
        .join(webhook_messages, _ROWS.id == _POSTED.webhook_message_id)
        .where(_ROWS.chat_id.in_(person.wrote_in), _POSTED.sender.in_(person.names))
    )
    gone = set(without)
    by_message: dict[int, list[Any]] = {}
    for row in connection.execute(query):
        if row.webhook_message_id not in gone:
            by_message.setdefault(row.webhook_message_id, []).append(row)
    return list(by_message.values())


def unquote(connection: Connection, quotes: Sequence[Any], names: frozenset[str]) -> None:
    """Remove them from a message's context and from the request that it came with."""
    row_id = quotes[0].webhook_message_id
    connection.execute(delete(posted_history).where(_POSTED.id.in_([row.id for row in quotes])))
    raw = connection.scalar(select(_ROWS.raw_data).where(_ROWS.id == row_id))
    if isinstance(raw, dict) and isinstance(raw.get("history"), list):
        raw = _without(raw, names)
        connection.execute(update(webhook_messages).where(_ROWS.id == row_id).values(raw_data=raw))


def unquote_answers(connection: Connection, person: Forgotten) -> None:
    """Remove them from other group members' answers to the person."""
    rows = connection.execute(
        select(_ROWS.id, _ROWS.context_info).where(
            _ROWS.chat_id.in_(person.wrote_in), _ROWS.context_info.is_not(None)
        )
    )
    for row_id, around in rows.all():
        if (around.get("quoted") or {}).get("sender") in person.names:
            around = {name: part for name, part in around.items() if name != "quoted"}
            connection.execute(
                update(webhook_messages).where(_ROWS.id == row_id).values(context_info=around)
            )


def _without(raw: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    kept = [
        one for one in raw["history"] if not (isinstance(one, dict) and one.get("sender") in names)
    ]
    return {**raw, "history": kept}


def let_go_of_contexts(connection: Connection, ids: Sequence[int]) -> None:
    """Remove these messages, and their words in reactions, from what others' analyses have seen.

    The positions of removed rows stay empty, so that the others keep theirs.
    """
    doomed = connection.execute(select(_ROWS.chat_id, _ROWS.message_id).where(_ROWS.id.in_(ids)))
    chat_ids, names = map(set, zip(*doomed.all(), strict=True))
    reactions = set(
        connection.scalars(
            select(_ROWS.id)
            .where(_ROWS.chat_id.in_(chat_ids), _ROWS.target_id.in_(names))
            .where(_ROWS.kind == str(Kind.REACTION))
        )
    )
    seen = connection.execute(
        select(_RESULTS.id, _RESULTS.context)
        .join(webhook_messages, _ROWS.id == _RESULTS.webhook_message_id)
        .where(_ROWS.chat_id.in_(chat_ids), _RESULTS.context.is_not(None))
    )
    gone = set(ids)
    for result_id, context in seen.all():
        left = [
            0 if row_id in gone else row_id if row_id in reactions else one
            for one, (row_id, _) in zip(context, rows_and_words(context), strict=True)
        ]
        if left != context:
            connection.execute(
                update(analytics_results).where(_RESULTS.id == result_id).values(context=left)
            )
