"""What of an answer has reached its platform: noted as it goes, since a send cannot be taken back.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: how a
platform sends. A message that is not known here is passed over in silence: it was forgotten, or
is not remembered at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from storage import chats
from storage.columns import storable
from storage.insert import insert_into
from storage.models import DeliveryRow, TurnRow
from storage.records import DeliveryState, Place

Held = Row[int, DeliveryState, list[str]]
"""A delivery's turn, its state, and the messages that exist."""

ENDED = (DeliveryState.DELIVERED, DeliveryState.UNDELIVERABLE)


def creating(connection: Connection, place: Place, now: datetime) -> None:
    """One more message is about to be created; after an end, the first of a new delivery."""
    if row := _hold(connection, place, now):
        sent = [] if row.state in ENDED else row.sent
        _note(connection, row, now, state=DeliveryState.CREATING, sent=sent, reason="")


def not_created(connection: Connection, place: Place, now: datetime) -> None:
    """It certainly was not: what exists already is all there is."""
    if (row := _hold(connection, place, now)) and row.state is DeliveryState.CREATING:
        _note(connection, row, now, state=DeliveryState.OPEN)


def created(connection: Connection, place: Place, sent_id: str, now: datetime) -> None:
    """It exists. Told twice, it is noted once."""
    if row := _hold(connection, place, now):
        sent_id = storable(sent_id)
        sent = row.sent if sent_id in row.sent else [*row.sent, sent_id]
        state = row.state if row.state in ENDED else DeliveryState.OPEN
        _note(connection, row, now, state=state, sent=sent)


def ended(connection: Connection, place: Place, reason: str, now: datetime) -> None:
    """Nothing more will be done: the whole is there, or `reason` says why it never will be."""
    if row := _hold(connection, place, now):
        state = DeliveryState.UNDELIVERABLE if reason else DeliveryState.DELIVERED
        _note(connection, row, now, state=state, reason=reason)


def _hold(connection: Connection, place: Place, now: datetime) -> Held | None:
    """The delivery of a message, made where there is none, and locked until the end."""
    turn_id = chats.find(connection, place)
    # The turn is held as well: forgotten after this look, it would be missed by the insert.
    there = select(TurnRow.id).where(TurnRow.id == turn_id)
    if connection.scalar(there.with_for_update(read=True, key_share=True)) is None:
        return None
    connection.execute(
        insert_into(connection, DeliveryRow)
        .values(turn_id=turn_id, state=DeliveryState.OPEN, sent=[], reason="", updated_at=now)
        .on_conflict_do_nothing(index_elements=["turn_id"])
    )
    query = select(DeliveryRow.turn_id, DeliveryRow.state, DeliveryRow.sent)
    return connection.execute(query.where(DeliveryRow.turn_id == turn_id).with_for_update()).one()


def _note(connection: Connection, row: Held, now: datetime, **changes: Any) -> None:
    connection.execute(
        update(DeliveryRow)
        .where(DeliveryRow.turn_id == row.turn_id)
        .values(**changes, updated_at=now)
    )
