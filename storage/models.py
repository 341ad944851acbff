"""The tables: those of what is said and felt here, the others beside it, all known from here.

Knows: columns, keys, indexes. Does not know: which text and which time may go into a column
(`columns`), questions, transactions, how the tables came to be (that is `migrations`; a test holds
the two together).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.admin_models import KeyRow, LookRow
from storage.base import NEVER_AGAIN, Base, Id, words_of
from storage.columns import Moment, Words
from storage.reaching_models import AlertRow, CheckInRow, CrisisRow, GrantRow, LetterRow
from storage.records import DeliveryState, State

__all__ = [
    "AlertRow",
    "Base",
    "CheckInRow",
    "ConversationRow",
    "CorrectionRow",
    "CrisisRow",
    "DeliveryRow",
    "GrantRow",
    "KeyRow",
    "LabelRow",
    "LetterRow",
    "LookRow",
    "MoveRow",
    "NoteRow",
    "PairingRow",
    "PersonRow",
    "ServerRow",
    "TurnRow",
]


class PersonRow(Base):
    """Someone on a platform. `language` and what follows are what they chose, "" for nothing."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("platform", "user_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(Words)
    user_id: Mapped[str] = mapped_column(Words)
    name: Mapped[str] = mapped_column(Words)
    language: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Moment)
    mood_memory: Mapped[str] = mapped_column(Words, server_default="")
    carded: Mapped[bool] = mapped_column(server_default=false())
    history: Mapped[str] = mapped_column(Words, server_default="")
    zone: Mapped[str] = mapped_column(Words, server_default="")


class ConversationRow(Base):
    """Where something is said. What is said in it stays in it. `server_id` is "" till known."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("platform", "chat_id", "thread_id"),
        Index(None, "platform", "server_id"),  # the moods of a server
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(Words)
    chat_id: Mapped[str] = mapped_column(Words)
    thread_id: Mapped[str] = mapped_column(Words)
    private: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Moment)
    server_id: Mapped[str] = mapped_column(Words, server_default="")


class ServerRow(Base):
    """What those who manage a server (a Discord guild) set for it. Knows no person."""

    __tablename__ = "servers"

    platform: Mapped[str] = mapped_column(Words, primary_key=True)
    server_id: Mapped[str] = mapped_column(Words, primary_key=True)
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class NoteRow(Base):
    """What Warmline notes for itself between two runs. Knows no person."""

    __tablename__ = "notes"

    key: Mapped[str] = mapped_column(Words, primary_key=True)
    value: Mapped[str] = mapped_column(Words)


class MoveRow(Base):
    """A chat that goes on under another id. Knows no person."""

    __tablename__ = "moves"
    __table_args__ = (UniqueConstraint("platform", "old_chat_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(Words)
    old_chat_id: Mapped[str] = mapped_column(Words)
    new_chat_id: Mapped[str] = mapped_column(Words)


class TurnRow(Base):
    """One message, its reply, and its state. `text` is the message's own until the answer.

    `speaker` is the name that others there saw; "" in private. `ended`: its words are gone, and it
    stays for its labels alone.
    """

    __tablename__ = "turns"
    __table_args__ = (
        UniqueConstraint("conversation_id", "message_id"),
        Index(None, "conversation_id", "id"),  # the history of a conversation
        Index(None, "person_id", "sent_at"),  # the moods of a person
        Index(None, "person_id", "ended", "conversation_id", "received_at"),  # what is over
        Index(None, "received_at"),  # what is too old; what happened of late
        Index(None, "state", "id"),  # what is unfinished
        Index(None, "joined_to"),  # the words of a lead
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        Id, ForeignKey(ConversationRow.id, ondelete="CASCADE")
    )
    person_id: Mapped[int] = mapped_column(Id, ForeignKey(PersonRow.id, ondelete="CASCADE"))
    message_id: Mapped[str] = mapped_column(Words)
    text: Mapped[str] = mapped_column(Words)
    state: Mapped[State] = mapped_column(words_of(State))
    sent_at: Mapped[datetime] = mapped_column(Moment)
    received_at: Mapped[datetime] = mapped_column(Moment)
    language: Mapped[str] = mapped_column(Words)
    note: Mapped[str] = mapped_column(Words)
    reply: Mapped[str] = mapped_column(Words)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    attempts: Mapped[int]
    failure: Mapped[str] = mapped_column(Words)
    joined_to: Mapped[int | None] = mapped_column(Id, ForeignKey("turns.id", ondelete="CASCADE"))
    speaker: Mapped[str] = mapped_column(Words, server_default="")
    ended: Mapped[bool] = mapped_column(server_default=false())


class DeliveryRow(Base):
    """How far an answer has come on its way. `sent` are the platform's message ids."""

    __tablename__ = "deliveries"

    turn_id: Mapped[int] = mapped_column(
        Id, ForeignKey(TurnRow.id, ondelete="CASCADE"), primary_key=True
    )
    state: Mapped[DeliveryState] = mapped_column(words_of(DeliveryState))
    sent: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Words)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class PairingRow(Base):
    """A request to be let in, and its approval. Stands alone: who asks need not have written."""

    __tablename__ = "pairings"
    __table_args__ = (UniqueConstraint("platform", "user_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    platform: Mapped[str] = mapped_column(Words)
    user_id: Mapped[str] = mapped_column(Words)
    name: Mapped[str] = mapped_column(Words)
    code: Mapped[str] = mapped_column(Words)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    approved_at: Mapped[datetime | None] = mapped_column(Moment)


class LabelRow(Base):
    """How one task read one message, by which model and prompt.

    Where, by whom and on which day (UTC) that was said stands in its turn. It stands here again, so
    that a group's trend is read out of one index, however many turns there are.
    """

    __tablename__ = "labels"
    __table_args__ = (
        UniqueConstraint("turn_id", "task"),
        # The moods of a group: all that they are made of.
        Index(None, "conversation_id", "task", "said_on", "person_id", "valence"),
        NEVER_AGAIN,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    turn_id: Mapped[int] = mapped_column(Id, ForeignKey(TurnRow.id, ondelete="CASCADE"))
    task: Mapped[str] = mapped_column(Words)
    label: Mapped[str] = mapped_column(Words)
    probabilities: Mapped[dict[str, float]] = mapped_column(JSON)
    valence: Mapped[float] = mapped_column(Float(53))
    confidence: Mapped[float] = mapped_column(Float(53))
    model: Mapped[str] = mapped_column(Words)
    version: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Moment)
    conversation_id: Mapped[int] = mapped_column(Id, server_default="0")
    person_id: Mapped[int] = mapped_column(Id, server_default="0")
    said_on: Mapped[date] = mapped_column(server_default="1970-01-01")


class CorrectionRow(Base):
    """How a person says that their message was meant, beside the label: it goes when that goes."""

    __tablename__ = "corrections"
    __table_args__ = (
        ForeignKeyConstraint(
            ["turn_id", "task"], [LabelRow.turn_id, LabelRow.task], ondelete="CASCADE"
        ),
    )

    turn_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    task: Mapped[str] = mapped_column(Words, primary_key=True)
    label: Mapped[str] = mapped_column(Words)
    valence: Mapped[float] = mapped_column(Float(53))
    corrected_at: Mapped[datetime] = mapped_column(Moment)
