"""What people really send: what came around the words, what nothing could read, and danger.

And which groups are the shop's own. What was said before a message is copied no longer: the old
copies stay, under another name. So do agents' answers, which are kept shorter.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.domain.errors import ConfigError
from izer_bridge.store.columns import Bytes, CurrentTime, Json, RowId, UtcDateTime

revision = "0011"
down_revision = "0010"

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "sqlite_autoincrement": True,
}


def _read_medium_as_normal() -> None:
    for name in ("analytics_results", "important_customers", "critical_groups"):
        level = sa.column("priority_level", sa.String)
        named = sa.table(name, level)
        op.execute(
            sa.update(named)
            .where(sa.func.lower(sa.func.trim(level)) == "medium")
            .values(priority_level="normal")
        )


def _let_each_writer_choose_ids() -> None:
    """A unique key of who writes, too, for messages and their gaps."""
    with op.batch_alter_table("gaps", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("uq_gaps_message_id_account", type_="unique")
        table.create_unique_constraint(
            "uq_gaps_message_id_account_sender_jid_chat_jid",
            ["message_id", "account", "sender_jid", "chat_jid"],
        )
    old = "uq_webhook_messages_message_id_chat_id"
    new, columns = f"{old}_from_me_sender_id", ["message_id", "chat_id", "from_me", "sender_id"]
    if op.get_context().dialect.name != "sqlite":
        op.create_unique_constraint(new, "webhook_messages", columns)
        op.drop_constraint(old, "webhook_messages", type_="unique")
        return
    # A table that is written anew is dropped, and every row that belongs to a message with it.
    was = f"CONSTRAINT {old} UNIQUE (message_id, chat_id)"
    is_ = f"CONSTRAINT {new} UNIQUE ({', '.join(columns)})"
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        "UPDATE sqlite_master SET sql = replace(sql, "  # noqa: S608 - all of it stands above
        f"'{was}', '{is_}') WHERE type = 'table' AND name = 'webhook_messages'"
    )
    op.execute("PRAGMA writable_schema = RESET")
    op.execute("REINDEX webhook_messages")


def _let_message_history_be_a_view() -> None:
    """Its rows stay: nobody knows any more which of them the store has by itself."""
    there = {"message_history", "posted_history"}.intersection(
        sa.inspect(op.get_bind()).get_table_names()
    )
    if len(there) > 1:
        raise ConfigError("store.url: there is a table posted_history of somebody else's")
    if "message_history" in there:
        op.rename_table("message_history", "posted_history")
    op.add_column("analytics_results", sa.Column("context", Json, nullable=True))


def _let_agent_routing_be_a_view() -> None:
    """Old answers stay whole, as any does that has another shape."""
    there = {"agent_routing", "agent_calls"}.intersection(
        sa.inspect(op.get_bind()).get_table_names()
    )
    if len(there) > 1:
        raise ConfigError("store.url: there is a table agent_calls of somebody else's")
    if "agent_routing" in there:
        op.rename_table("agent_routing", "agent_calls")
    op.add_column("agent_calls", sa.Column("steps", Json, nullable=True))
    op.add_column("agent_calls", sa.Column("facts", Json, nullable=True))
    op.create_table(
        "agent_steps",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_agent_steps"),
        sa.UniqueConstraint("type", "text", name="uq_agent_steps_type_text"),
        **OPTIONS,
    )


def _leave_what_is_done_out_of_indexes() -> None:
    """On SQLite: on MySQL a planner looks how many rows are in a state before it decides."""
    if op.get_context().dialect.name != "sqlite":
        return
    at_work = ["approved", "draft", "sending", "uncertain"]
    for table, columns, states in (
        ("webhook_messages", ["state", "chat_id", "id"], ["analysed", "dispatched", "recorded"]),
        ("webhook_messages", ["target_id"], None),
        ("outbox", ["state", "not_before", "id"], at_work),
        ("escalations", ["state", "next_at"], ["open"]),
        ("escalation_notices", ["state", "next_attempt_at"], ["sending", "waiting"]),
    ):
        name = f"ix_{table}_{'_'.join(columns)}"
        op.drop_index(name, table)
        kept = sa.column(columns[0]).is_not(None)
        if states is not None:
            kept = sa.column("state").in_([sa.literal_column(f"'{state}'") for state in states])
        op.create_index(name, table, columns, sqlite_where=kept)


def _sum_by_the_hour() -> None:
    op.add_column("system_stats", sa.Column("hour", sa.Integer(), nullable=True))
    key = ["reference_date", "hour", "stat_type", "stat_value"]
    op.create_index(f"ix_system_stats_{'_'.join(key)}", "system_stats", key, unique=True)
    op.drop_index("ix_webhook_messages_created_at_state", "webhook_messages")
    op.create_index("ix_webhook_messages_created_at", "webhook_messages", ["created_at"])


def upgrade() -> None:
    _read_medium_as_normal()
    _leave_what_is_done_out_of_indexes()
    _let_each_writer_choose_ids()
    _let_message_history_be_a_view()
    _let_agent_routing_be_a_view()
    op.add_column(
        "contacts",
        sa.Column("is_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("chats", sa.Column("disappearing_seconds", sa.Integer(), nullable=True))
    op.add_column("chats", sa.Column("disappearing_set_at", UtcDateTime(), nullable=True))
    op.add_column("chats", sa.Column("shop_is_admin", sa.Boolean(), nullable=True))
    op.add_column("webhook_messages", sa.Column("context_info", Json, nullable=True))
    op.add_column("outbox", sa.Column("refusal_code", sa.Integer(), nullable=True))
    _sum_by_the_hour()
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    op.create_index("ix_chat_pauses_paused_until", "chat_pauses", ["paused_until"])
    paid = sa.column("cost_micro_usd").is_not(None)
    op.create_index(
        "ix_analytics_results_second_at", "analytics_results", ["second_at"], sqlite_where=paid
    )
    # A planner that looks for one kind alone must not take it.
    op.drop_index("ix_outbox_kind_sending_at", "outbox")
    op.create_index("ix_outbox_sending_at_kind", "outbox", ["sending_at", "kind"])
    for table in ("webhook_messages", "posted_history"):
        op.add_column(
            table,
            sa.Column("is_automatic", sa.Boolean(), server_default=sa.false(), nullable=False),
        )
    op.add_column("analytics_results", sa.Column("analysis_ms", sa.Integer(), nullable=True))
    op.add_column("analytics_results", sa.Column("danger", sa.String(length=32), nullable=True))
    op.add_column("outbox", sa.Column("danger", sa.String(length=32), nullable=True))
    op.create_table(
        "unread_messages",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=255), nullable=False),
        sa.Column("payload", Bytes(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_unread_messages_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_unread_messages"),
        sa.UniqueConstraint("webhook_message_id", name="uq_unread_messages_webhook_message_id"),
        **OPTIONS,
    )
    op.create_table(
        "confirmed_groups",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("group_identifier", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_confirmed_groups"),
        sa.UniqueConstraint("group_identifier", name="uq_confirmed_groups_group_identifier"),
        **OPTIONS,
    )
