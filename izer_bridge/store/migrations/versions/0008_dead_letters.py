"""On SQLite dead letters are found without a look at every message."""

from alembic import op

revision = "0008_dead_letters"
down_revision = "0007_digests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE INDEX ix_webhook_messages_dead ON webhook_messages (id) WHERE state IN ('dead')"
        )
