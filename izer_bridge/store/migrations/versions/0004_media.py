"""What came with messages: where its file is kept, and its words."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, LongText, RowId, UtcDateTime

revision = "0004"
down_revision = "0003"

OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "mariadb_collate": "utf8mb4_bin",
    "sqlite_autoincrement": True,
}


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("declared_type", sa.String(length=255), nullable=False),
        sa.Column("found_type", sa.String(length=255), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("path", sa.String(length=255), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("last_error", LongText, nullable=True),
        sa.Column("words", LongText, nullable=True),
        sa.Column("worded_at", UtcDateTime(), nullable=True),
        sa.Column("source", LongText, nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_media_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_media"),
        sa.UniqueConstraint("webhook_message_id", name="uq_media_webhook_message_id"),
        **OPTIONS,
    )
    op.create_index("ix_media_next_attempt_at", "media", ["next_attempt_at"], unique=False)
