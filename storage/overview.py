"""The questions about the whole installation: which groups there are, how much happened.

Knows: SQL, one connection. Does not know: who asks, what may be shown of a group. Reads only.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Case, Connection, and_, case, func, select

from storage.admin_records import Counts, Group
from storage.models import ConversationRow, CrisisRow, LabelRow, TurnRow
from storage.records import COMMAND, SENTIMENT, State
from storage.turn_rows import IS_COMMAND, OPEN


def groups(connection: Connection) -> list[Group]:
    """Each chat with others in which a message was read, once, whatever its threads."""
    read = select(LabelRow.id).where(
        LabelRow.conversation_id == ConversationRow.id, LabelRow.task == SENTIMENT
    )
    named = (ConversationRow.platform, ConversationRow.server_id, ConversationRow.chat_id)
    query = (
        select(*named)
        .distinct()
        .where(ConversationRow.private.is_(False), read.exists())
        .order_by(*named)
    )
    return [Group(*row) for row in connection.execute(query)]


def counts(connection: Connection, since: datetime) -> Counts:
    """What was received since then; what waits, whenever it came."""

    def those(*states: State) -> Case[int | None]:
        return case((TurnRow.state.in_(states), 1))

    message = (
        TurnRow.received_at >= since,
        TurnRow.state != State.JOINED,
        TurnRow.failure != COMMAND,
        ~and_(TurnRow.state.in_(OPEN), IS_COMMAND),
    )
    query = select(
        func.count(),
        func.count(those(State.ANSWERED)),
        func.count(those(State.FAILED)),
        func.count(TurnRow.person_id.distinct()),
    ).where(*message)
    turns, answered, failed, people = connection.execute(query).one()
    waiting = select(func.count()).where(TurnRow.state.in_(OPEN))
    return Counts(
        turns=turns,
        answered=answered,
        failed=failed,
        waiting=connection.execute(waiting).scalar_one(),
        people=people,
        crises=crises(connection, since),
    )


def crises(connection: Connection, since: datetime) -> int:
    """How many are noted since then."""
    return connection.execute(select(func.count()).where(CrisisRow.at >= since)).scalar_one()
