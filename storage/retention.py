"""What is older than it may be: found, and deleted some at a time.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how long
anything is kept, how old bytes leave the files. Several processes may do this at once: what one
has deleted the other no longer finds.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from storage import erasure
from storage.models import ConversationRow, LabelRow, TurnRow
from storage.receipts import Swept

AT_ONCE = 500
"""So many turns are deleted in one transaction: whoever writes meanwhile waits for no more."""


def overdue(connection: Connection, before: datetime) -> Sequence[int]:
    """Turns that were received before then, the oldest first, AT_ONCE at most."""
    query = (
        select(TurnRow.id)
        .where(TurnRow.received_at < before)
        .order_by(TurnRow.received_at, TurnRow.id)
        .limit(AT_ONCE)
    )
    return connection.scalars(query).all()


def delete_turns(connection: Connection, turn_ids: Sequence[int]) -> Swept:
    """Delete these turns with all that hangs on them, and conversations left empty.

    What is joined to one of them goes too: its words are in the lead's.
    """
    conversations = hold_conversations(connection, turn_ids)
    theirs = or_(TurnRow.id.in_(turn_ids), TurnRow.joined_to.in_(turn_ids))
    # The turns too: what waits for one of them to be answered finds it gone.
    held = connection.scalars(
        select(TurnRow.id).where(theirs).order_by(TurnRow.id).with_for_update()
    ).all()
    if not held:
        return Swept()
    labels = connection.execute(delete(LabelRow).where(LabelRow.turn_id.in_(held))).rowcount
    connection.execute(delete(TurnRow).where(TurnRow.id.in_(held)))
    emptied = delete_empty(connection, conversations)
    sweep_id = secrets.token_hex(4)
    erasure.mark(connection, sweep_id)
    return Swept(len(held), labels, emptied, frozenset(conversations), sweep_id)


def together(one: Swept, other: Swept) -> Swept:
    """Two steps of a sweep, in this order, as one."""
    return Swept(
        one.turns + other.turns,
        one.labels + other.labels,
        one.conversations + other.conversations,
        one.touched | other.touched,
        other.id or one.id,
    )


def hold_conversations(connection: Connection, turn_ids: Sequence[int]) -> Sequence[int]:
    """Lock the conversations of turns, in order, as `erasure` does.

    Nobody writes in one while it is looked at whether somebody does.
    """
    theirs = select(TurnRow.conversation_id).where(TurnRow.id.in_(turn_ids))
    return connection.scalars(
        select(ConversationRow.id)
        .where(ConversationRow.id.in_(theirs))
        .order_by(ConversationRow.id)
        .with_for_update()
    ).all()


def delete_empty(connection: Connection, conversations: Sequence[int]) -> int:
    """Delete those of these conversations in which nobody has written; how many."""
    someone_writes = select(TurnRow.id).where(TurnRow.conversation_id == ConversationRow.id)
    return connection.execute(
        delete(ConversationRow).where(
            ConversationRow.id.in_(conversations), ~someone_writes.exists()
        )
    ).rowcount
