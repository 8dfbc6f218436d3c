"""`message_history` and `agent_routing` for outside readers, who know them as tables.

The history that a message was judged with is in `posted_history` and in the rows that analyses have
seen (`pipeline/store/chat_context.py`). A row's `id` never changes: for posted history it is that
table's own, for the rest 10^12 + 1000 times the message's id + the place, counted from 0 for the
oldest. Agents' answers are in `agent_calls`, packed (`agents/store.py`). The bridge reads neither
view, and no backup contains one.
"""

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from izer_bridge.domain.errors import ConfigError

HISTORY, ROUTING = NAMES = ("message_history", "agent_routing")
# In a join SQLite uses the indexes of both halves only if neither declares the type of a column
# that the other computes. A person without a known name or number is shown by their address, as in
# `Message.writer`.
_HISTORY = """\
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
_SQLITE_HISTORY = "CREATE VIEW IF NOT EXISTS message_history AS\n" + _HISTORY.format(
    entries="json_each(a.context)",
    place="e.key",
    row="COALESCE(e.atom, json_extract(e.value, '$[0]'))",
    words="CASE e.type WHEN 'array' THEN json_extract(e.value, '$[1]') END",
)
# Readers use their own privileges: the view's creator may no longer exist.
_MYSQL = "CREATE OR REPLACE SQL SECURITY INVOKER VIEW {} AS\n"
# From 10.11.19 on MariaDB gives a column here the character set of the server, if it has none of
# its own: Debian's is latin1, which has no ş and no emoji.
_MYSQL_HISTORY = _MYSQL.format("message_history") + _HISTORY.format(
    entries="""JSON_TABLE(a.context, '$[*]' COLUMNS (place FOR ORDINALITY, plain BIGINT PATH '$',
  changed BIGINT PATH '$[0]', words LONGTEXT CHARACTER SET utf8mb4 PATH '$[1]'))""",
    place="CAST(e.place AS SIGNED) - 1",
    row="COALESCE(e.plain, e.changed)",
    words="e.words COLLATE utf8mb4_bin",
)
# How both servers show a view of before.
_WITHOUT_CHARACTER_SET = "%longtext path%"
_CALLS = """\
SELECT c.id AS id, c.webhook_message_id AS webhook_message_id, c.agent_type AS agent_type,
  c.agent_url AS agent_url, c.routing_success AS routing_success, {answer} AS response_data,
  c.response_time_ms AS response_time_ms, c.error_message AS error_message,
  c.routed_at AS routed_at, c.reason AS reason, c.attempt_number AS attempt_number
FROM agent_calls c
"""
# Steps in their order: no planner reorders a CROSS JOIN.
_SQLITE_ANSWER = """\
CASE WHEN c.steps IS NULL THEN c.response_data ELSE json_object(
    'reply', CASE json_type(c.response_data, '$.reply') WHEN 'array' THEN
      (SELECT group_concat(CASE e.type WHEN 'integer' THEN
          CASE WHEN e.key = 0 THEN '' WHEN e.atom < 0 THEN char(10) ELSE ' ' END || s.text
          ELSE e.atom END, '')
        FROM json_each(c.response_data, '$.reply') e LEFT JOIN agent_steps s ON s.id = abs(e.atom))
      ELSE json_extract(c.response_data, '$.reply') END,
    'confidence', json_extract(c.response_data, '$.confidence'),
    'needs_human', json(CASE json_extract(c.response_data, '$.needs_human')
      WHEN 0 THEN 'false' ELSE 'true' END),
    'actions', json((SELECT json_group_array(json_patch(
        json_object('type', s.type, 'text', s.text), COALESCE(c.facts, '{}')))
      FROM json_each(c.steps) e CROSS JOIN agent_steps s ON s.id = e.atom)),
    'agent', c.agent_type, 'handled_by', c.agent_type,
    'language', json_extract(c.response_data, '$.language'),
    'topic', json_extract(c.response_data, '$.topic'),
    'next_step', (SELECT s.text FROM agent_steps s WHERE s.id = json_extract(c.steps, '$[0]'))
  ) END"""
_SQLITE_CALLS = "CREATE VIEW IF NOT EXISTS agent_routing AS\n" + _CALLS.format(
    answer=_SQLITE_ANSWER
)
_MYSQL_CALLS = _MYSQL.format("agent_routing") + _CALLS.format(answer="c.response_data")
SQLITE = {HISTORY: _SQLITE_HISTORY, ROUTING: _SQLITE_CALLS}
MYSQL = {HISTORY: _MYSQL_HISTORY, ROUTING: _MYSQL_CALLS}
# The server speaks no such SQL; this user may create no view.
_REFUSED = (1064, 1142)


def make(connection: Connection) -> None:
    """Create the missing views. Raises ConfigError if the server refuses one for good."""
    is_sqlite = connection.dialect.name == "sqlite"
    if is_sqlite:
        _drop_others(connection)
    there = set(inspect(connection).get_view_names())
    if not is_sqlite:
        there -= _that_lose_letters(connection)
    for name, statement in (SQLITE if is_sqlite else MYSQL).items():
        if name not in there:
            _make(connection, name, statement)


def _that_lose_letters(connection: Connection) -> set[str]:
    """The views whose words are in the server's character set, whatever it is."""
    return set(
        connection.exec_driver_sql(
            "SELECT table_name FROM information_schema.views WHERE table_schema = DATABASE()"
            " AND LOWER(view_definition) LIKE %s",
            (_WITHOUT_CHARACTER_SET,),
        ).scalars()
    )


def _drop_others(connection: Connection) -> None:
    """Drop the views of a version that kept answers in another way and would show them wrongly."""
    kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view'")
    for name, sql in kept.all():
        if name in SQLITE and _meant(sql) != _meant(SQLITE[name]):
            connection.exec_driver_sql(f"DROP VIEW {name}")


def _meant(statement: str) -> str:
    """What SQLite keeps as it was written: how the view is to be made is not."""
    return statement.partition(" AS\n")[2].strip()


def _make(connection: Connection, name: str, statement: str) -> None:
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        if error.orig is None or error.orig.args[0] not in _REFUSED:
            raise
        raise ConfigError(f"store.url: no view {name} can be made: {error.orig}") from error
