"""Proof that nothing was lost: gaps, and the chain over recorded messages."""

from sqlalchemy import BigInteger, Column, Index, String, UniqueConstraint

from izer_bridge.store.columns import Digest, LongText, UtcDateTime, code
from izer_bridge.store.tables.base import row_id, table
from izer_bridge.store.text import NAME_LENGTH

# A message missing from a chat; closed when it turns up. Its sender chooses the message's id; each
# message has at most one gap.
gaps = table(
    "gaps",
    row_id(),
    Column("account", String(64), nullable=False),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_jid", String(128), nullable=False, server_default=""),
    Column("sender_jid", String(128), nullable=False, server_default=""),
    Column("reason", code(), nullable=False),
    Column("detail", LongText),
    Column("noticed_at", UtcDateTime, nullable=False),
    Column("closed_at", UtcDateTime, index=True),
    Column("closed_by", code()),
    UniqueConstraint("message_id", "account", "sender_jid", "chat_jid"),
)

# One entry each time a message is recorded, each with the hash of the one before. The entry of a
# removed message keeps position, link and the time of the removal.
message_chain = table(
    "message_chain",
    row_id(),
    Column("account", String(64), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("message_id", String(NAME_LENGTH), nullable=False),
    Column("chat_jid", String(128), nullable=False),
    Column("content_hash", Digest, nullable=False),
    Column("link_hash", Digest, nullable=False),
    Column("removed_at", UtcDateTime),
    UniqueConstraint("account", "position"),
    Index(None, "message_id"),
)
