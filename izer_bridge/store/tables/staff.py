"""Who may use the pages and `/v1`, their sessions, and the answers that writes have got."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String

from izer_bridge.store.columns import Digest, LongText, RowId, UtcDateTime, code
from izer_bridge.store.tables.base import created_column, name_column, row_id, table, who_column

# Without `token_hash` somebody comes in by a link alone; `revoked_at` ends that and all sessions.
staff = table(
    "staff",
    row_id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", code(), nullable=False),
    Column("token_hash", Digest, unique=True),
    created_column(),
    who_column("added_by"),
    Column("revoked_at", UtcDateTime),
    who_column("revoked_by"),
)

# A one-time link, or a browser's session. `opened_with` is the hash of the token that opened it:
# with the token, it ends.
staff_sessions = table(
    "staff_sessions",
    row_id(),
    Column("staff_id", RowId, ForeignKey("staff.id", ondelete="CASCADE"), nullable=False),
    Column("kind", code(), nullable=False),
    Column("secret_hash", Digest, nullable=False, unique=True),
    Column("opened_with", Digest),
    name_column("device"),
    created_column(),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index(None, "staff_id", "kind"),
    Index(None, "expires_at"),
)

# For whoever sends a write again under its `Idempotency-Key`; `asked` is a hash of the request.
api_answers = table(
    "api_answers",
    row_id(),
    Column("name", Digest, nullable=False, unique=True),
    Column("asked", Digest, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", LongText, nullable=False),
    created_column(),
    Index(None, "created_at"),
)
