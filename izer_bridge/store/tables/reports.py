"""The digests that were sent, each once."""

from sqlalchemy import Column, String

from izer_bridge.store.columns import LongText, UtcDateTime, code
from izer_bridge.store.tables.base import created_column, row_id, table

# `name` says which digest and of which day; `state` is a notice's.
digests = table(
    "digests",
    row_id(),
    Column("name", String(64), nullable=False, unique=True),
    Column("state", code(), nullable=False),
    Column("error", LongText),
    created_column(),
    Column("updated_at", UtcDateTime, nullable=False),
)
