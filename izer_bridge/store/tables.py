"""The tables: the replaced system's seven with all their columns, and what the ledger adds."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from izer_bridge.store.columns import Bytes, CurrentTime, Json, LongText, RowId, UtcDateTime, code
from izer_bridge.store.text import NAME_LENGTH

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _table(name: str, *parts: Column | UniqueConstraint | Index) -> Table:  # type: ignore[type-arg]
    return Table(
        name,
        metadata,
        *parts,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )


def _id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


def _name(column: str) -> Column[str]:
    return Column(column, String(NAME_LENGTH), nullable=False, server_default="")


def _created(column: str = "created_at") -> Column:  # type: ignore[type-arg]
    return Column(column, UtcDateTime, nullable=False, server_default=CurrentTime())


def _message(*, unique: bool = False, index: bool = False) -> Column[int]:
    return Column(
        "webhook_message_id",
        RowId,
        ForeignKey("webhook_messages.id", ondelete="CASCADE"),
        nullable=False,
        unique=unique or None,
        index=index or None,
    )


contacts = _table(
    "contacts",
    _id(),
    Column("number", String(32), unique=True),
    Column("lid", String(64), unique=True),
    _name("name"),
    _created(),
)

# A direct chat is its contact's; any other one is its JID's.
chats = _table(
    "chats",
    _id(),
    Column("account", String(64), nullable=False),
    Column("contact_id", RowId, ForeignKey("contacts.id"), index=True),
    Column("jid", String(128)),
    _name("name"),
    _created(),
    UniqueConstraint("account", "contact_id"),
    UniqueConstraint("account", "jid"),
)

webhook_messages = _table(
    "webhook_messages",
    _id(),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_time", UtcDateTime, nullable=False),
    _name("chat_name"),
    Column("phone_number", String(32), nullable=False, server_default=""),
    Column("current_message", LongText, nullable=False),
    Column("is_vip_customer", Boolean, nullable=False, server_default=false()),
    Column("raw_data", Json),
    _created(),
    _created("updated_at"),
    Column("account", String(64), nullable=False),
    Column("chat_id", RowId, ForeignKey("chats.id"), nullable=False),
    Column("chat_jid", String(128), nullable=False),
    Column("sender_id", RowId, ForeignKey("contacts.id"), index=True),
    Column("sender_jid", String(128), nullable=False),
    _name("sender_name"),
    Column("kind", code(), nullable=False),
    Column("origin", code(), nullable=False),
    Column("from_me", Boolean, nullable=False),
    Column("media_mimetype", String(NAME_LENGTH)),
    Column("media_size", BigInteger),
    Column("media_file_name", String(NAME_LENGTH)),
    Column("target_id", String(NAME_LENGTH), index=True),
    Column("edited_text", LongText),
    Column("revoked_at", UtcDateTime),
    Column("is_critical_group", Boolean, nullable=False, server_default=false()),
    Column("importance", Json),
    Column("context_count", Integer),
    Column("state", code(), nullable=False),
    Column("skip_reason", code()),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", UtcDateTime),
    Column("lease_owner", String(64)),
    Column("lease_token", String(32)),
    Column("lease_until", UtcDateTime),
    Column("last_error", LongText),
    UniqueConstraint("message_id", "chat_id"),
    Index(None, "state", "chat_id", "id"),
    Index(None, "chat_id", "chat_time", "id"),
    Index(None, "created_at", "state"),
)

message_history = _table(
    "message_history",
    _id(),
    _message(index=True),
    _name("sender"),
    Column("content", LongText, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("message_type", String(50), nullable=False),
    Column("from_me", Boolean, nullable=False, server_default=false()),
    _created(),
)

analytics_results = _table(
    "analytics_results",
    _id(),
    _message(unique=True),
    Column("urgency_score", Integer, nullable=False),
    Column("category", code(), nullable=False),
    Column("sentiment", code(), nullable=False),
    Column("priority_level", code(), nullable=False),
    Column("action_required", Boolean, nullable=False),
    Column("recommended_response_time", code(), nullable=False),
    Column("keywords", Json),
    Column("confidence_score", Numeric(5, 2)),
    Column("analysis_details", Json),
    _created("processed_at"),
    Column("analyser", code()),
    Column("fallback_reason", LongText),
    Column("model", String(NAME_LENGTH)),
    Column("raised_because", String(NAME_LENGTH)),
    Column("language", code()),
    Column("input_tokens", Integer),
    Column("cached_input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cost_micro_usd", BigInteger),
    Column("second_opinion", Json),
    Column("second_model", String(NAME_LENGTH)),
    Column("second_error", LongText),
    Column("second_at", UtcDateTime),
    # The day's sum is read from this index alone.
    Index(None, "processed_at", "cost_micro_usd"),
)

agent_routing = _table(
    "agent_routing",
    _id(),
    _message(),
    Column("agent_type", String(64), nullable=False),
    Column("agent_url", String(2048)),
    Column("routing_success", Boolean, nullable=False),
    Column("response_data", Json),
    Column("response_time_ms", Integer),
    Column("error_message", LongText),
    _created("routed_at"),
    Column("reason", LongText),
    Column("attempt_number", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("webhook_message_id", "attempt_number"),
)

# What came with messages that are analysed. While `next_attempt_at` is set something is left to do;
# `attempts` counts that step's failures, `path` is relative to the bridge's state directory.
media = _table(
    "media",
    _id(),
    _message(unique=True),
    Column("kind", code(), nullable=False),
    Column("declared_type", String(NAME_LENGTH), nullable=False),
    Column("found_type", String(NAME_LENGTH)),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64)),
    Column("path", String(NAME_LENGTH)),
    Column("state", code(), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", UtcDateTime, index=True),
    Column("last_error", LongText),
    Column("words", LongText),
    Column("worded_at", UtcDateTime),
    Column("source", Bytes),
    _created(),
    _created("updated_at"),
)

# What was missing of a chat, closed when it turned up. A message has at most one gap.
gaps = _table(
    "gaps",
    _id(),
    Column("account", String(64), nullable=False),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_jid", String(128), nullable=False, server_default=""),
    Column("sender_jid", String(128), nullable=False, server_default=""),
    Column("reason", code(), nullable=False),
    Column("detail", LongText),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, index=True),
    Column("closed_by", code()),
    UniqueConstraint("message_id", "account"),
)

# One entry each time a message is written down, each with the hash of the one before.
message_chain = _table(
    "message_chain",
    _id(),
    Column("account", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_jid", String(128), nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("link_hash", String(64), nullable=False),
    UniqueConstraint("account", "position"),
    Index(None, "message_id"),
)

critical_groups = _table(
    "critical_groups",
    _id(),
    Column("group_name", String(NAME_LENGTH), nullable=False),
    Column("group_identifier", String(NAME_LENGTH), unique=True),
    Column("priority_level", code(), nullable=False, server_default="critical"),
    Column("auto_escalate", Boolean, nullable=False, server_default=true()),
    Column("preferred_agent_type", String(64)),
    Column("max_response_time_minutes", Integer),
    Column("notification_settings", Json),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    _created(),
    _created("updated_at"),
)

important_customers = _table(
    "important_customers",
    _id(),
    Column("customer_name", String(NAME_LENGTH), nullable=False),
    Column("phone_number", String(64), nullable=False, unique=True),
    Column("priority_level", code(), nullable=False, server_default="critical"),
    Column("customer_type", code(), nullable=False, server_default="vip"),
    Column("auto_escalate", Boolean, nullable=False, server_default=true()),
    Column("preferred_agent_type", String(64)),
    Column("special_instructions", LongText),
    Column("max_response_time_minutes", Integer),
    Column("contact_info", Json),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    _created(),
    _created("updated_at"),
)

system_stats = _table(
    "system_stats",
    _id(),
    Column("stat_type", String(100), nullable=False),
    Column("stat_value", String(NAME_LENGTH)),
    Column("numeric_value", Numeric(20, 6)),
    Column("time_period", code(), nullable=False),
    Column("reference_date", Date, nullable=False),
    Column("additional_data", Json),
    _created(),
    Index(None, "stat_type", "time_period", "reference_date"),
)
