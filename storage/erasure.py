"""Forgetting a person, or a part of what is kept of them: what is deleted, and the receipt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how
old bytes leave the files (that is `sqlite.scrub`), what tells of the person elsewhere (`traces`),
what a running process holds in memory: it looks at the note ERASED now and then, which changes
with every erasure. Given a time `until`, nothing that is newer is touched: so an erasure is done
again on a backup.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from storage import notes, pairings, person_erasure, sqlite, traces
from storage.corrections import OF_LABEL
from storage.limits import upto
from storage.models import ConversationRow, CorrectionRow, LabelRow, PersonRow, TurnRow
from storage.receipts import Part, Receipt
from storage.tombstones import Tombstone
from storage.turn_rows import IS_COMMAND

ERASED = "erased"
"""Under this key stands the id of the last erasure of any kind."""


def forget(
    connection: Connection, platform: str, user_id: str, part: Part, now: datetime
) -> Receipt:
    """Delete that part of what is kept of a person, and conversations left empty.

    What was noted of deliveries goes with the turns; `pairings.forget` says what becomes of a
    pairing. The counts are of what this call deleted, commands left out: all zero for somebody
    who was not known.
    """
    receipt, erased = _erase(connection, platform, user_id, part, now, None)
    if erased:
        mark(connection, receipt.id)
    return receipt


def again(
    connection: Connection, platform: str, user_id: str, tombstone: Tombstone, now: datetime
) -> Receipt | None:
    """Do an erasure once more, on what is not newer than it; None: nothing of that was there."""
    part, until = tombstone.part, tombstone.at
    receipt, erased = _erase(connection, platform, user_id, part, now, until)
    if not erased:
        return None
    mark(connection, receipt.id)
    return replace(receipt, id=tombstone.id)


def _erase(
    connection: Connection,
    platform: str,
    user_id: str,
    part: Part,
    now: datetime,
    until: datetime | None,
) -> tuple[Receipt, bool]:
    """The receipt, and whether it is to be marked: with `until`, only where anything was erased."""
    turns = labels = corrections = conversations = rows = noted = 0
    everything = part is Part.EVERYTHING
    beside = everything and pairings.forget(connection, platform, user_id, now, until)
    person_id = connection.execute(
        select(PersonRow.id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if person_id is not None:
        if part is not Part.MOOD:
            _hold_conversations(connection, person_id)
        labels, corrections, noted = _delete_moods(connection, person_id, until)
        if part is not Part.MOOD:
            turns, rows = _delete_turns(connection, person_id, until)
            conversations = _delete_empty(connection)
    if everything:
        beside = traces.erase(connection, platform, user_id, until) or beside
    if person_id is not None:
        beside = person_erasure.erase(connection, person_id, part, until) or beside
    receipt = Receipt(
        person=f"{platform}:{user_id}",
        turns=turns,
        labels=labels,
        conversations=conversations,
        at=now,
        id=secrets.token_hex(4),
        part=part,
        corrections=corrections,
    )
    # Of somebody known, processes may hold what was never stored: they are to drop that as well.
    known = until is None and person_id is not None
    return receipt, bool(known or beside or rows or labels or noted)


def mark(connection: Connection, erasure_id: str) -> None:
    """Something is erased: the files owe a scrub, and other processes are to drop what they hold.

    The last step of an erasure: who waits here for another holds nothing that it needs.
    """
    notes.set_note(connection, ERASED, erasure_id)
    owe_scrub(connection)


def owe_scrub(connection: Connection) -> None:
    """Something is deleted whose bytes must not stay in the files: the next scrub clears them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sqlite.debt())


def _delete_moods(
    connection: Connection, person_id: int, until: datetime | None
) -> tuple[int, int, int]:
    """Delete how turns were read, and what the model was told of the trend.

    How many labels there were, how many corrections (these go with their labels), and notes.
    """
    turn_ids = select(TurnRow.id).where(TurnRow.person_id == person_id)
    theirs = (LabelRow.turn_id.in_(turn_ids), upto(LabelRow.created_at, until))
    corrected = (
        select(func.count()).select_from(CorrectionRow).join(LabelRow, OF_LABEL).where(*theirs)
    )
    corrections = connection.execute(corrected).scalar_one()
    labels = connection.execute(delete(LabelRow).where(*theirs)).rowcount
    told = (TurnRow.person_id == person_id, TurnRow.note != "", upto(TurnRow.answered_at, until))
    notes_gone = connection.execute(update(TurnRow).where(*told).values(note="")).rowcount
    return labels, corrections, notes_gone


def _delete_turns(
    connection: Connection, person_id: int, until: datetime | None
) -> tuple[int, int]:
    """How many messages there were, and rows. Counted: joined turns go with their leads, unseen.

    None can come in between, since the person is locked.
    """
    theirs = (TurnRow.person_id == person_id, upto(TurnRow.received_at, until))
    count = connection.execute(select(func.count()).where(*theirs, ~IS_COMMAND)).scalar_one()
    return count, connection.execute(delete(TurnRow).where(*theirs)).rowcount


def _delete_empty(connection: Connection) -> int:
    """Delete the conversations in which nobody has written; how many."""
    someone_writes = select(TurnRow.id).where(TurnRow.conversation_id == ConversationRow.id)
    return connection.execute(delete(ConversationRow).where(~someone_writes.exists())).rowcount


def _hold_conversations(connection: Connection, person_id: int) -> None:
    """Lock the person's conversations, in order, until the transaction ends.

    Otherwise somebody else's message, received between the look and the deletion, would go with
    a conversation that only seemed empty. (SQLite has one writer and needs no such lock.)
    """
    theirs = select(TurnRow.conversation_id).where(TurnRow.person_id == person_id)
    connection.execute(
        select(ConversationRow.id)
        .where(ConversationRow.id.in_(theirs))
        .order_by(ConversationRow.id)
        .with_for_update()
    ).all()
