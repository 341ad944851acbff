"""Forgetting a person: what is deleted, in which order, and the receipt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how
old bytes leave the files (that is `sqlite.scrub`).
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage import sqlite
from storage.models import ConversationRow, LabelRow, PersonRow, TurnRow
from storage.records import Receipt


def forget(connection: Connection, platform: str, user_id: str, now: datetime) -> Receipt:
    """Delete a person, what they wrote, what was answered, and conversations left empty.

    The counts are of what this call deleted: all zero for somebody who was not known.
    """
    turns = labels = conversations = 0
    person_id = connection.execute(
        select(PersonRow.id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .with_for_update()
    ).scalar_one_or_none()
    if person_id is not None:
        theirs = select(TurnRow.id).where(TurnRow.person_id == person_id)
        _hold_conversations(connection, person_id)
        labels = connection.execute(delete(LabelRow).where(LabelRow.turn_id.in_(theirs))).rowcount
        turns = connection.execute(delete(TurnRow).where(TurnRow.person_id == person_id)).rowcount
        connection.execute(delete(PersonRow).where(PersonRow.id == person_id))
        someone_writes = select(TurnRow.id).where(TurnRow.conversation_id == ConversationRow.id)
        conversations = connection.execute(
            delete(ConversationRow).where(~someone_writes.exists())
        ).rowcount
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(sqlite.debt())
    return Receipt(
        person=f"{platform}:{user_id}",
        turns=turns,
        labels=labels,
        conversations=conversations,
        at=now,
        id=secrets.token_hex(4),
    )


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
