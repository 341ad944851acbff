"""Forgetting a person: what is deleted, in which order, and the receipt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how
old bytes leave the files (that is `sqlite.scrub`).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from storage import pairings, sqlite
from storage.models import ConversationRow, LabelRow, PersonRow, TurnRow
from storage.records import Receipt
from storage.turn_rows import IS_COMMAND


def forget(connection: Connection, platform: str, user_id: str, now: datetime) -> Receipt:
    """Delete a person, what they wrote, what was answered, and conversations left empty.

    What was noted of deliveries goes with the turns; `pairings.forget` says what becomes of a
    pairing. The counts are of what this call deleted, commands left out: all zero for somebody
    who was not known.
    """
    turns = labels = conversations = 0
    unpaired = pairings.forget(connection, platform, user_id)
    person_id = connection.execute(
        select(PersonRow.id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if person_id is not None:
        theirs = select(TurnRow.id).where(TurnRow.person_id == person_id)
        _hold_conversations(connection, person_id)
        labels = connection.execute(delete(LabelRow).where(LabelRow.turn_id.in_(theirs))).rowcount
        turns = _delete_turns(connection, person_id)
        connection.execute(delete(PersonRow).where(PersonRow.id == person_id))
        someone_writes = select(TurnRow.id).where(TurnRow.conversation_id == ConversationRow.id)
        conversations = connection.execute(
            delete(ConversationRow).where(~someone_writes.exists())
        ).rowcount
    if (unpaired or person_id is not None) and connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sqlite.debt())
    return Receipt(
        person=f"{platform}:{user_id}",
        turns=turns,
        labels=labels,
        conversations=conversations,
        at=now,
        id=secrets.token_hex(4),
    )


def _delete_turns(connection: Connection, person_id: int) -> int:
    """How many messages there were. Counted before: joined turns go with their leads, unseen.

    None can come in between, since the person is locked.
    """
    messages = select(func.count()).where(TurnRow.person_id == person_id, ~IS_COMMAND)
    count = connection.execute(messages).scalar_one()
    connection.execute(delete(TurnRow).where(TurnRow.person_id == person_id))
    return count


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
