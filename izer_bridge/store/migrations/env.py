"""Alembic's entry: migrates over the connection that `store.alembic_run` hands in."""

from alembic import context

from izer_bridge.store import repeatable
from izer_bridge.store.tables import metadata

__all__ = ["repeatable"]

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
