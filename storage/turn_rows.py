"""From rows to records: which columns make a Turn, and of which words a lead is composed.

Knows: SQL, one connection. Does not know: who asks, what changes. Messages that one person sends
in quick succession are answered as one turn, the lead. While it is not final its words are its
own and those of the rows joined to it, one a line, in the order they arrived; its answer writes
them into its own row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from string import whitespace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select
from sqlalchemy.orm import aliased

from storage.corrections import IN_PRIVATE
from storage.errors import TurnGone
from storage.models import ConversationRow, DeliveryRow, LabelRow, PersonRow, TurnRow
from storage.records import SENTIMENT, DeliveryState, Inbound, State, Turn, Unfinished

FINAL = (State.ANSWERED, State.DECLINED, State.JOINED)
OPEN = (State.RECEIVED, State.ANSWERING)

IS_COMMAND = func.ltrim(TurnRow.text, whitespace).startswith("/")
"""Whether a turn's words are a command: no message, though kept as one till it is answered."""

Piece = tuple[int, str]
"""A turn's id and its own words."""


def columns() -> Select[*tuple[Any, ...]]:
    """The columns of a Turn, from turns with their people."""
    return (
        select(
            TurnRow.id,
            TurnRow.conversation_id,
            TurnRow.person_id,
            TurnRow.message_id,
            TurnRow.text,
            TurnRow.state,
            TurnRow.language,
            TurnRow.note,
            TurnRow.reply,
            func.coalesce(IN_PRIVATE, LabelRow.label, "").label("label"),
            TurnRow.received_at,
            TurnRow.attempts,
            TurnRow.joined_to,
            TurnRow.speaker,
        )
        .select_from(TurnRow)
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .outerjoin(LabelRow, and_(LabelRow.turn_id == TurnRow.id, LabelRow.task == SENTIMENT))
    )


def turn(row: Row[Any]) -> Turn:
    """The Turn of a row that has its columns, with the row's own words."""
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
        joined_to=row.joined_to,
        speaker=row.speaker,
    )


def composed(connection: Connection, turn_id: int) -> Turn:
    """A turn with all words that its answer speaks to.

    Raises:
        TurnGone: it is not there.
    """
    row = connection.execute(columns().where(TurnRow.id == turn_id)).one_or_none()
    if row is None:
        raise TurnGone(turn_id)
    found = turn(row)
    if found.state in FINAL:
        return found
    return replace(found, text=words([(found.id, found.text), *joined(connection, turn_id)]))


def joined(connection: Connection, lead_id: int) -> list[Piece]:
    """The own words of what is joined to a turn."""
    query = select(TurnRow.id, TurnRow.text).where(TurnRow.joined_to == lead_id)
    return [(piece_id, text) for piece_id, text in connection.execute(query)]


def words(pieces: Sequence[Piece]) -> str:
    """Own words, one a line, in the order they arrived; a message without words adds no line."""
    return "\n".join(text for _, text in sorted(pieces) if text)


def waiting(connection: Connection, *conditions: ColumnElement[bool]) -> list[Unfinished]:
    """The turns that meet the conditions, as they came in and as far as they came, oldest first.

    The conditions may speak of the turn, its conversation, and its delivery where it has one.
    """
    query = (
        columns()
        .add_columns(
            PersonRow.platform,
            PersonRow.user_id,
            PersonRow.name.label("user_name"),
            ConversationRow.chat_id,
            ConversationRow.thread_id,
            ConversationRow.private,
            ConversationRow.server_id,
            TurnRow.sent_at,
            DeliveryRow.sent,
            DeliveryRow.state.label("delivery"),
        )
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .outerjoin(DeliveryRow, DeliveryRow.turn_id == TurnRow.id)
        .where(*conditions)
        .order_by(TurnRow.id)
    )
    pieces = _joined_to_open(connection)
    return [_unfinished(row, pieces.get(row.id, [])) for row in connection.execute(query)]


def _joined_to_open(connection: Connection) -> dict[int, list[Piece]]:
    """The own words of what is joined to turns that are received or begun, by lead."""
    lead = aliased(TurnRow)
    query = (
        select(lead.id, TurnRow.id, TurnRow.text)
        .join(lead, TurnRow.joined_to == lead.id)
        .where(lead.state.in_(OPEN))
    )
    pieces: dict[int, list[Piece]] = {}
    for lead_id, piece_id, text in connection.execute(query):
        pieces.setdefault(lead_id, []).append((piece_id, text))
    return pieces


def _unfinished(row: Row[Any], pieces: list[Piece]) -> Unfinished:
    found = turn(row)
    # A lead answered between the two looks has written these into its own words already.
    if pieces and found.state in OPEN:
        found = replace(found, text=words([(found.id, found.text), *pieces]))
    return Unfinished(
        turn=found,
        inbound=_inbound(row, found.text),
        sent=tuple(row.sent or ()),
        perhaps=row.delivery == DeliveryState.CREATING,
    )


def _inbound(row: Row[Any], text: str) -> Inbound:
    return Inbound(
        platform=row.platform,
        chat_id=row.chat_id,
        thread_id=row.thread_id,
        private=row.private,
        user_id=row.user_id,
        user_name=row.user_name,
        message_id=row.message_id,
        text=text,
        language=row.language,
        sent_at=row.sent_at,
        server=row.server_id,
    )
