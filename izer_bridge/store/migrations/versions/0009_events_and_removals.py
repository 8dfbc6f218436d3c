"""What others are told and how far each telling has come; what was removed for its age."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, Json, LongText, RowId, UtcDateTime

revision = "0009"
down_revision = "0006"

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
        "events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("payload", LongText, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        **OPTIONS,
    )
    op.create_index("ix_events_created_at", "events", ["created_at"], unique=False)
    op.create_table(
        "event_deliveries",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("last_error", LongText, nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["events.id"],
            name="fk_event_deliveries_event_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_event_deliveries"),
        sa.UniqueConstraint("event_id", "target", name="uq_event_deliveries_event_id_target"),
        **OPTIONS,
    )
    op.create_index(
        "ix_event_deliveries_target_state_next_attempt_at",
        "event_deliveries",
        ["target", "state", "next_attempt_at"],
        unique=False,
    )
    op.create_index(
        "ix_event_deliveries_state_updated_at",
        "event_deliveries",
        ["state", "updated_at"],
        unique=False,
    )
    op.create_table(
        "shut_event_targets",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("reason", LongText, nullable=False),
        sa.Column("shut_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shut_event_targets"),
        sa.UniqueConstraint("target", name="uq_shut_event_targets_target"),
        **OPTIONS,
    )
    op.create_table(
        "removals",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("analyses_before", UtcDateTime(), nullable=True),
        sa.Column("removed", Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
        sa.UniqueConstraint("started_at", name="uq_removals_started_at"),
        **OPTIONS,
    )
    op.add_column("message_chain", sa.Column("removed_at", UtcDateTime(), nullable=True))
