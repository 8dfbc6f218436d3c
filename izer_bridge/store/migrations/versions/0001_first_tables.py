"""The first tables: the replaced system's seven, contacts and chats."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, Json, LongText, RowId, UtcDateTime

revision = "0001"
down_revision = None

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "sqlite_autoincrement": True,
}


def upgrade() -> None:
    _create_contacts()
    _create_critical_groups()
    _create_important_customers()
    _create_system_stats()
    _create_chats()
    _create_webhook_messages()
    _create_agent_routing()
    _create_analytics_results()
    _create_message_history()


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("lid", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
        sa.UniqueConstraint("lid", name="uq_contacts_lid"),
        sa.UniqueConstraint("number", name="uq_contacts_number"),
        **OPTIONS,
    )


def _create_critical_groups() -> None:
    op.create_table(
        "critical_groups",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("group_name", sa.String(length=255), nullable=False),
        sa.Column("group_identifier", sa.String(length=255), nullable=True),
        sa.Column(
            "priority_level", sa.String(length=32), server_default="critical", nullable=False
        ),
        sa.Column("auto_escalate", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("max_response_time_minutes", sa.Integer(), nullable=True),
        sa.Column("notification_settings", Json, nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_critical_groups"),
        sa.UniqueConstraint("group_identifier", name="uq_critical_groups_group_identifier"),
        **OPTIONS,
    )


def _create_important_customers() -> None:
    op.create_table(
        "important_customers",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("customer_name", sa.String(length=255), nullable=False),
        sa.Column("phone_number", sa.String(length=64), nullable=False),
        sa.Column("priority_level", sa.String(length=32), server_default="high", nullable=False),
        sa.Column("customer_type", sa.String(length=32), server_default="vip", nullable=False),
        sa.Column("auto_escalate", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("preferred_agent_type", sa.String(length=64), nullable=True),
        sa.Column("special_instructions", LongText, nullable=True),
        sa.Column("max_response_time_minutes", sa.Integer(), nullable=True),
        sa.Column("contact_info", Json, nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_important_customers"),
        sa.UniqueConstraint("phone_number", name="uq_important_customers_phone_number"),
        **OPTIONS,
    )


def _create_system_stats() -> None:
    op.create_table(
        "system_stats",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("stat_type", sa.String(length=100), nullable=False),
        sa.Column("stat_value", sa.String(length=255), nullable=True),
        sa.Column("numeric_value", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("time_period", sa.String(length=32), nullable=False),
        sa.Column("reference_date", sa.Date(), nullable=False),
        sa.Column("additional_data", Json, nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_system_stats"),
        **OPTIONS,
    )
    op.create_index(
        "ix_system_stats_stat_type_time_period_reference_date",
        "system_stats",
        ["stat_type", "time_period", "reference_date"],
        unique=False,
    )


def _create_chats() -> None:
    op.create_table(
        "chats",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("contact_id", RowId, nullable=True),
        sa.Column("jid", sa.String(length=128), nullable=True),
        sa.Column("name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name="fk_chats_contact_id"),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
        sa.UniqueConstraint("account", "contact_id", name="uq_chats_account_contact_id"),
        sa.UniqueConstraint("account", "jid", name="uq_chats_account_jid"),
        **OPTIONS,
    )
    op.create_index("ix_chats_contact_id", "chats", ["contact_id"], unique=False)


def _create_webhook_messages() -> None:
    op.create_table(
        "webhook_messages",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("chat_time", UtcDateTime(), nullable=False),
        sa.Column("chat_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("phone_number", sa.String(length=32), server_default="", nullable=False),
        sa.Column("current_message", LongText, nullable=False),
        sa.Column("is_vip_customer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("raw_data", Json, nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("chat_id", RowId, nullable=False),
        sa.Column("chat_jid", sa.String(length=128), nullable=False),
        sa.Column("sender_id", RowId, nullable=True),
        sa.Column("sender_jid", sa.String(length=128), nullable=False),
        sa.Column("sender_name", sa.String(length=255), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("from_me", sa.Boolean(), nullable=False),
        sa.Column("media_mimetype", sa.String(length=255), nullable=True),
        sa.Column("media_size", sa.BigInteger(), nullable=True),
        sa.Column("media_file_name", sa.String(length=255), nullable=True),
        sa.Column("target_id", sa.String(length=255), nullable=True),
        sa.Column("edited_text", LongText, nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("is_critical_group", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("context_count", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("skip_reason", sa.String(length=32), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("last_error", LongText, nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_webhook_messages_chat_id"),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["contacts.id"], name="fk_webhook_messages_sender_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_messages"),
        sa.UniqueConstraint("message_id", "chat_id", name="uq_webhook_messages_message_id_chat_id"),
        **OPTIONS,
    )
    op.create_index(
        "ix_webhook_messages_chat_id_chat_time_id",
        "webhook_messages",
        ["chat_id", "chat_time", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_messages_created_at_state",
        "webhook_messages",
        ["created_at", "state"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_messages_sender_id", "webhook_messages", ["sender_id"], unique=False
    )
    op.create_index(
        "ix_webhook_messages_state_chat_id_id",
        "webhook_messages",
        ["state", "chat_id", "id"],
        unique=False,
    )
    op.create_index(
        "ix_webhook_messages_target_id", "webhook_messages", ["target_id"], unique=False
    )


def _create_agent_routing() -> None:
    op.create_table(
        "agent_routing",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("agent_type", sa.String(length=64), nullable=False),
        sa.Column("agent_url", sa.String(length=2048), nullable=True),
        sa.Column("routing_success", sa.Boolean(), nullable=False),
        sa.Column("response_data", Json, nullable=True),
        sa.Column("response_time_ms", sa.Integer(), nullable=True),
        sa.Column("error_message", LongText, nullable=True),
        sa.Column("routed_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("reason", LongText, nullable=True),
        sa.Column("attempt_number", sa.Integer(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_agent_routing_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_agent_routing"),
        sa.UniqueConstraint(
            "webhook_message_id",
            "attempt_number",
            name="uq_agent_routing_webhook_message_id_attempt_number",
        ),
        **OPTIONS,
    )


def _create_analytics_results() -> None:
    op.create_table(
        "analytics_results",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("urgency_score", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("sentiment", sa.String(length=32), nullable=False),
        sa.Column("priority_level", sa.String(length=32), nullable=False),
        sa.Column("action_required", sa.Boolean(), nullable=False),
        sa.Column("recommended_response_time", sa.String(length=32), nullable=False),
        sa.Column("keywords", Json, nullable=True),
        sa.Column("confidence_score", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("analysis_details", Json, nullable=True),
        sa.Column("processed_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("analyser", sa.String(length=32), nullable=True),
        sa.Column("fallback_reason", LongText, nullable=True),
        sa.Column("model", sa.String(length=255), nullable=True),
        sa.Column("raised_because", sa.String(length=255), nullable=True),
        sa.Column("language", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_analytics_results_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_analytics_results"),
        sa.UniqueConstraint("webhook_message_id", name="uq_analytics_results_webhook_message_id"),
        **OPTIONS,
    )


def _create_message_history() -> None:
    op.create_table(
        "message_history",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("sender", sa.String(length=255), server_default="", nullable=False),
        sa.Column("content", LongText, nullable=False),
        sa.Column("timestamp", UtcDateTime(), nullable=False),
        sa.Column("message_type", sa.String(length=50), nullable=False),
        sa.Column("from_me", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_message_history_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_message_history"),
        **OPTIONS,
    )
    op.create_index(
        "ix_message_history_webhook_message_id",
        "message_history",
        ["webhook_message_id"],
        unique=False,
    )
