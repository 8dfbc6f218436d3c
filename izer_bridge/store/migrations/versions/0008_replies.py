"""The outbox, chats in which the bridge is quiet, and accounts that may not send."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import Bytes, CurrentTime, LongText, RowId, UtcDateTime

revision = "0008"
down_revision = "0007"

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
        "send_breakers",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("open_until", UtcDateTime(), nullable=False),
        sa.Column("reason", LongText, nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=255), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_send_breakers"),
        sa.UniqueConstraint("account", name="uq_send_breakers_account"),
        **OPTIONS,
    )
    op.create_table(
        "chat_pauses",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("chat_id", RowId, nullable=False),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name="fk_chat_pauses_chat_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_chat_pauses"),
        sa.UniqueConstraint("chat_id", name="uq_chat_pauses_chat_id"),
        **OPTIONS,
    )
    op.create_table(
        "early_receipts",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("whatsapp_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("came_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_early_receipts"),
        sa.UniqueConstraint(
            "whatsapp_id", "kind", "account", name="uq_early_receipts_whatsapp_id_kind_account"
        ),
        **OPTIONS,
    )
    _create_outbox()


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("purpose", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=True),
        sa.Column("about_id", RowId, nullable=True),
        sa.Column("chat_id", RowId, nullable=True),
        sa.Column("chat_jid", sa.String(length=128), nullable=False),
        sa.Column("quoted_id", sa.String(length=255), nullable=True),
        sa.Column("quoted_sender", sa.String(length=128), nullable=True),
        sa.Column("proposed_text", LongText, nullable=True),
        sa.Column("edited_text", LongText, nullable=True),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("reason", LongText, nullable=True),
        sa.Column("not_before", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=255), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("sender", sa.String(length=64), nullable=True),
        sa.Column("secret", Bytes(), nullable=True),
        sa.Column("sending_at", UtcDateTime(), nullable=True),
        sa.Column("whatsapp_id", sa.String(length=255), nullable=True),
        sa.Column("server_at", UtcDateTime(), nullable=True),
        sa.Column("delivered_at", UtcDateTime(), nullable=True),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.Column("error", LongText, nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(["about_id"], ["outbox.id"], name="fk_outbox_about_id"),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_outbox_chat_id"),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_outbox_webhook_message_id",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("purpose", name="uq_outbox_purpose"),
        **OPTIONS,
    )
    for columns in (
        ("chat_id", "state"),
        ("kind", "sending_at"),
        ("state", "not_before", "id"),
        ("webhook_message_id",),
        ("whatsapp_id",),
    ):
        op.create_index(f"ix_outbox_{'_'.join(columns)}", "outbox", list(columns), unique=False)
