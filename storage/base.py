"""What every table is made with.

Knows: how constraints are named, what an id is, how a state is stored. Does not know: any table.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import BigInteger, Enum, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase

Id = BigInteger().with_variant(Integer, "sqlite")

# An id is never used twice: caches are keyed by it, and may outlive a forgotten conversation.
NEVER_AGAIN = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Names every constraint, so that a later migration can change it."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )


def words_of(states: type[StrEnum]) -> Enum:
    """A state as the word that it is."""
    return Enum(states, native_enum=False, length=16, values_callable=lambda words: list(words))
