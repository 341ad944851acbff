"""Conversations that are over, of people whose words are not kept: found, and ended.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how long
a conversation runs, how old bytes leave the files. A turn that was read for the mood stays without
a word; any other is deleted, but for the mark: the last message that the platform counts, without
a word, since what came before it must not be taken for new after a gap. What is not answered yet
is never touched, nor is for a day what has not reached its person.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select, update
from sqlalchemy.orm import aliased

from storage import erasure, person_rows, recall, retention
from storage.models import ConversationRow, DeliveryRow, LabelRow, PersonRow, TurnRow
from storage.receipts import Ended
from storage.records import State
from storage.turn_rows import OPEN

DELIVERED_WITHIN = timedelta(days=1)
"""So long an answer is tried to be brought to its person, also after a restart."""


def over(
    connection: Connection, quiet_since: datetime, setting: str, now: datetime
) -> Sequence[int]:
    """Turns to end, `retention.AT_ONCE` at most, in no order: none that a scan must look for."""
    query = select(TurnRow.id).where(*_over(quiet_since, setting, now)).limit(retention.AT_ONCE)
    return connection.scalars(query).all()


def end(
    connection: Connection,
    turn_ids: Sequence[int],
    quiet_since: datetime,
    setting: str,
    now: datetime,
) -> Ended:
    """End those of these turns that are still over now."""
    people = _hold_people(connection, turn_ids)
    conversations = retention.hold_conversations(connection, turn_ids)
    # Looked at again: since then somebody may have written, or chosen to keep what they write.
    still = (
        select(TurnRow.id)
        .where(TurnRow.id.in_(turn_ids), *_over(quiet_since, setting, now))
        .order_by(TurnRow.id)
        .with_for_update()
    )
    held = connection.scalars(still).all()
    if not held:
        return Ended()
    labelled = set(connection.scalars(select(LabelRow.turn_id).where(LabelRow.turn_id.in_(held))))
    marks = set(_last_counted(connection, conversations))
    _blank(connection, labelled)
    _blank(connection, marks & set(held) - labelled, state=State.DECLINED, joined_to=None)
    gone = set(held) - labelled - marks
    connection.execute(delete(TurnRow).where(TurnRow.id.in_(gone)))
    _delete_old_marks(connection, people, conversations, marks)
    emptied = retention.delete_empty(connection, conversations)
    ending_id = secrets.token_hex(4)
    erasure.mark(connection, ending_id)
    blanked = len(labelled)
    return Ended(len(held) - blanked, blanked, emptied, frozenset(conversations), ending_id)


def together(one: Ended, other: Ended) -> Ended:
    """Two steps, in this order, as one."""
    return Ended(
        one.deleted + other.deleted,
        one.blanked + other.blanked,
        one.conversations + other.conversations,
        one.touched | other.touched,
        other.id or one.id,
    )


def _blank(connection: Connection, turn_ids: Collection[int], **changes: Any) -> None:
    """Take every word out of turns that stay."""
    connection.execute(delete(DeliveryRow).where(DeliveryRow.turn_id.in_(turn_ids)))
    connection.execute(
        update(TurnRow)
        .where(TurnRow.id.in_(turn_ids))
        .values(text="", reply="", note="", speaker="", failure="", ended=True, **changes)
    )


def _last_counted(connection: Connection, conversations: Sequence[int]) -> Sequence[int]:
    """The turns from which `recall.last_heard` tells where each conversation was heard last."""
    of_each = select(recall.last_counted()).where(ConversationRow.id.in_(conversations))
    return connection.scalars(of_each).all()


def _delete_old_marks(
    connection: Connection,
    people: Sequence[int],
    conversations: Sequence[int],
    marks: Collection[int],
) -> None:
    """What these people left as a mark before, and is none any more."""
    label = select(LabelRow.id).where(LabelRow.turn_id == TurnRow.id)
    connection.execute(
        delete(TurnRow).where(
            TurnRow.person_id.in_(people),
            TurnRow.ended,
            TurnRow.conversation_id.in_(conversations),
            TurnRow.id.not_in(marks),
            ~label.exists(),
        )
    )


def _over(quiet_since: datetime, setting: str, now: datetime) -> list[ColumnElement[bool]]:
    """Not ended, nor open, nor on its way; of somebody who keeps no words, and was quiet there."""
    not_kept = person_rows.without_yes(PersonRow.history, setting)
    later, lead = aliased(TurnRow), aliased(TurnRow)
    written_since = select(later.id).where(
        later.person_id == TurnRow.person_id,
        ~later.ended,
        later.conversation_id == TurnRow.conversation_id,
        later.received_at >= quiet_since,
    )
    waited_for = select(lead.id).where(lead.id == TurnRow.joined_to, lead.state.in_(OPEN))
    on_its_way = select(DeliveryRow.turn_id).where(
        DeliveryRow.turn_id == TurnRow.id,
        DeliveryRow.state.in_(recall.ON_ITS_WAY),
        DeliveryRow.updated_at > now - DELIVERED_WITHIN,
    )
    return [
        TurnRow.person_id.in_(select(PersonRow.id).where(not_kept)),
        ~TurnRow.ended,
        TurnRow.state.not_in(OPEN),
        TurnRow.received_at < quiet_since,
        ~written_since.exists(),
        ~waited_for.exists(),
        ~on_its_way.exists(),
    ]


def _hold_people(connection: Connection, turn_ids: Sequence[int]) -> Sequence[int]:
    """Lock whose turns these are, in order: nobody changes their mind meanwhile."""
    theirs = select(TurnRow.person_id).where(TurnRow.id.in_(turn_ids))
    return connection.scalars(
        select(PersonRow.id)
        .where(PersonRow.id.in_(theirs))
        .order_by(PersonRow.id)
        .with_for_update(key_share=True)
    ).all()
