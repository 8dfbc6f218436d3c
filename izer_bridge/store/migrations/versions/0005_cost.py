"""What each analysis was charged for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for name in ("input_tokens", "cached_input_tokens", "output_tokens"):
        op.add_column("analytics_results", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("analytics_results", sa.Column("cost_micro_usd", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_analytics_results_processed_at_cost_micro_usd",
        "analytics_results",
        ["processed_at", "cost_micro_usd"],
        unique=False,
    )
