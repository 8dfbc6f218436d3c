"""What OpenAI says of messages that the local analyser judged while it was away."""

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import Json, LongText, UtcDateTime

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in (
        sa.Column("second_opinion", Json, nullable=True),
        sa.Column("second_model", sa.String(255), nullable=True),
        sa.Column("second_error", LongText, nullable=True),
        sa.Column("second_at", UtcDateTime, nullable=True),
    ):
        op.add_column("analytics_results", column)
