"""What all tables share: options, the row's id, names and times."""

from sqlalchemy import Column, ForeignKey, Index, MetaData, String, Table, UniqueConstraint

from izer_bridge.store.columns import CurrentTime, RowId, UtcDateTime
from izer_bridge.store.text import NAME_LENGTH

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def table(
    name: str,
    *parts: Column | UniqueConstraint | Index,  # type: ignore[type-arg]
    shown_as: str | None = None,
) -> Table:
    """`shown_as` is the name that people know it by, if they read a view of another name."""
    return Table(
        name,
        metadata,
        *parts,
        info={"shown_as": shown_as or name},
        # MySQL options here would load its dialect: migrations and `schema_sql` state them.
        sqlite_autoincrement=True,
    )


def row_id() -> Column[int]:
    return Column("id", RowId, primary_key=True, autoincrement=True)


def name_column(column: str) -> Column[str]:
    return Column(column, String(NAME_LENGTH), nullable=False, server_default="")


def created_column(column: str = "created_at") -> Column:  # type: ignore[type-arg]
    return Column(column, UtcDateTime, nullable=False, server_default=CurrentTime())


def who_column(column: str) -> Column[str]:
    """Who decided it, by the name they came in with; empty where that was not kept yet."""
    return Column(column, String(NAME_LENGTH))


def message_column(*, unique: bool = False, name: str | None = None) -> Column[int]:
    """`name` is the key's name, if it is not the usual one."""
    return Column(
        "webhook_message_id",
        RowId,
        ForeignKey("webhook_messages.id", ondelete="CASCADE", name=name),
        nullable=False,
        unique=unique or None,
    )
