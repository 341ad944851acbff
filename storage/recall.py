"""The questions about turns: what was said, what still needs its answer.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how a
turn came to its state. Reads only.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, ScalarSelect, and_, func, or_, select, true
from sqlalchemy.orm import aliased

from storage import chats
from storage.models import ConversationRow, DeliveryRow, PersonRow, TurnRow
from storage.records import COMMAND, DeliveryState, Heard, Place, State, Turn, Unfinished
from storage.turn_rows import OPEN, columns, turn, waiting

ON_ITS_WAY = (DeliveryState.CREATING, DeliveryState.OPEN)


def history(connection: Connection, conversation_id: int, before: int, limit: int) -> list[Turn]:
    """The last `limit` answered turns before one, oldest first."""
    newest_first = (
        columns()
        .where(
            TurnRow.conversation_id == conversation_id,
            TurnRow.id < before,
            TurnRow.state == State.ANSWERED,
            TurnRow.reply != "",
            ~TurnRow.ended,
        )
        .order_by(TurnRow.id.desc())
        .limit(max(limit, 0))
    )
    return [turn(row) for row in connection.execute(newest_first)][::-1]


def unfinished(connection: Connection, platform: str | None) -> list[Unfinished]:
    """What was received or begun and never ended, oldest first."""
    there = true() if platform is None else ConversationRow.platform == platform
    return waiting(connection, TurnRow.state.in_(OPEN), there)


def undelivered(connection: Connection, platform: str, since: datetime) -> list[Unfinished]:
    """What has not wholly reached its person, oldest first."""
    nothing_sent = DeliveryRow.turn_id.is_(None)
    return waiting(
        connection,
        ConversationRow.platform == platform,
        TurnRow.received_at >= since,
        or_(nothing_sent, DeliveryRow.state.in_(ON_ITS_WAY)),
        or_(
            TurnRow.state.in_(OPEN),
            and_(TurnRow.state.in_([State.ANSWERED, State.DECLINED]), ~nothing_sent),
            # The process ended between the memory and the platform.
            and_(TurnRow.state == State.ANSWERED, TurnRow.reply != ""),
        ),
    )


def last_answered(
    connection: Connection, platform: str, chat_id: str, thread_id: str, user_id: str
) -> Turn | None:
    """The last turn of a conversation, if it is answered and that person's."""
    place = chats.now_at(connection, Place(platform, chat_id, thread_id, ""))
    ended = TurnRow.state.not_in([*OPEN, State.JOINED])
    command = and_(TurnRow.state == State.DECLINED, TurnRow.failure == COMMAND)
    last = (
        columns()
        .add_columns(PersonRow.user_id, TurnRow.ended)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(
            ConversationRow.platform == platform,
            ConversationRow.chat_id == place.chat_id,
            ConversationRow.thread_id == thread_id,
            ended,
            ~command,
        )
        .order_by(TurnRow.id.desc())
        .limit(1)
    )
    row = connection.execute(last).one_or_none()
    if row is None or row.user_id != user_id or row.state is not State.ANSWERED or row.ended:
        return None
    return turn(row)


def last_heard(connection: Connection, platform: str, since: datetime) -> list[Heard]:
    """The last message with a plain number of each conversation that was spoken in since."""
    any_turn = aliased(TurnRow)
    spoken_since = select(any_turn.id).where(
        any_turn.conversation_id == ConversationRow.id, any_turn.received_at >= since
    )
    query = (
        select(
            ConversationRow.chat_id,
            ConversationRow.thread_id,
            ConversationRow.private,
            TurnRow.message_id,
            TurnRow.received_at,
        )
        .join(TurnRow, TurnRow.id == last_counted())
        .where(ConversationRow.platform == platform, spoken_since.exists())
        .order_by(TurnRow.id.desc())
    )
    return [Heard(*row) for row in connection.execute(query)]


def last_counted() -> ScalarSelect[int]:
    """The last turn of a conversation whose message id is a plain number, as a column."""
    counted = aliased(TurnRow)
    # Without its digits nothing is left of a number: the same words on both databases.
    is_number = and_(counted.message_id != "", func.ltrim(counted.message_id, "0123456789") == "")
    return (
        select(counted.id)
        .where(counted.conversation_id == ConversationRow.id, is_number)
        .order_by(counted.id.desc())
        .limit(1)
        .scalar_subquery()
    )
