"""The questions about turns: written down, begun, ended, remembered.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: when
to commit, who asks. Every function returns records, never rows.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select, update

from storage.errors import TurnGone
from storage.insert import insert_into
from storage.models import ConversationRow, LabelRow, PersonRow, TurnRow
from storage.records import SENTIMENT, Inbound, Label, Received, State, Turn, Unfinished

FINAL = (State.ANSWERED, State.DECLINED)
OPEN = (State.RECEIVED, State.ANSWERING)

CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def receive(connection: Connection, inbound: Inbound, now: datetime) -> Received:
    """Write the message down once; who was first is what the unique key says."""
    # The person first, as in `erasure`: two transactions must not wait for each other.
    person_id = _person(connection, inbound, now)
    conversation_id = _conversation(connection, inbound, now)
    new = connection.execute(
        insert_into(connection, TurnRow)
        .values(
            conversation_id=conversation_id,
            person_id=person_id,
            message_id=inbound.message_id,
            text=inbound.text,
            state=State.RECEIVED,
            sent_at=inbound.sent_at,
            received_at=now,
            language=inbound.language,
            note="",
            reply="",
            attempts=0,
            failure="",
        )
        .on_conflict_do_nothing(index_elements=["conversation_id", "message_id"])
        .returning(TurnRow.id)
    ).scalar_one_or_none()
    found = _turns().where(
        TurnRow.conversation_id == conversation_id, TurnRow.message_id == inbound.message_id
    )
    return Received(_turn(connection.execute(found).one()), new is not None)


def begin(connection: Connection, turn_id: int) -> Turn:
    """Count an attempt. A final turn stays as it is: its state tells the caller."""
    connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.state.not_in(FINAL))
        .values(state=State.ANSWERING, attempts=TurnRow.attempts + 1, failure="")
    )
    row = connection.execute(_turns().where(TurnRow.id == turn_id)).one_or_none()
    if row is None:
        raise TurnGone(turn_id)
    return _turn(row)


def complete(
    connection: Connection, turn_id: int, reply: str, label: Label | None, note: str, now: datetime
) -> bool:
    """Answered, with its label. Only the first answer counts."""
    if not _end(connection, turn_id, State.ANSWERED, reply=reply, note=note, answered_at=now):
        return False
    if label is not None:
        connection.execute(
            insert_into(connection, LabelRow).values(
                turn_id=turn_id,
                task=label.task,
                label=label.label,
                probabilities=dict(label.probabilities),
                valence=label.valence,
                confidence=label.confidence,
                model=label.model,
                version=label.version,
                created_at=now,
            )
        )
    return True


def fail(connection: Connection, turn_id: int, failure: str) -> bool:
    """Given up; may be begun again."""
    return _end(connection, turn_id, State.FAILED, failure=code(failure))


def decline(connection: Connection, turn_id: int, failure: str, reply: str, now: datetime) -> bool:
    """Ended without the model, for good."""
    return _end(
        connection, turn_id, State.DECLINED, failure=code(failure), reply=reply, answered_at=now
    )


def code(failure: str) -> str:
    """The failure, if it is a short code: a sentence might quote the person."""
    if not CODE.fullmatch(failure):
        raise ValueError("a failure is a short code such as 'engine_failed', not a sentence")
    return failure


def history(connection: Connection, conversation_id: int, before: int, limit: int) -> list[Turn]:
    """The last `limit` answered turns before one, oldest first."""
    newest_first = (
        _turns()
        .where(
            TurnRow.conversation_id == conversation_id,
            TurnRow.id < before,
            TurnRow.state == State.ANSWERED,
            TurnRow.reply != "",
        )
        .order_by(TurnRow.id.desc())
        .limit(max(limit, 0))
    )
    return [_turn(row) for row in connection.execute(newest_first)][::-1]


def unfinished(connection: Connection, platform: str | None) -> list[Unfinished]:
    """What was received or begun and never ended, oldest first."""
    query = (
        _turns()
        .add_columns(
            PersonRow.platform,
            PersonRow.user_id,
            PersonRow.name.label("user_name"),
            ConversationRow.chat_id,
            ConversationRow.thread_id,
            ConversationRow.private,
            TurnRow.sent_at,
        )
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(TurnRow.state.in_(OPEN))
        .order_by(TurnRow.id)
    )
    if platform is not None:
        query = query.where(ConversationRow.platform == platform)
    return [Unfinished(_turn(row), _inbound(row)) for row in connection.execute(query)]


def _end(connection: Connection, turn_id: int, state: State, **values: Any) -> bool:
    """Move a turn on, unless it is final or gone. True when this call did it."""
    ended = connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.state.not_in(FINAL))
        .values(**({"state": state, "failure": ""} | values))
    )
    return ended.rowcount == 1


def _person(connection: Connection, inbound: Inbound, now: datetime) -> int:
    insert = insert_into(connection, PersonRow).values(
        platform=inbound.platform,
        user_id=inbound.user_id,
        name=inbound.user_name,
        language="",
        created_at=now,
    )
    # An update even where nothing changes: it locks the row, so that nobody is forgotten between
    # this statement and the next. A message without a name does not take the name away.
    name = func.coalesce(func.nullif(insert.excluded.name, ""), PersonRow.name)
    return connection.execute(
        insert.on_conflict_do_update(
            index_elements=["platform", "user_id"], set_={"name": name}
        ).returning(PersonRow.id)
    ).scalar_one()


def _conversation(connection: Connection, inbound: Inbound, now: datetime) -> int:
    insert = insert_into(connection, ConversationRow).values(
        platform=inbound.platform,
        chat_id=inbound.chat_id,
        thread_id=inbound.thread_id,
        private=inbound.private,
        created_at=now,
    )
    return connection.execute(
        insert.on_conflict_do_update(
            index_elements=["platform", "chat_id", "thread_id"],
            set_={"private": insert.excluded.private},
        ).returning(ConversationRow.id)
    ).scalar_one()


def _turns() -> Select[*tuple[Any, ...]]:
    """The columns of a Turn."""
    return select(
        TurnRow.id,
        TurnRow.conversation_id,
        TurnRow.person_id,
        TurnRow.message_id,
        TurnRow.text,
        TurnRow.state,
        TurnRow.language,
        TurnRow.note,
        TurnRow.reply,
        func.coalesce(LabelRow.label, "").label("label"),
        TurnRow.received_at,
        TurnRow.attempts,
    ).outerjoin(LabelRow, and_(LabelRow.turn_id == TurnRow.id, LabelRow.task == SENTIMENT))


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        id=row.id,
        conversation_id=row.conversation_id,
        person_id=row.person_id,
        message_id=row.message_id,
        text=row.text,
        state=row.state,
        language=row.language,
        note=row.note,
        reply=row.reply,
        label=row.label,
        received_at=row.received_at,
        attempts=row.attempts,
    )


def _inbound(row: Row[Any]) -> Inbound:
    return Inbound(
        platform=row.platform,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        private=row.private,
        user_id=row.user_id,
        user_name=row.user_name,
        message_id=row.message_id,
        text=row.text,
        language=row.language,
        sent_at=row.sent_at,
    )
