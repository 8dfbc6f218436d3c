"""Events for other programs, and how far each delivery has come."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint, text

from izer_bridge.store.columns import LongText, UtcDateTime, code
from izer_bridge.store.tables.base import created_column, row_id, table

_NAME_LENGTH = 64

# `payload` is the body as it is sent, the same at every attempt; `id` is sent with it.
events = table(
    "events",
    Column("id", String(40), primary_key=True),
    Column("type", code(), nullable=False),
    Column("payload", LongText, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
)

# One row per target that wants the event. `next_attempt_at` also says when a lease ends.
event_deliveries = table(
    "event_deliveries",
    row_id(),
    Column("event_id", String(40), ForeignKey("events.id", ondelete="CASCADE"), nullable=False),
    Column("target", String(_NAME_LENGTH), nullable=False),
    Column("state", code(), nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", UtcDateTime),
    Column("lease_token", String(32)),
    Column("last_error", LongText),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("event_id", "target"),
    Index(None, "target", "state", "next_attempt_at"),
    Index(None, "state", "updated_at"),
)

# Targets that answered that they are gone; their deliveries wait until the operator removes the
# row.
shut_event_targets = table(
    "shut_event_targets",
    row_id(),
    Column("target", String(_NAME_LENGTH), nullable=False, unique=True),
    Column("reason", LongText, nullable=False),
    created_column("shut_at"),
)
