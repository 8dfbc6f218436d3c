"""Conversations, one a chat; their rows come by themselves (`conversations/upkeep.py`)."""

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import RowId, UtcDateTime

revision = "0005_conversations"
down_revision = "0004_outbox_files"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("sort_at", UtcDateTime, nullable=False),
        sa.Column("waiting_since", UtcDateTime),
        sa.Column("soon_at", UtcDateTime),
        sa.Column("due_at", UtcDateTime),
        sa.Column("asked_at", UtcDateTime),
        sa.Column("unanswered", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("calm", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("urgent_id", RowId),
        sa.Column("urgency", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("answered_at", UtcDateTime),
        sa.Column("dealt_at", UtcDateTime),
        sa.Column("was_answered", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("snoozed_until", UtcDateTime),
        sa.Column("last_at", UtcDateTime),
        sa.Column("is_vip", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("is_critical_group", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("decision", sa.String(32)),
        sa.Column("decided_by", sa.String(255)),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("revision", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["chats.id"], name="fk_conversations_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
    for columns in (["phase", "sort_at", "id"], ["changed_at"]):
        op.create_index(f"ix_conversations_{'_'.join(columns)}", "conversations", columns)
    op.create_index(
        "ix_conversations_snoozed_until",
        "conversations",
        ["snoozed_until"],
        sqlite_where=sa.column("snoozed_until").is_not(None),
    )
    op.add_column("chat_pauses", sa.Column("paused_by", sa.String(255)))
