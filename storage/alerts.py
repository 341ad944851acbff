"""The questions about alerts: who lets a responder be told of a danger, and that one is told.

Knows: SQL, one connection, inside a transaction that somebody else opened; that an alert is a
letter to the responder and a look at the person, both or neither; how often there may be one. Does
not know: what a danger is, who is the responder, what the letter says. It holds nobody's words.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from storage import person_rows, reaching
from storage.insert import insert_into
from storage.models import AlertRow, LookRow, PersonRow
from storage.reaching_models import ALERT

Responder = tuple[str, str]
"""A platform and a user id there."""

RESPONDER = "responder"
"""So the look calls them: who it is, is told to nobody."""

EVERY = timedelta(hours=1)
"""Of one person there is no second alert within that."""


def allow(
    connection: Connection, platform: str, user_id: str, to: Responder, now: datetime
) -> None:
    """In the place of a yes to another one; one that is there already stays as it is."""
    person_id = person_rows.enter(connection, platform, user_id, now)
    allowed = {"to_platform": to[0], "to_user_id": to[1], "allowed_at": now}
    row = insert_into(connection, AlertRow).values(person_id=person_id, **allowed)
    another = (AlertRow.to_platform != to[0]) | (AlertRow.to_user_id != to[1])
    connection.execute(
        row.on_conflict_do_update(index_elements=["person_id"], set_=allowed, where=another)
    )


def end(connection: Connection, platform: str, user_id: str) -> bool:
    """False when there was none."""
    theirs = AlertRow.person_id.in_(person_rows.id_of(platform, user_id))
    ended = delete(AlertRow).where(theirs)
    return connection.execute(ended).rowcount == 1


def allowed_to(connection: Connection, platform: str, user_id: str) -> Responder | None:
    """Whom the person lets be told; None: nobody."""
    query = (
        select(AlertRow.to_platform, AlertRow.to_user_id)
        .join(PersonRow, PersonRow.id == AlertRow.person_id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
    )
    row = connection.execute(query).one_or_none()
    return (row.to_platform, row.to_user_id) if row else None


def write(
    connection: Connection,
    platform: str,
    user_id: str,
    to: Responder,
    kind: str,
    at: datetime,
    now: datetime,
) -> bool:
    """The letter and the look. False, and neither: not allowed, too soon, or nobody to tell.

    The person is held: of two processes the second one finds the look of the first.
    """
    person_id = person_rows.held(connection, platform, user_id)
    if person_id is None or allowed_to(connection, platform, user_id) != to:
        return False
    if _lately(connection, platform, user_id, now):
        return False
    if person_rows.held(connection, *to) is None:
        return False
    name = connection.scalar(select(PersonRow.name).where(PersonRow.id == person_id))
    facts = {
        "who": f"{platform}:{user_id}",
        "name": name or "",
        "danger": kind,
        "at": at.astimezone(UTC).isoformat(),
    }
    reaching.write_letter(connection, *to, ALERT, facts, now)
    # Of whom it was is for the person alone: lists of looks show `about`.
    look = {"at": now, "who": RESPONDER, "what": ALERT, "about": ""}
    connection.execute(insert(LookRow).values(platform=platform, user_id=user_id, **look))
    return True


def _lately(connection: Connection, platform: str, user_id: str, now: datetime) -> bool:
    """Whether there was one within EVERY; also by a clock that is ahead of this one."""
    query = select(LookRow.id).where(
        LookRow.platform == platform,
        LookRow.user_id == user_id,
        LookRow.what == ALERT,
        LookRow.at > now - EVERY,
        LookRow.at < now + EVERY,
    )
    return connection.scalar(query.limit(1)) is not None
