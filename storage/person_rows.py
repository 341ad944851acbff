"""One person's row: found or made, and held until the transaction ends; and who said no yes.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what is
asked of the person. Whoever writes something that hangs on a person holds them first, as
`erasure` does: nobody is forgotten between a look and an insert.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.orm import InstrumentedAttribute

from storage.insert import insert_into
from storage.models import PersonRow


def id_of(platform: str, user_id: str) -> Select[int]:
    """The question for the id of a person, to be asked by itself or within another."""
    return select(PersonRow.id).where(PersonRow.platform == platform, PersonRow.user_id == user_id)


def held(connection: Connection, platform: str, user_id: str) -> int | None:
    """The id of a person, who cannot be forgotten until the transaction ends; None: not known."""
    return connection.scalar(id_of(platform, user_id).with_for_update(key_share=True))


def enter(connection: Connection, platform: str, user_id: str, now: datetime) -> int:
    """The id of a person, made where there is none, and held as in `held`."""
    insert = insert_into(connection, PersonRow).values(
        platform=platform, user_id=user_id, name="", language="", created_at=now
    )
    there = insert.on_conflict_do_update(
        index_elements=["platform", "user_id"], set_={"name": PersonRow.name}
    )
    return connection.execute(there.returning(PersonRow.id)).scalar_one()


def without_yes(choice: InstrumentedAttribute[str], setting: str) -> ColumnElement[bool]:
    """Whose own choice is no yes, or who made none where the owner's setting is none."""
    return choice == "off" if setting == "on" else choice != "on"
