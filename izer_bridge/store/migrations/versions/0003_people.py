"""How each message's sender and group are treated; a group's agent; critical as the usual."""

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import Json

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("webhook_messages", sa.Column("importance", Json, nullable=True))
    op.add_column("critical_groups", sa.Column("preferred_agent_type", sa.String(64)))
    # SQLite changes a default only by writing the table anew.
    with op.batch_alter_table(
        "important_customers", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.alter_column(
            "priority_level",
            existing_type=sa.String(length=32),
            existing_nullable=False,
            server_default="critical",
        )
