"""What was missing of a chat, and the hash chain over what was recorded."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import LongText, RowId, UtcDateTime

revision = "0002"
down_revision = "0001"

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
        "gaps",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("chat_jid", sa.String(length=128), server_default="", nullable=False),
        sa.Column("sender_jid", sa.String(length=128), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("detail", LongText, nullable=True),
        sa.Column("noticed_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_gaps"),
        sa.UniqueConstraint("message_id", "account", name="uq_gaps_message_id_account"),
        **OPTIONS,
    )
    op.create_index("ix_gaps_closed_at", "gaps", ["closed_at"], unique=False)
    op.create_table(
        "message_chain",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("chat_jid", sa.String(length=128), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_chain"),
        sa.UniqueConstraint("account", "position", name="uq_message_chain_account_position"),
        **OPTIONS,
    )
    op.create_index("ix_message_chain_message_id", "message_chain", ["message_id"], unique=False)
