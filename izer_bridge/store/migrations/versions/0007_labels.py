"""What the owner says is right of a message."""

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, Json, RowId, UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("id", RowId, autoincrement=True, nullable=False),
        sa.Column("webhook_message_id", RowId, nullable=False),
        sa.Column("expected", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), server_default=CurrentTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_labels"),
        sa.UniqueConstraint("webhook_message_id", name="uq_labels_webhook_message_id"),
        sa.ForeignKeyConstraint(
            ["webhook_message_id"],
            ["webhook_messages.id"],
            name="fk_labels_webhook_message_id_webhook_messages",
            ondelete="CASCADE",
        ),
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
        mariadb_collate="utf8mb4_bin",
        sqlite_autoincrement=True,
    )
