"""Where Alembic meets the store: always on the connection that ``store.schema`` hands in."""

from alembic import context

from store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
