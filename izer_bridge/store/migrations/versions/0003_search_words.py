"""The words that messages are found by."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from izer_bridge.store.columns import RowId

revision = "0003_search_words"
down_revision = "0002_staff"
branch_labels = None
depends_on = None

_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    op.create_table(
        "search_words",
        sa.Column("id", RowId, nullable=False),
        sa.Column("words", sa.Text().with_variant(mysql.LONGTEXT(), "mysql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_search_words"),
        sa.ForeignKeyConstraint(
            ["id"], ["webhook_messages.id"], name="fk_search_words_id", ondelete="CASCADE"
        ),
        **_OPTIONS,
    )
    op.create_index(
        "ft_search_words",
        "search_words",
        ["words"],
        mysql_prefix="FULLTEXT",
        sqlite_where=sa.literal_column("0"),
    )
    op.create_table(
        "stale_words",
        sa.Column("id", RowId, nullable=False, autoincrement=True),
        sa.Column("message_row_id", RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_stale_words"),
        sqlite_autoincrement=True,
        **_OPTIONS,
    )
