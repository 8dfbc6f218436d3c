"""Who may use the pages and `/v1`."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from izer_bridge.store.columns import CurrentTime, Digest, LongText, RowId, UtcDateTime

revision = "0002_staff"
down_revision = "0001_first_tables"
branch_labels = None
depends_on = None

_OPTIONS: dict[str, Any] = {
    "sqlite_autoincrement": True,
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def upgrade() -> None:
    _staff()
    _sessions()
    _answers()


def _staff() -> None:
    op.create_table(
        "staff",
        _id(),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("token_hash", Digest),
        _created(),
        sa.Column("revoked_at", UtcDateTime),
        sa.UniqueConstraint("name", name="uq_staff_name"),
        sa.UniqueConstraint("token_hash", name="uq_staff_token_hash"),
        **_OPTIONS,
    )


def _sessions() -> None:
    op.create_table(
        "staff_sessions",
        _id(),
        sa.Column("staff_id", RowId, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("secret_hash", Digest, nullable=False),
        sa.Column("opened_with", Digest),
        sa.Column("device", sa.String(255), nullable=False, server_default=""),
        _created(),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name="fk_staff_sessions_staff_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("secret_hash", name="uq_staff_sessions_secret_hash"),
        **_OPTIONS,
    )
    op.create_index("ix_staff_sessions_staff_id_kind", "staff_sessions", ["staff_id", "kind"])
    op.create_index("ix_staff_sessions_expires_at", "staff_sessions", ["expires_at"])


def _answers() -> None:
    op.create_table(
        "api_answers",
        _id(),
        sa.Column("name", Digest, nullable=False),
        sa.Column("asked", Digest, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", LongText, nullable=False),
        _created(),
        sa.UniqueConstraint("name", name="uq_api_answers_name"),
        **_OPTIONS,
    )
    op.create_index("ix_api_answers_created_at", "api_answers", ["created_at"])


def _id() -> sa.Column[int]:
    return sa.Column("id", RowId, primary_key=True, autoincrement=True)


def _created() -> sa.Column:  # type: ignore[type-arg]
    return sa.Column("created_at", UtcDateTime, nullable=False, server_default=CurrentTime())
