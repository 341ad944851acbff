"""What tells of a person in rows that are not theirs: found, and taken out of them.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: the
person's own rows (that is `erasure`). A look stays, since it was made; it is then at, or by,
"someone".
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from storage.admin_records import SOMEONE
from storage.limits import upto
from storage.models import GrantRow, LetterRow, LookRow


def erase(connection: Connection, platform: str, user_id: str, until: datetime | None) -> bool:
    """Grants to the person, looks at and by them, letters about them. True: there were some."""
    name = f"{platform}:{user_id}"
    granted = connection.execute(
        delete(GrantRow).where(
            GrantRow.to_platform == platform,
            GrantRow.to_user_id == user_id,
            upto(GrantRow.granted_at, until),
        )
    )
    at_them = looks_at(platform, user_id)
    looked_at = connection.execute(
        update(LookRow)
        .where(at_them, upto(LookRow.at, until))
        .values(about=SOMEONE, platform="", user_id="")
    )
    looked = connection.execute(
        update(LookRow).where(LookRow.who == name, upto(LookRow.at, until)).values(who=SOMEONE)
    )
    told = _out_of_letters(connection, name, until)
    return bool(granted.rowcount or looked_at.rowcount or looked.rowcount or told)


def looks_at(platform: str, user_id: str) -> ColumnElement[bool]:
    """The condition that a look was at this person alone."""
    named = and_(LookRow.platform == platform, LookRow.user_id == user_id)
    return or_(named, LookRow.about == f"{platform}:{user_id}")


def _out_of_letters(connection: Connection, name: str, until: datetime | None) -> int:
    """How many letters told of the person. All are held, in order: few are ever there."""
    letters = connection.execute(
        select(LetterRow.id, LetterRow.facts)
        .where(upto(LetterRow.created_at, until))
        .order_by(LetterRow.id)
        .with_for_update()
    ).all()
    of_them = [row for row in letters if name in row.facts.values()]
    for row in of_them:
        facts = {key: SOMEONE if value == name else value for key, value in row.facts.items()}
        connection.execute(update(LetterRow).where(LetterRow.id == row.id).values(facts=facts))
    return len(of_them)
