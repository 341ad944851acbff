"""How Alembic runs the revisions: on the connection that `storage.schema` hands over.

Knows: the connection and its open transaction, which holds all revisions or none. Does not know:
URLs, files, `alembic.ini`.
"""

from __future__ import annotations

from alembic import context

from storage.models import Base
from storage.schema import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite changes a column by making the table anew
)
context.run_migrations()
