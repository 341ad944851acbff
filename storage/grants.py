"""The questions about grants: who lets whom see their mood.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: who
asks, what a grant opens. To platform "owner" with an empty id means the owners of this
installation.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, select
from sqlalchemy.orm import aliased

from storage import person_rows
from storage.insert import insert_into
from storage.models import GrantRow, PersonRow
from storage.records import Named

_receiver = aliased(PersonRow)


def grant(
    connection: Connection,
    platform: str,
    user_id: str,
    to_platform: str,
    to_user_id: str,
    now: datetime,
) -> None:
    """A grant that is there already stays as it is."""
    person_id = person_rows.enter(connection, platform, user_id, now)
    connection.execute(
        insert_into(connection, GrantRow)
        .values(person_id=person_id, to_platform=to_platform, to_user_id=to_user_id, granted_at=now)
        .on_conflict_do_nothing(index_elements=["person_id", "to_platform", "to_user_id"])
    )


def revoke(
    connection: Connection, platform: str, user_id: str, to: tuple[str, str] | None = None
) -> int:
    """Take one grant of a person back, or all; how many there were."""
    theirs = GrantRow.person_id.in_(person_rows.id_of(platform, user_id))
    taken = delete(GrantRow).where(theirs)
    if to is not None:
        taken = taken.where(GrantRow.to_platform == to[0], GrantRow.to_user_id == to[1])
    return connection.execute(taken).rowcount


def given_by(connection: Connection, platform: str, user_id: str) -> list[Named]:
    """To whom, the first first; a name only where they are known."""
    query = (
        select(GrantRow.to_platform, GrantRow.to_user_id, func.coalesce(_receiver.name, ""))
        .join(PersonRow, PersonRow.id == GrantRow.person_id)
        .outerjoin(
            _receiver,
            and_(
                _receiver.platform == GrantRow.to_platform,
                _receiver.user_id == GrantRow.to_user_id,
            ),
        )
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .order_by(GrantRow.granted_at, GrantRow.to_platform, GrantRow.to_user_id)
    )
    return [Named(*row) for row in connection.execute(query)]


def given_to(connection: Connection, to_platform: str, to_user_id: str) -> list[Named]:
    """By whom, the first first."""
    query = (
        select(PersonRow.platform, PersonRow.user_id, PersonRow.name)
        .join(GrantRow, GrantRow.person_id == PersonRow.id)
        .where(GrantRow.to_platform == to_platform, GrantRow.to_user_id == to_user_id)
        .order_by(GrantRow.granted_at, PersonRow.id)
    )
    return [Named(*row) for row in connection.execute(query)]
