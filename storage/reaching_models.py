"""The tables of what a person is told unasked, and of whom they let see or be told what.

Knows: columns, keys, indexes. Does not know: questions. Every row hangs on its person, and goes
with them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import NEVER_AGAIN, Base, Id
from storage.columns import Moment, Words

ALERT = "alert"
"""The kind of the letter that tells a responder of a danger; a look is called so too."""


class CheckInRow(Base):
    """A daily question that a person asked for. `unanswered`: how many since they last wrote."""

    __tablename__ = "checkins"
    __table_args__ = (Index(None, "next_at"),)

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    chat_id: Mapped[str] = mapped_column(Words)
    thread_id: Mapped[str] = mapped_column(Words)
    minute: Mapped[int]
    zone: Mapped[str] = mapped_column(Words)
    next_at: Mapped[datetime] = mapped_column(Moment)
    unanswered: Mapped[int]
    language: Mapped[str] = mapped_column(Words)
    created_at: Mapped[datetime] = mapped_column(Moment)


class LetterRow(Base):
    """Something to be told to a person, till it is told. `facts` hold nobody's words."""

    __tablename__ = "letters"
    __table_args__ = (Index(None, "person_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Words)
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment)


class GrantRow(Base):
    """A person lets another one see their mood; "owner" and "" are the owners of all this."""

    __tablename__ = "grants"
    __table_args__ = (Index(None, "to_platform", "to_user_id"),)

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    to_platform: Mapped[str] = mapped_column(Words, primary_key=True)
    to_user_id: Mapped[str] = mapped_column(Words, primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(Moment)


class AlertRow(Base):
    """A person lets one responder be told that they may be in danger."""

    __tablename__ = "alerts"
    __table_args__ = (Index(None, "to_platform", "to_user_id"),)

    person_id: Mapped[int] = mapped_column(
        Id, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True
    )
    to_platform: Mapped[str] = mapped_column(Words)
    to_user_id: Mapped[str] = mapped_column(Words)
    allowed_at: Mapped[datetime] = mapped_column(Moment)


class CrisisRow(Base):
    """A message was taken for a crisis: of which kind and when, never what it said."""

    __tablename__ = "crises"
    __table_args__ = (Index(None, "person_id", "at"), Index(None, "at"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(Id, ForeignKey("people.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Words)
    at: Mapped[datetime] = mapped_column(Moment)
