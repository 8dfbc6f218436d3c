"""The hours of two months are summed again: reports have more figures."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0006_report_figures"
down_revision = "0005_conversations"
branch_labels = None
depends_on = None

# A month and the one before.
_DAYS = timedelta(days=62)
_STATS = sa.table(
    "system_stats",
    sa.column("stat_type", sa.String),
    sa.column("time_period", sa.String),
    sa.column("reference_date", sa.Date),
    sa.column("hour", sa.Integer),
)


def upgrade() -> None:
    """Marked as changed. A mark too many, after a kill, is harmless."""
    day, hour = _STATS.c.reference_date, _STATS.c.hour
    hours = sa.select(sa.literal("changed"), sa.literal("hourly"), day, hour).where(
        _STATS.c.stat_type == "messages_recorded",
        _STATS.c.time_period == "hourly",
        day >= (datetime.now(UTC) - _DAYS).date(),
    )
    columns = ["stat_type", "time_period", "reference_date", "hour"]
    op.execute(sa.insert(_STATS).from_select(columns, hours))
