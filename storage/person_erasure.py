"""What hangs on a person beside what they said: deleted, and the person's own row last.

Knows: SQL, one connection, inside a transaction that somebody else opened, which holds the person.
Does not know: turns and moods (`erasure`), other people's rows (`traces`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.limits import upto
from storage.models import (
    AlertRow,
    CheckInRow,
    CrisisRow,
    GrantRow,
    LetterRow,
    PersonRow,
    TurnRow,
)
from storage.receipts import Part

Owned = type[AlertRow] | type[CheckInRow] | type[CrisisRow] | type[GrantRow] | type[LetterRow]
Time = InstrumentedAttribute[datetime]


def erase(connection: Connection, person_id: int, part: Part, until: datetime | None) -> bool:
    """Check-ins and crises with every part; with everything what was allowed, and the person.

    True when anything was there.
    """
    gone: list[tuple[Owned, Time]] = [
        (CheckInRow, CheckInRow.created_at),
        (CrisisRow, CrisisRow.at),
    ]
    if part is Part.EVERYTHING:
        gone += [
            (GrantRow, GrantRow.granted_at),
            (LetterRow, LetterRow.created_at),
            (AlertRow, AlertRow.allowed_at),
        ]
    erased = 0
    for table, time in gone:
        theirs = (table.person_id == person_id, upto(time, until))
        erased += connection.execute(delete(table).where(*theirs)).rowcount
    if part is Part.EVERYTHING:
        erased += _erase_person(connection, person_id, until)
    return bool(erased)


def _erase_person(connection: Connection, person_id: int, until: datetime | None) -> int:
    """Delete the person; who has written since then stays, without what they chose before.

    A no is kept, since it may be a new one. The row then begins with what was written since: done
    again, this erasure does not touch it.
    """
    this = (PersonRow.id == person_id, upto(PersonRow.created_at, until))
    written = select(func.min(TurnRow.received_at)).where(TurnRow.person_id == person_id)
    since = None if until is None else connection.scalar(written)
    if since is None:
        return connection.execute(delete(PersonRow).where(*this)).rowcount
    chosen: dict[str, Any] = {"language": "", "zone": "", "carded": False, "created_at": since}
    for name in ("mood_memory", "history"):
        choice = PersonRow.__table__.columns[name]
        chosen[name] = case((choice == "off", "off"), else_="")
    return connection.execute(update(PersonRow).where(*this).values(**chosen)).rowcount
