"""The questions about readings: how a person's messages were read, and how they were meant.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what a
label means, what may be shown where. A correction stands beside the label and never in its place:
whoever is not its person is given the label.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.orm import aliased

from storage import person_rows
from storage.insert import insert_into
from storage.models import ConversationRow, CorrectionRow, LabelRow, PersonRow, TurnRow
from storage.reading import Reading
from storage.records import SENTIMENT

OF_LABEL = and_(CorrectionRow.turn_id == LabelRow.turn_id, CorrectionRow.task == LabelRow.task)
"""How a correction is joined to its label."""

_here = aliased(ConversationRow)

IN_PRIVATE = (
    select(CorrectionRow.label)
    .join(_here, _here.id == TurnRow.conversation_id)
    .where(
        CorrectionRow.turn_id == TurnRow.id,
        CorrectionRow.task == SENTIMENT,
        _here.private.is_(True),
    )
    .correlate(TurnRow)
    .scalar_subquery()
)
"""The corrected sentiment of a turn of a private conversation, as a column.

What a person sets right they set right in private: others' prompts go on from the model's reading.
"""


def readings(
    connection: Connection,
    platform: str,
    user_id: str,
    since: datetime | None,
    turn_id: int | None = None,
    task: str = SENTIMENT,
) -> list[Reading]:
    """The labelled messages of a person by the time they were sent; of all, or that one."""
    query = (
        select(
            TurnRow.id,
            TurnRow.sent_at,
            TurnRow.text,
            ConversationRow.private,
            ConversationRow.chat_id,
            ConversationRow.thread_id,
            LabelRow.label,
            LabelRow.valence,
            LabelRow.confidence,
            func.coalesce(CorrectionRow.label, ""),
            func.coalesce(CorrectionRow.valence, 0.0),
        )
        .join(LabelRow, LabelRow.turn_id == TurnRow.id)
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .outerjoin(CorrectionRow, OF_LABEL)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id, LabelRow.task == task)
        .order_by(TurnRow.sent_at, TurnRow.id)
    )
    if since is not None:
        query = query.where(TurnRow.sent_at >= since)
    if turn_id is not None:
        query = query.where(TurnRow.id == turn_id)
    return [Reading(*row) for row in connection.execute(query)]


def correct(
    connection: Connection,
    platform: str,
    user_id: str,
    turn_id: int,
    label: str,
    valence: float,
    now: datetime,
    task: str = SENTIMENT,
) -> bool:
    """Put a person's own word beside a label of theirs. False: they have no such message."""
    # The person first, as in `erasure`: nobody is forgotten between this look and the insert.
    person_id = person_rows.held(connection, platform, user_id)
    labelled = (
        select(LabelRow.id)
        .join(TurnRow, TurnRow.id == LabelRow.turn_id)
        .where(TurnRow.id == turn_id, TurnRow.person_id == person_id, LabelRow.task == task)
    )
    if person_id is None or connection.scalar(labelled) is None:
        return False
    insert = insert_into(connection, CorrectionRow).values(
        turn_id=turn_id, task=task, label=label, valence=valence, corrected_at=now
    )
    said = {name: insert.excluded[name] for name in ("label", "valence", "corrected_at")}
    connection.execute(insert.on_conflict_do_update(index_elements=["turn_id", "task"], set_=said))
    return True
