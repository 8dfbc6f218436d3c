"""`message_history` for those outside: what was said before a message, as it was judged with it.

The replaced system had a table of that name. It is a view over `posted_history` and over the rows
that analyses have seen (`pipeline/store/chat_context.py`). Its `id` never changes: of what was
posted it is that table's own, of the rest 10^12 + 1000 times the message's + the place, from 0 for
the oldest. The bridge reads it nowhere, and no backup holds it.
"""

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from izer_bridge.domain.errors import ConfigError

NAME = "message_history"
# SQLite looks up both halves by their indexes in a join, too, where none says the type of a column
# that the other computes. Of whom nobody knows a name or a number the address stands there, as in
# `Message.writer`.
_SELECT = """\
SELECT COALESCE(id, 0) AS id, webhook_message_id, COALESCE(sender, '') AS sender,
  COALESCE(content, '') AS content, timestamp, message_type, from_me, is_automatic, created_at
FROM posted_history
UNION ALL
SELECT 1000000000000 + 1000 * a.webhook_message_id + {place}, a.webhook_message_id,
  CASE WHEN m.sender_name <> '' THEN m.sender_name WHEN m.phone_number <> '' THEN m.phone_number
    WHEN substr(m.sender_jid, -4) = '@lid' THEN m.sender_jid
    ELSE substr(m.sender_jid, 1, instr(m.sender_jid, '@') - 1) END,
  COALESCE({words}, m.current_message),
  m.chat_time, m.kind, m.from_me, m.is_automatic, a.processed_at
FROM analytics_results a JOIN {entries} e ON TRUE
JOIN webhook_messages m ON m.id = {row}
"""
_SQLITE = "CREATE VIEW IF NOT EXISTS message_history AS\n" + _SELECT.format(
    entries="json_each(a.context)",
    place="e.key",
    row="COALESCE(e.atom, json_extract(e.value, '$[0]'))",
    words="CASE e.type WHEN 'array' THEN json_extract(e.value, '$[1]') END",
)
# Whoever reads it does so with rights of their own: its maker may be gone.
MYSQL = "CREATE OR REPLACE SQL SECURITY INVOKER VIEW message_history AS\n" + _SELECT.format(
    entries="""JSON_TABLE(a.context, '$[*]' COLUMNS (place FOR ORDINALITY,
  plain BIGINT PATH '$', changed BIGINT PATH '$[0]', words LONGTEXT PATH '$[1]'))""",
    place="CAST(e.place AS SIGNED) - 1",
    row="COALESCE(e.plain, e.changed)",
    words="CONVERT(e.words USING utf8mb4) COLLATE utf8mb4_bin",
)
# It speaks no such SQL; this user may make no view.
_REFUSED = (1064, 1142)


def make(connection: Connection) -> None:
    """Where it is not there. Raises ConfigError where the server refuses it for good."""
    if NAME in inspect(connection).get_view_names():
        return
    is_sqlite = connection.dialect.name == "sqlite"
    try:
        connection.exec_driver_sql(_SQLITE if is_sqlite else MYSQL)
    except DBAPIError as error:
        if error.orig is None or error.orig.args[0] not in _REFUSED:
            raise
        raise ConfigError(f"store.url: no view {NAME} can be made: {error.orig}") from error
