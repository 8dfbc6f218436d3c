"""When the bridge itself removed something, why, and how much."""

from sqlalchemy import Column

from izer_bridge.store.columns import Json, UtcDateTime, code
from izer_bridge.store.tables.base import row_id, table

# A chain entry whose message was removed carries this `started_at`. Messages recorded before
# `analyses_before` may have lost their analyses.
removals = table(
    "removals",
    row_id(),
    Column("started_at", UtcDateTime, nullable=False, unique=True),
    Column("ended_at", UtcDateTime),
    Column("reason", code(), nullable=False),
    Column("analyses_before", UtcDateTime),
    Column("removed", Json),
)
