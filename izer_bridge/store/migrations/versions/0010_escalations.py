"""Customers whom a person must answer in time, and who was told that nobody did."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, LongText, RowId, UtcDateTime

revision = "0010"
down_revision = "0009"

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
        "escalations",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=255), nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_escalations_webhook_message_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_escalations"),
        sa.UniqueConstraint("webhook_message_id", name="uq_escalations_webhook_message_id"),
        **OPTIONS,
    )
    op.create_index("ix_escalations_state_next_at", "escalations", ["state", "next_at"])
    op.create_table(
        "escalation_notices",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("escalation_id", RowId, nullable=False),
        sa.Column("target", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("outbox_id", RowId, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("sender", sa.String(length=64), nullable=True),
        sa.Column("error", LongText, nullable=True),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["escalation_id"],
            ["escalations.id"],
            name="fk_escalation_notices_escalation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name="fk_escalation_notices_outbox_id",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_escalation_notices"),
        sa.UniqueConstraint(
            "escalation_id", "target", name="uq_escalation_notices_escalation_id_target"
        ),
        **OPTIONS,
    )
    op.create_index("ix_escalation_notices_outbox_id", "escalation_notices", ["outbox_id"])
    op.create_index(
        "ix_escalation_notices_state_next_attempt_at",
        "escalation_notices",
        ["state", "next_attempt_at"],
    )
