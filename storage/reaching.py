"""The questions about what a person is told unasked: check-ins and letters.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: when a
check-in is due again, what a letter says. What is to be sent is claimed first, so that of several
processes one sends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, case, delete, select, update

from storage import person_rows
from storage.insert import insert_into
from storage.models import CheckInRow, LetterRow, PersonRow
from storage.reaching_records import CheckIn, Letter

MINUTES = 24 * 60


def set_checkin(connection: Connection, wanted: CheckIn, now: datetime) -> None:
    """In the place of the one before, and with nothing unanswered."""
    if not 0 <= wanted.minute < MINUTES:
        raise ValueError(f"a minute of the day is 0 to {MINUTES - 1}")
    kept = {
        "chat_id": wanted.chat_id,
        "thread_id": wanted.thread_id,
        "minute": wanted.minute,
        "zone": wanted.zone,
        "next_at": wanted.next_at,
        "unanswered": wanted.unanswered,
        "language": wanted.language,
        "created_at": now,
    }
    person_id = person_rows.enter(connection, wanted.platform, wanted.user_id, now)
    insert = insert_into(connection, CheckInRow).values(person_id=person_id, **kept)
    connection.execute(insert.on_conflict_do_update(index_elements=["person_id"], set_=kept))


def checkin(connection: Connection, platform: str, user_id: str) -> CheckIn | None:
    """The person's, or None."""
    theirs = _checkins().where(PersonRow.platform == platform, PersonRow.user_id == user_id)
    row = connection.execute(theirs).one_or_none()
    return CheckIn(*row) if row else None


def end_checkin(connection: Connection, platform: str, user_id: str) -> bool:
    """False when there was none."""
    theirs = CheckInRow.person_id.in_(person_rows.id_of(platform, user_id))
    return connection.execute(delete(CheckInRow).where(theirs)).rowcount == 1


def due(connection: Connection, platform: str, now: datetime) -> list[CheckIn]:
    """Those whose time has come, the longest due first."""
    query = _checkins().where(PersonRow.platform == platform, CheckInRow.next_at <= now)
    ordered = query.order_by(CheckInRow.next_at, CheckInRow.person_id)
    return [CheckIn(*row) for row in connection.execute(ordered)]


def claim(connection: Connection, claimed: CheckIn, next_at: datetime) -> CheckIn | None:
    """Move it on to its next time, and count it as unanswered; None: another did, or it is gone.

    The time that is there must be the one that was read: so only one gets it.
    """
    if not _moved(connection, claimed, next_at, CheckInRow.unanswered + 1):
        return None
    return checkin(connection, claimed.platform, claimed.user_id)


def give_back(connection: Connection, claimed: CheckIn, next_at: datetime) -> bool:
    """It was claimed and not sent: not counted, unless the person wrote meanwhile and none is."""
    one_less = case((CheckInRow.unanswered > 0, CheckInRow.unanswered - 1), else_=0)
    return _moved(connection, claimed, next_at, one_less)


def _moved(
    connection: Connection, known: CheckIn, next_at: datetime, unanswered: ColumnElement[int]
) -> bool:
    """Whether it was still there as it is known, and is moved to another time."""
    moved = (
        update(CheckInRow)
        .where(
            CheckInRow.person_id.in_(person_rows.id_of(known.platform, known.user_id)),
            CheckInRow.next_at == known.next_at,
        )
        .values(next_at=next_at, unanswered=unanswered)
    )
    return connection.execute(moved).rowcount == 1


def heard(connection: Connection, person_id: int) -> None:
    """The person wrote: nothing is unanswered any more."""
    connection.execute(
        update(CheckInRow)
        .where(CheckInRow.person_id == person_id, CheckInRow.unanswered != 0)
        .values(unanswered=0)
    )


def write_letter(
    connection: Connection,
    platform: str,
    user_id: str,
    kind: str,
    facts: Mapping[str, str],
    at: datetime,
) -> None:
    """Nothing for somebody who is not known: they were forgotten, or never wrote."""
    person_id = person_rows.held(connection, platform, user_id)
    if person_id is not None:
        insert = insert_into(connection, LetterRow)
        connection.execute(
            insert.values(person_id=person_id, kind=kind, facts=dict(facts), created_at=at)
        )


def take_letters(connection: Connection, platform: str, user_id: str) -> list[Letter]:
    """Delete what is to be told on a platform, to one or to all, and give it, the oldest first."""
    query = (
        select(
            LetterRow.id,
            PersonRow.platform,
            PersonRow.user_id,
            LetterRow.kind,
            LetterRow.facts,
            LetterRow.created_at,
        )
        .join(PersonRow, PersonRow.id == LetterRow.person_id)
        .where(PersonRow.platform == platform)
        .order_by(LetterRow.created_at, LetterRow.id)
        # Letters that another process is taking at this moment are its own.
        .with_for_update(of=LetterRow, skip_locked=True)
    )
    if user_id:
        query = query.where(PersonRow.user_id == user_id)
    letters = [Letter(*row) for row in connection.execute(query)]
    connection.execute(delete(LetterRow).where(LetterRow.id.in_([one.id for one in letters])))
    return letters


def _checkins() -> Select[str, str, str, str, int, str, datetime, int, str]:
    """The columns of a CheckIn."""
    return select(
        PersonRow.platform,
        PersonRow.user_id,
        CheckInRow.chat_id,
        CheckInRow.thread_id,
        CheckInRow.minute,
        CheckInRow.zone,
        CheckInRow.next_at,
        CheckInRow.unanswered,
        CheckInRow.language,
    ).join(PersonRow, PersonRow.id == CheckInRow.person_id)
