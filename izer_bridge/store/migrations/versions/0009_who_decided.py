"""Who changed whom is important, who may, and what is right of a message."""

import sqlalchemy as sa
from alembic import op

revision = "0009_who_decided"
down_revision = "0008_dead_letters"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("important_customers", "changed_by"),
    ("critical_groups", "changed_by"),
    ("labels", "labelled_by"),
    ("staff", "added_by"),
    ("staff", "revoked_by"),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, sa.String(255)))
