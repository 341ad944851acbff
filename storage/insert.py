"""INSERT … ON CONFLICT: the same words on both databases, in two modules of SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from storage.models import Base


def insert_into(connection: Connection, table: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An insert that can say `on_conflict_…`, for the database behind the connection."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
