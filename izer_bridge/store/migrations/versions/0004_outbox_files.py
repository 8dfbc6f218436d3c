"""Files that the bridge sends."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import Bytes, CurrentTime, LongText, RowId, UtcDateTime

revision = "0004_outbox_files"
down_revision = "0003_search_words"
branch_labels = None
depends_on = None

_OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    op.create_table(
        "outbox_files",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("outbox_id", RowId, nullable=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("found_type", sa.String(255), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("thumbnail", Bytes),
        sa.Column("location", Bytes),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("next_attempt_at", UtcDateTime),
        sa.Column("last_error", LongText),
        _time("created_at"),
        _time("updated_at"),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name="fk_outbox_files_outbox_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("outbox_id", name="uq_outbox_files_outbox_id"),
        **_OPTIONS,
    )


def _time(name: str) -> sa.Column:  # type: ignore[type-arg]
    return sa.Column(name, UtcDateTime, nullable=False, server_default=CurrentTime())
