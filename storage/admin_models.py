"""The tables of those who run or manage a Warmline.

Knows: columns, keys, indexes. Does not know: questions. A look outlives the people in it: an
erasure puts "someone" in their place.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import NEVER_AGAIN, Base, Id
from storage.columns import Moment, Words


class LookRow(Base):
    """Somebody looked at moods. `platform` and `user_id` name one person looked at, "" for none."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "who"), Index(None, "platform", "user_id"), NEVER_AGAIN)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    who: Mapped[str] = mapped_column(Words)
    what: Mapped[str] = mapped_column(Words)
    about: Mapped[str] = mapped_column(Words)
    platform: Mapped[str] = mapped_column(Words)
    user_id: Mapped[str] = mapped_column(Words)


class KeyRow(Base):
    """A way into the dashboard: the hash of a link or a session, never either itself."""

    __tablename__ = "admin_keys"

    hashed: Mapped[str] = mapped_column(Words, primary_key=True)
    kind: Mapped[str] = mapped_column(Words)
    expires_at: Mapped[datetime] = mapped_column(Moment)
