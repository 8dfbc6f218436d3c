"""Who waits for an answer since when, and what a person has decided about it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    column,
    false,
    text,
)

from izer_bridge.store.columns import RowId, UtcDateTime, code
from izer_bridge.store.tables.base import table
from izer_bridge.store.text import NAME_LENGTH

# One row a chat, with the chat's id; `conversations/clock.py` says what the columns mean. Lists are
# read in the order of `sort_at`. `urgent_id` is a message's, which may be removed. It refers to
# nothing, because a key would cost each message an index more.
conversations = table(
    "conversations",
    Column(
        "id",
        RowId,
        ForeignKey("chats.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("phase", code(), nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),
    Column("waiting_since", UtcDateTime),
    Column("soon_at", UtcDateTime),
    Column("due_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("unanswered", Integer, nullable=False, server_default=text("0")),
    Column("calm", Integer, nullable=False, server_default=text("0")),
    Column("urgent_id", RowId),
    Column("urgency", Integer, nullable=False, server_default=text("0")),
    Column("answered_at", UtcDateTime),
    Column("dealt_at", UtcDateTime),
    Column("was_answered", Boolean, nullable=False, server_default=false()),
    Column("snoozed_until", UtcDateTime),
    Column("last_at", UtcDateTime),
    Column("is_vip", Boolean, nullable=False, server_default=false()),
    Column("is_critical_group", Boolean, nullable=False, server_default=false()),
    Column("decision", code()),
    Column("decided_by", String(NAME_LENGTH)),
    Column("decided_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    # Another one after each write of the clock, for who has read the row without a lock.
    Column("revision", BigInteger, nullable=False, server_default=text("0")),
    Index(None, "phase", "sort_at", "id"),
    Index(None, "changed_at"),
    # Few are snoozed at any time.
    Index(None, "snoozed_until", sqlite_where=column("snoozed_until").is_not(None)),
)
