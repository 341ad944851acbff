"""Forgetting a person, or a part of what is kept of them: what is deleted, and the receipt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how
old bytes leave the files (that is `sqlite.scrub`), what a running process holds in memory: it
looks at the note ERASED now and then, which changes with every erasure.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from storage import notes, pairings, sqlite
from storage.models import ConversationRow, CorrectionRow, LabelRow, PersonRow, TurnRow
from storage.receipts import Part, Receipt
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
    turns = labels = corrections = conversations = 0
    unpaired = part is Part.EVERYTHING and pairings.forget(connection, platform, user_id)
    person_id = connection.execute(
        select(PersonRow.id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if person_id is not None:
        if part is not Part.MOOD:
            _hold_conversations(connection, person_id)
        labels, corrections = _delete_moods(connection, person_id)
        if part is not Part.MOOD:
            turns = _delete_turns(connection, person_id)
            conversations = _delete_empty(connection)
        if part is Part.EVERYTHING:
            connection.execute(delete(PersonRow).where(PersonRow.id == person_id))
    receipt_id = secrets.token_hex(4)
    if unpaired or person_id is not None:
        mark(connection, receipt_id)
    return Receipt(
        person=f"{platform}:{user_id}",
        turns=turns,
        labels=labels,
        conversations=conversations,
        at=now,
        id=receipt_id,
        part=part,
        corrections=corrections,
    )


def mark(connection: Connection, erasure_id: str) -> None:
    """Something is erased: the files owe a scrub, and other processes are to drop what they hold.

    The last step of an erasure: who waits here for another holds nothing that it needs.
    """
    notes.set_note(connection, ERASED, erasure_id)
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sqlite.debt())


def _delete_moods(connection: Connection, person_id: int) -> tuple[int, int]:
    """Delete how turns were read, and what the model was told of the trend.

    How many labels there were, and how many corrections: these go with their labels.
    """
    turn_ids = select(TurnRow.id).where(TurnRow.person_id == person_id)
    corrected = select(func.count()).where(CorrectionRow.turn_id.in_(turn_ids))
    corrections = connection.execute(corrected).scalar_one()
    labels = connection.execute(delete(LabelRow).where(LabelRow.turn_id.in_(turn_ids))).rowcount
    connection.execute(
        update(TurnRow).where(TurnRow.person_id == person_id, TurnRow.note != "").values(note="")
    )
    return labels, corrections


def _delete_turns(connection: Connection, person_id: int) -> int:
    """How many messages there were. Counted before: joined turns go with their leads, unseen.

    None can come in between, since the person is locked.
    """
    messages = select(func.count()).where(TurnRow.person_id == person_id, ~IS_COMMAND)
    count = connection.execute(messages).scalar_one()
    connection.execute(delete(TurnRow).where(TurnRow.person_id == person_id))
    return count


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
