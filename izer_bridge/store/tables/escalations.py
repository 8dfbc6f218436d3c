"""Customers whom a person must answer in time, and who was notified that nobody did."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, UniqueConstraint, column, text

from izer_bridge.domain.escalation import UNTOLD, EscalationState
from izer_bridge.store.columns import LongText, RowId, UtcDateTime, code, spelled
from izer_bridge.store.tables.base import created_column, message_column, row_id, table
from izer_bridge.store.text import NAME_LENGTH

# One row for the first waiting message; later ones in its chat join it while it is open. `next_at`
# is when the next level is due; None while a notice is under way, and at the end.
escalations = table(
    "escalations",
    row_id(),
    message_column(unique=True),
    Column("account", String(64), nullable=False),
    Column("why", code(), nullable=False),
    Column("state", code(), nullable=False),
    Column("level", Integer, nullable=False, server_default=text("0")),
    Column("since", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(NAME_LENGTH)),
    created_column(),
    created_column("updated_at"),
    # As with messages, SQLite indexes only rows that are still open.
    Index(
        None,
        "state",
        "next_at",
        sqlite_where=column("state").in_(spelled([EscalationState.OPEN])),
    ),
)

# One row per target. On WhatsApp the notice is an outbox row, whose state takes precedence.
escalation_notices = table(
    "escalation_notices",
    row_id(),
    Column(
        "escalation_id", RowId, ForeignKey("escalations.id", ondelete="CASCADE"), nullable=False
    ),
    Column("target", code(), nullable=False),
    Column("state", code(), nullable=False),
    Column("outbox_id", RowId, ForeignKey("outbox.id", ondelete="SET NULL")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", UtcDateTime),
    Column("sender", String(64)),
    Column("error", LongText),
    created_column(),
    created_column("updated_at"),
    UniqueConstraint("escalation_id", "target"),
    Index(None, "state", "next_attempt_at", sqlite_where=column("state").in_(spelled(UNTOLD))),
    Index(None, "outbox_id"),
)
