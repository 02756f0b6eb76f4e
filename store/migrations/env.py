"""Where Alembic meets our tables: it is handed an open connection and never reads a configuration file."""

from alembic import context

from store import alert_tables, event_tables, people_tables  # noqa: F401  their tables belong to the metadata
from store.models import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
