"""A store in long use: nearly everything is settled, and one chat has a large share.

The server itself creates the rows, a million within a minute or two.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, create_engine, make_url

from tests.store.messages import ACCOUNT

# One a minute, whatever their number: an older store has no busier days.
_STEP = timedelta(minutes=1)
_DIGITS = " UNION ALL ".join(f"SELECT {digit} AS x" for digit in range(10))
# A tenth is said in the first chat. A quarter is the shop's own; of the rest nearly all is settled.
_TABLES = {
    "many (n)": """
        WITH digits AS (DIGITS)
        SELECT NUMBER FROM PLACES WHERE NUMBER < COUNT""",
    "contacts (id, number, lid, name, created_at)": """
        SELECT n + 1, '+90555' || (1000000 + n), 100000000 + n, 'Ali ' || n, AT
        FROM many WHERE n < CHATS""",
    "chats (id, account, contact_id, name, created_at)": """
        SELECT n + 1, 'ACCOUNT', n + 1, 'Ali ' || n, AT FROM many WHERE n < CHATS""",
    """webhook_messages (id, message_id, chat_time, current_message, created_at, updated_at,
        account, chat_id, chat_jid, sender_id, sender_jid, kind, origin, from_me, state,
        skip_reason)""": """
        SELECT n + 1, 'OLD' || n, AT, 'Fren ne kadar?', AT, AT, 'ACCOUNT', CHAT, 'JID', CHAT, 'JID',
            'text', 'live', n % 4 = 3, CASE WHEN n % 4 = 3 THEN 'skipped'
            WHEN n % 5003 = 1 THEN 'dead' ELSE 'settled' END, CASE WHEN n % 4 = 3 THEN 'own' END
        FROM many""",
    """conversations (id, phase, sort_at, waiting_since, soon_at, due_at, asked_at, unanswered,
        urgent_id, urgency, was_answered, last_at, changed_at)""": """
        SELECT n + 1, CASE n % 3 WHEN 0 THEN 'done' WHEN 1 THEN 'customer' ELSE 'waiting' END,
            AT, AT, AT, AT, AT, 1, n + 1, 5, n % 2, AT, AT FROM many WHERE n < CHATS""",
    "chat_pauses (chat_id, paused_until, reason, created_at, updated_at)": """
        SELECT n + 1, AT, 'human', AT, AT FROM many WHERE n < CHATS""",
    "message_chain (account, position, message_id, chat_jid, content_hash, link_hash)": """
        SELECT 'ACCOUNT', n + 1, 'OLD' || n, 'JID', 'content', 'link' FROM many""",
    """posted_history (webhook_message_id, sender, content, timestamp, message_type,
        created_at)""": """
        SELECT n + 1, 'Ali', 'Fren?', AT, 'text', AT FROM many WHERE n % 4 <> 3""",
    """analytics_results (webhook_message_id, urgency_score, category, sentiment, priority_level,
        action_required, recommended_response_time, processed_at, analyser, danger,
        cost_micro_usd)""": """
        SELECT n + 1, 1 + n % 7, CASE WHEN n % 3 = 0 THEN 'sales' ELSE 'technical' END, 'neutral',
            'normal', 0, '24hours', AT, CASE WHEN n % 2 = 0 THEN 'openai' ELSE 'local' END,
            CASE WHEN n % 53 = 1 THEN 'ride' END, 30
        FROM many WHERE n % 4 <> 3""",
    """agent_calls (webhook_message_id, agent_type, routing_success, response_time_ms,
        routed_at)""": """
        SELECT n + 1, 'business_workflow', 1, 12, AT FROM many WHERE n % 4 <> 3""",
    """outbox (id, purpose, kind, state, account, webhook_message_id, chat_id, chat_jid,
        not_before, sending_at, whatsapp_id, created_at, updated_at)""": """
        SELECT n + 1, 'reply:' || (n + 1), CASE WHEN n % 8 = 1 THEN 'notice' ELSE 'reply' END,
            CASE WHEN n % 4 = 0 THEN 'lapsed' WHEN n % 5003 = 1 THEN 'uncertain' ELSE 'sent' END,
            'ACCOUNT', n + 1, CHAT, 'JID', AT, AT, 'OUT' || n, AT, AT
        FROM many WHERE n % 4 <> 3""",
    """escalations (id, webhook_message_id, account, why, state, level, since, ended_at,
        created_at, updated_at)""": """
        SELECT n + 1, n + 1, 'ACCOUNT', 'urgent',
            CASE WHEN n % 8 = 1 THEN 'answered' ELSE 'closed' END, 1, AT, AT, AT, AT
        FROM many WHERE n % 20 = 1""",
    "escalation_notices (escalation_id, target, state, outbox_id, created_at, updated_at)": """
        SELECT n + 1, 'owner', 'sent', n + 1, AT, AT FROM many WHERE n % 20 = 1""",
    """media (webhook_message_id, kind, declared_type, size, path, state, created_at,
        updated_at)""": """
        SELECT n + 1, 'image', 'image/jpeg', 9, 'a.jpg', 'kept', AT, AT
        FROM many WHERE n % 20 = 2""",
    "events (id, type, payload, created_at)": """
        SELECT 'evt' || n, 'message', '{}', AT FROM many WHERE n % 4 <> 3""",
    "event_deliveries (event_id, target, state, attempts, updated_at)": """
        SELECT 'evt' || n, 'crm', 'delivered', 1, AT FROM many WHERE n % 4 <> 3""",
    # Twenty figures for each hour, and what reports have of it.
    """system_stats (stat_type, stat_value, numeric_value, time_period, reference_date, hour,
        additional_data, created_at)""": """
        SELECT CASE f.n WHEN 0 THEN 'messages_recorded' WHEN 1 THEN 'report_customers'
                WHEN 2 THEN 'report_messages' ELSE 'messages_by_urgency' END,
            CASE f.n WHEN 0 THEN 'all' WHEN 1 THEN 'all' WHEN 2 THEN 'customer' ELSE f.n || '' END,
            1, 'hourly', substr(AT, 1, 10), substr(AT, 12, 2) + 0,
            CASE WHEN f.n = 1 THEN '[1, 2]' END, AT
        FROM many, (SELECT n FROM many WHERE n < 22) f WHERE many.n % HOURLY = 0""",
    "gaps (account, message_id, reason, noticed_at, closed_at, closed_by)": """
        SELECT 'ACCOUNT', 'OLD' || n, 'undecryptable', AT, AT, 'arrival'
        FROM many WHERE n % 500 = 1""",
}
GROWING = frozenset(target.split()[0] for target in _TABLES) - {"many"}


def fill(url: str, count: int, until: datetime, step: timedelta = _STEP) -> None:
    """Write so many messages, the last a `step` before `until`, into an empty store."""
    with connected(url) as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        began = until - count * step
        places = range(len(str(count - 1)))
        meant = {
            "ACCOUNT": ACCOUNT,
            "AT": (_at_on_sqlite if is_sqlite else _at_on_mysql)(began, step),
            "CHATS": str(max(count // 100, 2)),
            "CHAT": f"(CASE WHEN n % 10 = 0 THEN 1 ELSE 2 + n % {max(count // 100, 2) - 1} END)",
            "COUNT": str(count),
            "DIGITS": _DIGITS,
            "HOURLY": str(timedelta(hours=1) // step),
            "NUMBER": " + ".join(f"d{place}.x * {10**place}" for place in places),
            "PLACES": ", ".join(f"digits d{place}" for place in places),
            "JID": "905551112233@s.whatsapp.net",
        }
        if not is_sqlite:
            connection.exec_driver_sql(
                "SET SESSION sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')"
            )
        connection.exec_driver_sql("CREATE TABLE many (n INTEGER PRIMARY KEY)")
        for target, rows in _TABLES.items():
            said = re.sub("[A-Z]+", lambda word: meant.get(word[0], word[0]), rows)
            # Otherwise a driver takes "%" for a parameter.
            connection.exec_driver_sql(
                f"INSERT INTO {target} {said}", execution_options={"no_parameters": True}
            )
        connection.exec_driver_sql("DROP TABLE many")


def index(url: str) -> None:
    """Make them known by their words, two in a thousand by a rare one, too."""
    with connected(url) as connection:
        rare = "CASE WHEN id % 1000 IN (1, 7) THEN ' 0nadir' ELSE '' END"
        is_sqlite = connection.dialect.name == "sqlite"
        words = f"'0fren' || {rare}" if is_sqlite else f"CONCAT('0fren', {rare})"
        connection.exec_driver_sql(
            f"INSERT INTO search_words (id, words) SELECT id, {words} FROM webhook_messages",  # noqa: S608
            execution_options={"no_parameters": True},
        )
        if is_sqlite:
            connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('rebuild')")


def analyse(url: str) -> None:
    """Let the store's planner count every table's rows, as an operator may at any time."""
    with connected(url) as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ANALYZE")
        else:
            connection.exec_driver_sql(f"ANALYZE TABLE {', '.join(sorted(GROWING))}")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """By a plain driver, in one transaction."""
    parsed = make_url(url)
    if parsed.drivername != "sqlite":
        parsed = parsed.set(drivername="mysql+pymysql")
    engine = create_engine(parsed)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def _at_on_sqlite(began: datetime, step: timedelta) -> str:
    seconds = f"{int(began.timestamp())} + many.n * {step.seconds}"
    return f"(strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch') || '.000000')"


def _at_on_mysql(began: datetime, step: timedelta) -> str:
    return f"TIMESTAMPADD(SECOND, many.n * {step.seconds}, '{began:%Y-%m-%d %H:%M:%S}')"
