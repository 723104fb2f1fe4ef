"""Run by Alembic: applies migrations to the connection that ``schema`` hands over."""

from alembic import context

from goodsfactory.adapters.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    # Both databases can roll a table back; the connection begins real transactions on SQLite as well.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
