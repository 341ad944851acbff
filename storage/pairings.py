"""Who may talk by pairing: a code is asked for, and somebody who may approves it.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how a
code is made, who may approve. Codes are compared whatever their case.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from storage.insert import insert_into
from storage.limits import upto
from storage.models import PairingRow
from storage.records import Paired


def ask(
    connection: Connection,
    platform: str,
    user_id: str,
    name: str,
    code: str,
    expires_at: datetime,
    now: datetime,
) -> str:
    """The person's live code; the one that is given becomes it where they have none."""
    # Requests that nobody approved go, everybody's: strangers' names need not stay.
    connection.execute(
        delete(PairingRow).where(PairingRow.approved_at.is_(None), PairingRow.expires_at <= now)
    )
    insert = insert_into(connection, PairingRow).values(
        platform=platform, user_id=user_id, name=name, code=code, expires_at=expires_at
    )
    # An update that changes nothing gives the row that is there, also one just made elsewhere.
    there = insert.on_conflict_do_update(
        index_elements=["platform", "user_id"], set_={"code": PairingRow.code}
    )
    return connection.execute(there.returning(PairingRow.code)).scalar_one()


def approve(connection: Connection, code: str, now: datetime) -> Paired | None:
    """Let in who holds a live code, and void it. None: it is unknown, expired, used."""
    holders = connection.execute(
        select(PairingRow.id, PairingRow.platform, PairingRow.user_id, PairingRow.name)
        .where(
            func.upper(PairingRow.code) == code.strip().upper(),
            PairingRow.approved_at.is_(None),
            PairingRow.expires_at > now,
        )
        .order_by(PairingRow.id)
        .with_for_update()
    ).all()
    # Two people with one code: nobody can say who is meant, so nobody comes in.
    if not code.strip() or len(holders) != 1:
        return None
    (holder,) = holders
    connection.execute(
        update(PairingRow).where(PairingRow.id == holder.id).values(approved_at=now, code="")
    )
    return Paired(holder.platform, holder.user_id, holder.name)


def is_paired(connection: Connection, platform: str, user_id: str) -> bool:
    """Whether the person was let in."""
    query = select(PairingRow.id).where(
        PairingRow.platform == platform,
        PairingRow.user_id == user_id,
        PairingRow.approved_at.is_not(None),
    )
    return connection.scalar(query) is not None


def unpair(connection: Connection, platform: str, user_id: str) -> bool:
    """Take the permission back, or the request. False when there was neither."""
    gone = connection.execute(
        delete(PairingRow).where(PairingRow.platform == platform, PairingRow.user_id == user_id)
    )
    return gone.rowcount == 1


def forget(
    connection: Connection, platform: str, user_id: str, now: datetime, until: datetime | None
) -> bool:
    """Erase a person's name, and a request that nobody has approved.

    A permission stays, without a name: to be forgotten must not lock anybody out, and it holds
    no more than the platform's id, which it needs. True when anything was erased. Nobody knows when
    a request was made: one that has expired is taken for older than `until`.
    """
    theirs = (PairingRow.platform == platform, PairingRow.user_id == user_id)
    requests = (PairingRow.approved_at.is_(None), upto(PairingRow.expires_at, until and now))
    gone = connection.execute(delete(PairingRow).where(*theirs, *requests)).rowcount
    named = (PairingRow.name != "", upto(PairingRow.approved_at, until))
    emptied = connection.execute(update(PairingRow).where(*theirs, *named).values(name="")).rowcount
    return bool(gone or emptied)
