"""The digests that were sent, each once."""

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, LongText, RowId, UtcDateTime

revision = "0007_digests"
down_revision = "0006_report_figures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("id", RowId, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("error", LongText),
        sa.Column("created_at", UtcDateTime, nullable=False, server_default=CurrentTime()),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("name", name="uq_digests_name"),
        sqlite_autoincrement=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
    )
