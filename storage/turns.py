"""What happens to a turn: written down, begun, joined to another, edited, ended.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: when
to commit, who asks. Every function returns records, never rows. Locks are taken in one order
(person, conversation, turns by their ids), so that no two transactions wait for each other.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from storage import chats, reaching
from storage.insert import insert_into
from storage.models import LabelRow, PersonRow, TurnRow
from storage.records import Inbound, Label, Place, Received, State, Turn
from storage.turn_rows import FINAL, OPEN, columns, composed, joined, turn, words

CODE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def receive(connection: Connection, inbound: Inbound, now: datetime) -> Received:
    """Write the message down once; who was first is what the unique key says."""
    # The person first, as in `erasure`: two transactions must not wait for each other.
    person_id = _person(connection, inbound, now)
    place = chats.now_at(connection, inbound.place)
    conversation_id = chats.enter(
        connection,
        place.platform,
        place.chat_id,
        place.thread_id,
        private=inbound.private,
        server_id=inbound.server,
        at=now,
    )
    new = connection.execute(
        insert_into(connection, TurnRow)
        .values(
            conversation_id=conversation_id,
            person_id=person_id,
            message_id=place.message_id,
            text=inbound.text,
            state=State.RECEIVED,
            sent_at=inbound.sent_at,
            received_at=now,
            language=inbound.language,
            note="",
            reply="",
            attempts=0,
            failure="",
            speaker="" if inbound.private else inbound.user_name,
        )
        .on_conflict_do_nothing(index_elements=["conversation_id", "message_id"])
        .returning(TurnRow.id)
    ).scalar_one_or_none()
    if new is not None:
        reaching.heard(connection, person_id)
    found = columns().where(
        TurnRow.conversation_id == conversation_id, TurnRow.message_id == place.message_id
    )
    return Received(turn(connection.execute(found).one()), new is not None)


def begin(connection: Connection, turn_id: int) -> Turn:
    """Count an attempt. A final turn stays as it is: its state tells the caller."""
    connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.state.not_in(FINAL))
        .values(state=State.ANSWERING, attempts=TurnRow.attempts + 1, failure="")
    )
    return composed(connection, turn_id)


def join(connection: Connection, turn_id: int, into: int) -> bool:
    """Let another turn answer for this one, and for what is joined to it already."""
    _hold_person_of(connection, turn_id)
    both = {
        row.id: row
        for row in connection.execute(
            select(
                TurnRow.id,
                TurnRow.conversation_id,
                TurnRow.person_id,
                TurnRow.state,
                TurnRow.joined_to,
            )
            .where(TurnRow.id.in_([turn_id, into]))
            .order_by(TurnRow.id)
            .with_for_update()
        )
    }
    this, lead = both.get(turn_id), both.get(into)
    if this is None or lead is None or this is lead:
        return False
    if this.joined_to == into:
        return True
    if this.state in FINAL or lead.state not in OPEN:
        return False
    # Words of one person must never get into the row of another, nor out of their conversation.
    if (this.person_id, this.conversation_id) != (lead.person_id, lead.conversation_id):
        return False
    connection.execute(update(TurnRow).where(TurnRow.joined_to == turn_id).values(joined_to=into))
    connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id)
        .values(state=State.JOINED, joined_to=into, failure="")
    )
    return True


def edit(connection: Connection, place: Place, text: str) -> Turn | None:
    """Replace a message's own words while its answer is not final; gives the turn that answers."""
    turn_id = chats.find(connection, place)
    if turn_id is None:
        return None
    _hold_person_of(connection, turn_id)
    found = select(TurnRow.joined_to).where(TurnRow.id == turn_id)
    lead_id = connection.scalar(found) or turn_id
    # Locked, so that the answer cannot be written down between this look and the change.
    lead = select(TurnRow.state).where(TurnRow.id == lead_id).with_for_update()
    if connection.scalar(lead) in (None, *FINAL):
        return None
    changed = connection.execute(
        update(TurnRow).where(TurnRow.id == turn_id, TurnRow.text != text).values(text=text)
    )
    return composed(connection, lead_id) if changed.rowcount else None


def complete(
    connection: Connection, turn_id: int, reply: str, label: Label | None, note: str, now: datetime
) -> bool:
    """Answered, with its label and all its words. Only the first answer counts."""
    text = _hold_words(connection, turn_id)
    if text is None:
        return False
    _end(connection, turn_id, State.ANSWERED, text=text, reply=reply, note=note, answered_at=now)
    if label is not None:
        said = select(TurnRow.conversation_id, TurnRow.person_id, TurnRow.sent_at)
        conversation_id, person_id, sent_at = connection.execute(
            said.where(TurnRow.id == turn_id)
        ).one()
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
                conversation_id=conversation_id,
                person_id=person_id,
                said_on=sent_at.date(),
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


def replace_reply(connection: Connection, turn_id: int, reply: str) -> bool:
    """Another answer to an answered turn, in the place of the first."""
    replaced = connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.state == State.ANSWERED, ~TurnRow.ended)
        .values(reply=reply)
    )
    return replaced.rowcount == 1


def code(failure: str) -> str:
    """The failure, if it is a short code: a sentence might quote the person."""
    if not CODE.fullmatch(failure):
        raise ValueError("a failure is a short code such as 'engine_failed', not a sentence")
    return failure


def _end(connection: Connection, turn_id: int, state: State, **values: Any) -> bool:
    """Move a turn on, unless it is final or gone. True when this call did it."""
    ended = connection.execute(
        update(TurnRow)
        .where(TurnRow.id == turn_id, TurnRow.state.not_in(FINAL))
        .values(**({"state": state, "failure": ""} | values))
    )
    return ended.rowcount == 1


def _hold_words(connection: Connection, turn_id: int) -> str | None:
    """All words of a turn, locked so that nothing joins it meanwhile; None if it is final or gone.

    Before the update, not after it in another: PostgreSQL checks the links of a row that one
    transaction updates twice, and would wait for the person's lock with the turn's in its hands.
    """
    own = connection.scalar(
        select(TurnRow.text)
        .where(TurnRow.id == turn_id, TurnRow.state.not_in(FINAL))
        .with_for_update()
    )
    return None if own is None else words([(turn_id, own), *joined(connection, turn_id)])


def _hold_person_of(connection: Connection, turn_id: int) -> None:
    """Lock the turn's person until the end: nobody joins or forgets their turns meanwhile."""
    connection.execute(
        select(PersonRow.id)
        .join(TurnRow, TurnRow.person_id == PersonRow.id)
        .where(TurnRow.id == turn_id)
        .with_for_update(of=PersonRow, key_share=True)
    ).all()


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
