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
from storage.models import AlertRow, GrantRow, LetterRow, LookRow
from storage.reaching_models import ALERT


def erase(connection: Connection, platform: str, user_id: str, until: datetime | None) -> bool:
    """What was allowed to the person, looks at and by them, letters about them. True: some were."""
    name = f"{platform}:{user_id}"
    granted = connection.execute(
        delete(GrantRow).where(
            GrantRow.to_platform == platform,
            GrantRow.to_user_id == user_id,
            upto(GrantRow.granted_at, until),
        )
    )
    alerted = connection.execute(
        delete(AlertRow).where(
            AlertRow.to_platform == platform,
            AlertRow.to_user_id == user_id,
            upto(AlertRow.allowed_at, until),
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
    changed = (granted, alerted, looked_at, looked)
    return bool(told or any(one.rowcount for one in changed))


def looks_at(platform: str, user_id: str) -> ColumnElement[bool]:
    """The condition that a look was at this person alone."""
    named = and_(LookRow.platform == platform, LookRow.user_id == user_id)
    return or_(named, LookRow.about == f"{platform}:{user_id}")


def _out_of_letters(connection: Connection, name: str, until: datetime | None) -> int:
    """How many letters told of the person. All are held, in order: few are ever there.

    An alert is about nobody else, and goes.
    """
    letters = connection.execute(
        select(LetterRow.id, LetterRow.kind, LetterRow.facts)
        .where(upto(LetterRow.created_at, until))
        .order_by(LetterRow.id)
        .with_for_update()
    ).all()
    alerts = [row for row in letters if row.kind == ALERT and row.facts["who"] == name]
    connection.execute(delete(LetterRow).where(LetterRow.id.in_([row.id for row in alerts])))
    of_them = [row for row in letters if row.kind != ALERT and name in row.facts.values()]
    for row in of_them:
        facts = {key: SOMEONE if value == name else value for key, value in row.facts.items()}
        connection.execute(update(LetterRow).where(LetterRow.id == row.id).values(facts=facts))
    return len(alerts) + len(of_them)
