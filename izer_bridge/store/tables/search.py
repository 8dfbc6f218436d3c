"""The words that messages are found by, and the messages whose words are to be read again."""

from sqlalchemy import Column, ForeignKey, Index, literal_column

from izer_bridge.store.columns import LongText, RowId
from izer_bridge.store.tables.base import row_id, table

# A row for every message that was read, under the message's own id; without words it is empty.
search_words = table(
    "search_words",
    Column("id", RowId, ForeignKey("webhook_messages.id", ondelete="CASCADE"), primary_key=True),
    Column("words", LongText, nullable=False),
    # SQLite's full-text index is a table of its own (`store/full_text.py`); of this one it keeps
    # no row. MySQL's word for it, as an option here, would load its dialect.
    Index(
        "ft_search_words",
        "words",
        sqlite_where=literal_column("0"),
        info={"mysql_prefix": "FULLTEXT"},
    ),
)

# Not a key: a message that is gone by then needs no reading.
stale_words = table("stale_words", row_id(), Column("message_row_id", RowId, nullable=False))
