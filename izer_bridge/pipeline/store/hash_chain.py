"""A hash chain over recorded messages: changing, removing or inserting one breaks it.

An account's entries are numbered from 1; each link is SHA-256 over the previous link, the message's
key and the hash of its content. A message that is filled later has a second entry, which counts.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from json import dumps
from json.encoder import encode_basestring as _of_text
from typing import Any

from sqlalchemy import Connection, select

from izer_bridge.store.bulk import insert_all
from izer_bridge.store.tables import message_chain, webhook_messages

_CHAIN = message_chain.c
FIRST_LINK = "0" * 64
# Columns that never change once written. An edit or a revoke is stored beside them.
CONTENT = (
    *("account", "message_id", "chat_jid", "chat_time", "sender_jid", "kind", "origin", "from_me"),
    *("current_message", "media_mimetype", "media_size", "media_file_name", "target_id"),
)
_TIME = CONTENT.index("chat_time")
CONTENT_COLUMNS = tuple(webhook_messages.c[name] for name in CONTENT)


def content_hash(row: Mapping[str, Any]) -> str:
    """The content hash of a `webhook_messages` row, about to be written or just read."""
    values = [row[name] for name in CONTENT]
    values[_TIME] = values[_TIME].astimezone(UTC).isoformat()
    return hashlib.sha256(_written(values).encode()).hexdigest()


def link_hash(before: str, message_id: str, chat_jid: str, content: str) -> str:
    text = _written([before, message_id, chat_jid, content])
    return hashlib.sha256(text.encode()).hexdigest()


def _written(values: Iterable[str | int | None]) -> str:
    """The text of `json.dumps(values, ensure_ascii=False)`, which creates an encoder each time."""
    return f"[{', '.join(map(_one_written, values))}]"


def _one_written(value: str | int | None) -> str:
    if type(value) is str:
        return _of_text(value)
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    return dumps(value)


def extend(connection: Connection, account: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add an entry for each of `rows`; two concurrent writers collide on the position."""
    last = connection.execute(
        select(_CHAIN.position, _CHAIN.link_hash)
        .where(_CHAIN.account == account)
        .order_by(_CHAIN.position.desc())
        .limit(1)
    ).one_or_none()
    before, link = (last[0], last[1]) if last else (0, FIRST_LINK)
    entries = []
    for position, row in enumerate(rows, before + 1):
        content = content_hash(row)
        link = link_hash(link, row["message_id"], row["chat_jid"], content)
        entries.append(
            {
                "account": account,
                "position": position,
                "message_id": row["message_id"],
                "chat_jid": row["chat_jid"],
                "content_hash": content,
                "link_hash": link,
            }
        )
    insert_all(connection, message_chain, entries)
