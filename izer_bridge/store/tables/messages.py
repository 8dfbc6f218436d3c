"""Messages, their people and chats, and their results: the replaced system's tables and more."""

from sqlalchemy import (
    DDL,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    column,
    event,
    false,
    text,
)

from izer_bridge.domain.message_state import PENDING
from izer_bridge.store.columns import (
    Bytes,
    Json,
    LongText,
    RowId,
    UtcDateTime,
    code,
    spelled,
)
from izer_bridge.store.tables.base import created_column, message_column, name_column, row_id, table
from izer_bridge.store.text import NAME_LENGTH

LONGEST_STEP_TYPE, LONGEST_STEP = 64, 255

contacts = table(
    "contacts",
    row_id(),
    Column("number", String(32), unique=True),
    Column("lid", String(64), unique=True),
    name_column("name"),
    # Verified by WhatsApp as a business; a self-chosen name is not.
    Column("is_verified", Boolean, nullable=False, server_default=false()),
    created_column(),
)

# A direct chat is keyed by its contact, any other chat by its JID.
chats = table(
    "chats",
    row_id(),
    Column("account", String(64), nullable=False),
    Column("contact_id", RowId, ForeignKey("contacts.id"), index=True),
    Column("jid", String(128)),
    name_column("name"),
    # The timer after which its messages disappear, and when it was set; 0 is off, None unknown.
    Column("disappearing_seconds", Integer),
    Column("disappearing_set_at", UtcDateTime),
    # Whether the shop is an admin of this group, as far as WhatsApp has said.
    Column("shop_is_admin", Boolean),
    created_column(),
    UniqueConstraint("account", "contact_id"),
    UniqueConstraint("account", "jid"),
)

webhook_messages = table(
    "webhook_messages",
    row_id(),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_time", UtcDateTime, nullable=False),
    name_column("chat_name"),
    Column("phone_number", String(32), nullable=False, server_default=""),
    Column("current_message", LongText, nullable=False),
    Column("is_vip_customer", Boolean, nullable=False, server_default=false()),
    Column("raw_data", Json),
    created_column(),
    created_column("updated_at"),
    Column("account", String(64), nullable=False),
    Column("chat_id", RowId, ForeignKey("chats.id"), nullable=False),
    Column("chat_jid", String(128), nullable=False),
    Column("sender_id", RowId, ForeignKey("contacts.id"), index=True),
    Column("sender_jid", String(128), nullable=False),
    name_column("sender_name"),
    Column("kind", code(), nullable=False),
    Column("origin", code(), nullable=False),
    Column("from_me", Boolean, nullable=False),
    Column("media_mimetype", String(NAME_LENGTH)),
    Column("media_size", BigInteger),
    Column("media_file_name", String(NAME_LENGTH)),
    Column("target_id", String(NAME_LENGTH)),
    # What surrounds the words: a quotation, an advert, mentions, the forwarded mark.
    Column("context_info", Json),
    # An automatic greeting or away message of the shop's app, which is not a person's answer.
    Column("is_automatic", Boolean, nullable=False, server_default=false()),
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
    # The writer chooses the id, so two writers may choose the same (see `store/message_key.py`).
    UniqueConstraint("message_id", "chat_id", "from_me", "sender_id"),
    # Few rows are ever in these states, and on SQLite the index contains only those. Once SQLite's
    # planner has counted rows, it assumes that every state is equally frequent.
    Index(None, "state", "chat_id", "id", sqlite_where=column("state").in_(spelled(PENDING))),
    Index(None, "chat_id", "chat_time", "id"),
    # Most messages refer to no other one.
    Index(None, "target_id", sqlite_where=column("target_id").is_not(None)),
    Index(None, "created_at"),
)

# Dead letters are few and lie anywhere. A server finds them by the index over all states; another
# one there would have an entry for every message.
_DEAD = DDL(  # type: ignore[no-untyped-call]
    "CREATE INDEX ix_webhook_messages_dead ON webhook_messages (id) WHERE state IN ('dead')"
)
event.listen(webhook_messages, "after_create", _DEAD.execute_if(dialect="sqlite"))

# The raw bytes of content that no reader knew, for a later version.
unread_messages = table(
    "unread_messages",
    row_id(),
    message_column(unique=True),
    Column("kind", String(NAME_LENGTH), nullable=False),
    Column("payload", Bytes, nullable=False),
    created_column(),
)

# The history that was posted with a message, or copied by an earlier version, which called the
# table `message_history`: its keys keep those names. Today `message_history` is a view.
posted_history = table(
    "posted_history",
    row_id(),
    message_column(name="fk_message_history_webhook_message_id"),
    name_column("sender"),
    Column("content", LongText, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("message_type", String(50), nullable=False),
    Column("from_me", Boolean, nullable=False, server_default=false()),
    Column("is_automatic", Boolean, nullable=False, server_default=false()),
    created_column(),
    Index("ix_message_history_webhook_message_id", "webhook_message_id"),
)

analytics_results = table(
    "analytics_results",
    row_id(),
    message_column(unique=True),
    Column("urgency_score", Integer, nullable=False),
    Column("category", code(), nullable=False),
    Column("sentiment", code(), nullable=False),
    Column("priority_level", code(), nullable=False),
    Column("action_required", Boolean, nullable=False),
    Column("recommended_response_time", code(), nullable=False),
    Column("keywords", Json),
    Column("confidence_score", Numeric(5, 2)),
    Column("analysis_details", Json),
    created_column("processed_at"),
    Column("analyser", code()),
    Column("fallback_reason", LongText),
    Column("model", String(NAME_LENGTH)),
    Column("raised_because", String(NAME_LENGTH)),
    Column("language", code()),
    Column("danger", code()),
    Column("input_tokens", Integer),
    Column("cached_input_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cost_micro_usd", BigInteger),
    Column("second_opinion", Json),
    Column("second_model", String(NAME_LENGTH)),
    Column("second_error", LongText),
    Column("second_at", UtcDateTime),
    # The preceding messages, as `pipeline/store/chat_context.py` reads them.
    Column("context", Json),
    # How long the first analysis took.
    Column("analysis_ms", Integer),
    # The day's sum is read from this index alone.
    Index(None, "processed_at", "cost_micro_usd"),
    Index(None, "second_at", sqlite_where=column("cost_micro_usd").is_not(None)),
)

# Calls to agents and their answers. Outside readers use `agent_routing`, once this table's name and
# today a view (`store/views.py`). `agents/store.py` owns `steps` and `facts`.
agent_calls = table(
    "agent_calls",
    row_id(),
    message_column(name="fk_agent_routing_webhook_message_id"),
    Column("agent_type", String(64), nullable=False),
    Column("agent_url", String(2048)),
    Column("routing_success", Boolean, nullable=False),
    Column("response_data", Json),
    Column("response_time_ms", Integer),
    Column("error_message", LongText),
    created_column("routed_at"),
    Column("reason", LongText),
    Column("attempt_number", Integer, nullable=False, server_default=text("1")),
    Column("steps", Json),
    Column("facts", Json),
    UniqueConstraint(
        "webhook_message_id",
        "attempt_number",
        name="uq_agent_routing_webhook_message_id_attempt_number",
    ),
    shown_as="agent_routing",
)

# The steps that the built-in agents give the shop, each stored once.
agent_steps = table(
    "agent_steps",
    row_id(),
    Column("type", String(LONGEST_STEP_TYPE), nullable=False),
    Column("text", String(LONGEST_STEP), nullable=False),
    UniqueConstraint("type", "text"),
)

# Files of messages that are analysed. While `next_attempt_at` is set something is left to do;
# `attempts` counts that step's failures, `path` is relative to the bridge's state directory.
media = table(
    "media",
    row_id(),
    message_column(unique=True),
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
    created_column(),
    created_column("updated_at"),
)
