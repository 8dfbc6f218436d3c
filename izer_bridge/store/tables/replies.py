"""What the bridge sends on WhatsApp, which chats it is paused in, and whether it may send."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Numeric,
    String,
    UniqueConstraint,
    column,
    text,
)

from izer_bridge.domain.outbox_state import AT_WORK
from izer_bridge.store.columns import Bytes, LongText, RowId, UtcDateTime, code, spelled
from izer_bridge.store.tables.base import created_column, row_id, table
from izer_bridge.store.text import NAME_LENGTH

# One row per text to be sent; `purpose` makes it unique (`reply:ROW` for the reply to a message).
# `danger` names the danger that this row is the first to warn of, or the one that a notice reports;
# such a row is pressing. `about_id` is the row that a notice is about, or the draft that has
# renewed a draft. `whatsapp_id` is known once the text was handed over.
outbox = table(
    "outbox",
    row_id(),
    Column("purpose", String(128), nullable=False, unique=True),
    Column("kind", code(), nullable=False),
    Column("state", code(), nullable=False),
    Column("account", String(64), nullable=False),
    Column("webhook_message_id", RowId, ForeignKey("webhook_messages.id", ondelete="SET NULL")),
    Column("about_id", RowId, ForeignKey("outbox.id")),
    Column("chat_id", RowId, ForeignKey("chats.id")),
    Column("chat_jid", String(128), nullable=False),
    Column("quoted_id", String(NAME_LENGTH)),
    Column("quoted_sender", String(128)),
    Column("proposed_text", LongText),
    Column("edited_text", LongText),
    Column("agent", String(64)),
    Column("confidence", Numeric(5, 2)),
    Column("reason", LongText),
    Column("danger", String(32)),
    Column("not_before", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("decided_by", String(NAME_LENGTH)),
    Column("decided_at", UtcDateTime),
    Column("sender", String(64)),
    Column("secret", Bytes),
    Column("sending_at", UtcDateTime),
    Column("whatsapp_id", String(NAME_LENGTH)),
    Column("server_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("read_at", UtcDateTime),
    Column("error", LongText),
    # The error code with which WhatsApp's server refused it.
    Column("refusal_code", Integer),
    created_column(),
    created_column("updated_at"),
    # As with messages, SQLite indexes only rows that somebody may still act on.
    Index(None, "state", "not_before", "id", sqlite_where=column("state").in_(spelled(AT_WORK))),
    Index(None, "chat_id", "state"),
    Index(None, "webhook_message_id"),
    Index(None, "whatsapp_id"),
    Index(None, "sending_at", "kind"),
    Index(None, "created_at"),
)

# The file of a message to be sent: where it is here, and, once uploaded, how the sender names its
# place at WhatsApp. A picture has its size, and the small picture that phones show first.
outbox_files = table(
    "outbox_files",
    row_id(),
    Column(
        "outbox_id",
        RowId,
        ForeignKey("outbox.id", ondelete="CASCADE"),
        nullable=False,
        unique=True,
    ),
    Column("path", String(NAME_LENGTH), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("found_type", String(NAME_LENGTH), nullable=False),
    Column("name", String(NAME_LENGTH), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("width", Integer),
    Column("height", Integer),
    Column("thumbnail", Bytes),
    Column("location", Bytes),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_attempt_at", UtcDateTime),
    Column("last_error", LongText),
    created_column(),
    created_column("updated_at"),
)

# A chat in which the bridge is paused; without `paused_until`, until a person resumes it.
# `paused_by` is who has paused it on the board or over HTTP.
chat_pauses = table(
    "chat_pauses",
    row_id(),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("paused_until", UtcDateTime, index=True),
    Column("reason", code(), nullable=False),
    Column("paused_by", String(NAME_LENGTH)),
    created_column(),
    created_column("updated_at"),
    UniqueConstraint("chat_id"),
)

# An account that sends nothing, because WhatsApp said so; one row, reopened each time.
send_breakers = table(
    "send_breakers",
    row_id(),
    Column("account", String(64), nullable=False, unique=True),
    Column("open_until", UtcDateTime, nullable=False),
    Column("reason", LongText),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(NAME_LENGTH)),
)

# Receipts that arrived before the WhatsApp id of the bridge's message was known.
early_receipts = table(
    "early_receipts",
    row_id(),
    Column("account", String(64), nullable=False),
    Column("whatsapp_id", String(NAME_LENGTH), nullable=False),
    Column("kind", code(), nullable=False),
    Column("came_at", UtcDateTime, nullable=False),
    created_column(),
    UniqueConstraint("whatsapp_id", "kind", "account"),
)
