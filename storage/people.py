"""The questions about people: who they are, how they felt, what they chose.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what
may be shown to whom. Every function returns records, never rows.
"""

from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, func, literal, select

from storage import person_rows
from storage.corrections import OF_LABEL
from storage.insert import insert_into
from storage.models import (
    AlertRow,
    CorrectionRow,
    GrantRow,
    LabelRow,
    LookRow,
    PairingRow,
    PersonRow,
    TurnRow,
)
from storage.records import Known, Mood, Named, Preferences
from storage.turn_rows import IS_COMMAND

CHOICES = ("", "on", "off")


def moods(
    connection: Connection,
    platform: str,
    user_id: str,
    since: datetime,
    conversation_id: int | None,
    task: str,
    *,
    corrected: bool,
) -> list[Mood]:
    """The readings of a person's messages by the time they were sent."""
    query = (
        select(TurnRow.sent_at, LabelRow.valence, LabelRow.confidence, LabelRow.label)
        .join(LabelRow, LabelRow.turn_id == TurnRow.id)
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .where(
            PersonRow.platform == platform,
            PersonRow.user_id == user_id,
            TurnRow.sent_at >= since,
            LabelRow.task == task,
        )
        .order_by(TurnRow.sent_at, TurnRow.id)
    )
    if conversation_id is not None:
        query = query.where(TurnRow.conversation_id == conversation_id)
    if corrected:
        query = query.outerjoin(CorrectionRow, OF_LABEL).with_only_columns(
            TurnRow.sent_at,
            func.coalesce(CorrectionRow.valence, LabelRow.valence),
            LabelRow.confidence,
            func.coalesce(CorrectionRow.label, LabelRow.label),
        )
    return [
        Mood(at, valence, confidence, label)
        for at, valence, confidence, label in connection.execute(query)
    ]


def known(connection: Connection) -> list[Known]:
    """Everybody who has written more than commands, the latest first."""
    last_at = func.max(TurnRow.sent_at)
    query = (
        select(PersonRow.platform, PersonRow.user_id, PersonRow.name, func.count(), last_at)
        .join(TurnRow, TurnRow.person_id == PersonRow.id)
        .where(~IS_COMMAND)
        .group_by(PersonRow.id)
        .order_by(last_at.desc(), PersonRow.id)
    )
    return [
        Known(platform, user_id, name, messages, last)
        for platform, user_id, name, messages, last in connection.execute(query)
    ]


def everybody(connection: Connection) -> list[Named]:
    """Everybody who is in a table under their id, by platform and id; each once."""
    tables = (
        select(PairingRow.platform, PairingRow.user_id, PairingRow.name),
        select(PersonRow.platform, PersonRow.user_id, PersonRow.name),
        select(GrantRow.to_platform, GrantRow.to_user_id, literal("")).where(
            GrantRow.to_user_id != ""
        ),
        select(LookRow.platform, LookRow.user_id, literal("")).where(LookRow.user_id != ""),
        select(AlertRow.to_platform, AlertRow.to_user_id, literal("")),
    )
    names: dict[tuple[str, str], str] = {}
    for platform, user_id, name in chain(*(connection.execute(table) for table in tables)):
        names[platform, user_id] = name or names.get((platform, user_id), "")
    for who in connection.scalars(select(LookRow.who).where(LookRow.who.contains(":")).distinct()):
        platform, _, user_id = who.partition(":")
        names.setdefault((platform, user_id), "")
    return [Named(*who, name) for who, name in sorted(names.items())]


def is_known(connection: Connection, platform: str, user_id: str) -> bool:
    """Whether they wrote, or chose something."""
    return connection.scalar(person_rows.id_of(platform, user_id)) is not None


def preferences(connection: Connection, platform: str, user_id: str) -> Preferences:
    """What a person chose; nothing yet for somebody who is not known."""
    query = select(
        PersonRow.language,
        PersonRow.mood_memory,
        PersonRow.carded,
        PersonRow.history,
        PersonRow.zone,
    ).where(PersonRow.platform == platform, PersonRow.user_id == user_id)
    row = connection.execute(query).one_or_none()
    return Preferences(*row) if row else Preferences()


def set_language(
    connection: Connection, platform: str, user_id: str, chosen: str, now: datetime
) -> None:
    """Remember the choice, also of somebody who has not written yet."""
    _remember(connection, platform, user_id, now, language=chosen)


def set_mood_memory(
    connection: Connection, platform: str, user_id: str, choice: str, now: datetime
) -> None:
    """Remember the choice, also of somebody who has not written yet."""
    _check("mood memory", choice)
    _remember(connection, platform, user_id, now, mood_memory=choice)


def set_history(
    connection: Connection, platform: str, user_id: str, choice: str, now: datetime
) -> None:
    """Remember the choice, also of somebody who has not written yet."""
    _check("history", choice)
    _remember(connection, platform, user_id, now, history=choice)


def set_zone(connection: Connection, platform: str, user_id: str, zone: str, now: datetime) -> None:
    """Remember the zone, also of somebody who has not written yet."""
    _remember(connection, platform, user_id, now, zone=zone)


def set_carded(connection: Connection, platform: str, user_id: str, now: datetime) -> None:
    """Remember that the card was shown, also to somebody who has not written yet."""
    _remember(connection, platform, user_id, now, carded=True)


def conversations_of(connection: Connection, platform: str, user_id: str) -> list[int]:
    """The conversations that a person has written in, oldest first."""
    query = (
        select(TurnRow.conversation_id)
        .distinct()
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .where(PersonRow.platform == platform, PersonRow.user_id == user_id)
        .order_by(TurnRow.conversation_id)
    )
    return list(connection.scalars(query))


def _check(what: str, choice: str) -> None:
    if choice not in CHOICES:
        raise ValueError(f"{what} is one of {CHOICES}")


def _remember(
    connection: Connection, platform: str, user_id: str, now: datetime, **chosen: Any
) -> None:
    made = {"name": "", "language": "", "created_at": now} | chosen
    insert = insert_into(connection, PersonRow).values(platform=platform, user_id=user_id, **made)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["platform", "user_id"], set_=chosen)
    )
