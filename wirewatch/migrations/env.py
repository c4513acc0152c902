"""Alembic's entry: runs inside the connection that wirewatch.migrate hands over."""

from alembic import context

from wirewatch.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
