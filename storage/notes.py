"""What Warmline notes for itself between two runs, such as what it last told a platform.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what a
note means. Nothing of a person belongs here: no erasure and no export looks at it.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from storage.insert import insert_into
from storage.models import NoteRow


def note(connection: Connection, key: str) -> str:
    """The value of a key, "" where nothing was noted."""
    return connection.scalar(select(NoteRow.value).where(NoteRow.key == key)) or ""


def set_note(connection: Connection, key: str, value: str) -> None:
    """In the place of what was noted before."""
    insert = insert_into(connection, NoteRow).values(key=key, value=value)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["key"], set_={"value": insert.excluded.value})
    )


def claim(connection: Connection, key: str, value: str) -> bool:
    """Note it where nothing is noted yet. True for exactly one caller."""
    insert = insert_into(connection, NoteRow).values(key=key, value=value)
    made = insert.on_conflict_do_nothing(index_elements=["key"]).returning(NoteRow.key)
    return connection.scalar(made) is not None
