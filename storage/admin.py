"""The questions of those who run or manage a Warmline: looks, ways in, crises.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: who is
one of them, how a key is made or hashed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select

from storage import erasure, person_rows, reaching
from storage.admin_records import Look
from storage.models import CrisisRow, KeyRow, LetterRow, LookRow, PersonRow

LINK = "link"
SESSION = "session"
LOOKED = "looked"
"""The kind of the letter that tells a person of a look at them."""

CAREFUL_FOR = timedelta(hours=24)
"""So long replies look back on a crisis: till then it is noted of everybody."""

CRISIS_DAYS = 30
"""So long it is noted of those who let their moods be kept."""


def note_look(
    connection: Connection,
    who: str,
    what: str,
    about: str,
    platform: str,
    user_id: str,
    now: datetime,
) -> None:
    """Write the look down, and a letter to the person, if it was at one.

    No second letter while one waits of the same `who` and the same day (UTC).
    """
    # The letter first: it locks its person, as whoever erases does before the looks.
    if user_id and not _waits(connection, who, platform, user_id, now):
        facts = {"who": who, "what": what}
        reaching.write_letter(connection, platform, user_id, LOOKED, facts, now)
    connection.execute(
        insert(LookRow).values(
            at=now, who=who, what=what, about=about, platform=platform, user_id=user_id
        )
    )


def _waits(connection: Connection, who: str, platform: str, user_id: str, now: datetime) -> bool:
    """Whether a letter of that day that says that this one looked is not told yet."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    waiting = (
        select(LetterRow.facts)
        .where(
            LetterRow.person_id == person_rows.held(connection, platform, user_id),
            LetterRow.kind == LOOKED,
            LetterRow.created_at >= day,
            LetterRow.created_at < day + timedelta(days=1),
        )
        # Who takes one at this moment tells of no later look.
        .with_for_update()
    )
    return any(facts["who"] == who for facts in connection.scalars(waiting))


def looks(connection: Connection, limit: int) -> list[Look]:
    """The last ones, the newest first."""
    query = (
        select(LookRow.at, LookRow.who, LookRow.what, LookRow.about)
        .order_by(LookRow.id.desc())
        .limit(max(limit, 0))
    )
    return [Look(*row) for row in connection.execute(query)]


def add_key(
    connection: Connection, kind: str, hashed: str, expires_at: datetime, now: datetime
) -> None:
    """Keep a hash; those that have expired go on the way."""
    if kind not in (LINK, SESSION):
        raise ValueError(f"a key is a {LINK} or a {SESSION}")
    connection.execute(delete(KeyRow).where(KeyRow.expires_at <= now))
    connection.execute(insert(KeyRow).values(hashed=hashed, kind=kind, expires_at=expires_at))


def use_link(connection: Connection, hashed: str, now: datetime) -> bool:
    """Delete the link: true for the one who did, while it was good."""
    used = delete(KeyRow).where(
        KeyRow.hashed == hashed, KeyRow.kind == LINK, KeyRow.expires_at > now
    )
    return connection.execute(used).rowcount == 1


def has_session(connection: Connection, hashed: str, now: datetime) -> bool:
    """Whether there is such a session, not expired."""
    query = select(KeyRow.kind).where(
        KeyRow.hashed == hashed, KeyRow.kind == SESSION, KeyRow.expires_at > now
    )
    return connection.scalar(query) is not None


def end_session(connection: Connection, hashed: str) -> None:
    """Ending twice is harmless."""
    connection.execute(delete(KeyRow).where(KeyRow.hashed == hashed, KeyRow.kind == SESSION))


def note_crisis(
    connection: Connection, platform: str, user_id: str, kind: str, at: datetime
) -> None:
    """Nothing for somebody who is not known: they were forgotten meanwhile."""
    person_id = person_rows.held(connection, platform, user_id)
    if person_id is not None:
        connection.execute(insert(CrisisRow).values(person_id=person_id, kind=kind, at=at))


def end_crises(connection: Connection, setting: str, keep_days: int, now: datetime) -> int:
    """Delete what is noted for too long, with a yes to moods or without one; how many."""
    days = min(CRISIS_DAYS, keep_days or CRISIS_DAYS)
    no_yes = select(PersonRow.id).where(person_rows.without_yes(PersonRow.mood_memory, setting))
    over = or_(CrisisRow.at < now - timedelta(days=days), CrisisRow.person_id.in_(no_yes))
    ended = delete(CrisisRow).where(CrisisRow.at < now - CAREFUL_FOR, over)
    gone = connection.execute(ended).rowcount
    if gone:
        erasure.owe_scrub(connection)
    return gone


def last_crisis(connection: Connection, platform: str, user_id: str) -> tuple[datetime, str] | None:
    """When the last one was, and of which kind."""
    query = (
        select(CrisisRow.at, CrisisRow.kind)
        .join(PersonRow, PersonRow.id == CrisisRow.person_id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .order_by(CrisisRow.at.desc(), CrisisRow.id.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return (row.at, row.kind) if row else None
