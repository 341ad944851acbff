"""Everything that is stored about one person, as plain values that JSON can hold.

Knows: which table hangs on which; every column goes out under its own name, so that a new one
cannot be left out. Does not know: files, languages. Nothing of anybody else is in it: of a
conversation with others, where and when it was, and the person's own turns; of a grant to them,
that somebody gave it; of a look of theirs, not at whom; that they allow a responder, not whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select

from storage.admin_records import SOMEONE
from storage.models import (
    AlertRow,
    Base,
    CheckInRow,
    ConversationRow,
    CorrectionRow,
    CrisisRow,
    DeliveryRow,
    GrantRow,
    LabelRow,
    LetterRow,
    LookRow,
    PairingRow,
    PersonRow,
    TurnRow,
)
from storage.traces import looks_at

FORMAT = 2

TO = ("to_platform", "to_user_id")

Plain = dict[str, Any]

Owned = type[AlertRow] | type[CheckInRow] | type[CrisisRow] | type[GrantRow] | type[LetterRow]
Given = type[AlertRow] | type[GrantRow]


def export(connection: Connection, platform: str, user_id: str, now: datetime) -> Plain:
    """A person, their conversations with their turns in them, and what hangs on them beside.

    What is not there is None or an empty list. Times are ISO 8601, in UTC.
    """
    pairing = _rows(
        connection, PairingRow, PairingRow.platform == platform, PairingRow.user_id == user_id
    )
    person = _rows(
        connection, PersonRow, PersonRow.platform == platform, PersonRow.user_id == user_id
    )
    person_id = person[0]["id"] if person else None

    def theirs(table: Owned, order: Any) -> list[Plain]:
        return _rows(connection, table, table.person_id == person_id, order=order)

    return {
        "format": FORMAT,
        "exported_at": now.isoformat(),
        "platform": platform,
        "user_id": user_id,
        "person": _only(person),
        "conversations": _conversations(connection, person_id) if person_id else [],
        "pairing": _only(pairing),
        "checkin": _only(theirs(CheckInRow, None)),
        "grants": theirs(GrantRow, GrantRow.granted_at),
        "granted": _given_to(connection, GrantRow, GrantRow.granted_at, platform, user_id),
        "alert": _only([_without(row, *TO) for row in theirs(AlertRow, None)]),
        "alerted": _given_to(connection, AlertRow, AlertRow.allowed_at, platform, user_id),
        "letters": theirs(LetterRow, LetterRow.id),
        "crises": theirs(CrisisRow, CrisisRow.id),
        **_looks(connection, platform, user_id),
    }


def _given_to(
    connection: Connection, table: Given, order: Any, platform: str, user_id: str
) -> list[Plain]:
    """That somebody lets the person see or be told something: since when, not who."""
    to_them = (table.to_platform == platform, table.to_user_id == user_id)
    rows = _rows(connection, table, *to_them, order=order)
    return [_without(row, "person_id") for row in rows]


def _looks(connection: Connection, platform: str, user_id: str) -> dict[str, list[Plain]]:
    """The looks at the person as they are; those of the person, without at whom."""
    name = f"{platform}:{user_id}"
    at_them = looks_at(platform, user_id)
    by_them = and_(LookRow.who == name, ~at_them)
    looked = _rows(connection, LookRow, by_them, order=LookRow.id)
    hidden = {"about": SOMEONE, "platform": "", "user_id": ""}
    return {
        "looks": _rows(connection, LookRow, at_them, order=LookRow.id),
        "looked": [row | hidden if row["user_id"] else row for row in looked],
    }


def _conversations(connection: Connection, person_id: int) -> list[Plain]:
    theirs = TurnRow.person_id == person_id
    turn_ids = select(TurnRow.id).where(theirs)
    labels = _by(
        "turn_id", _rows(connection, LabelRow, LabelRow.turn_id.in_(turn_ids), order=LabelRow.id)
    )
    corrected = _rows(connection, CorrectionRow, CorrectionRow.turn_id.in_(turn_ids))
    corrections = _by("turn_id", corrected)
    deliveries = _by("turn_id", _rows(connection, DeliveryRow, DeliveryRow.turn_id.in_(turn_ids)))
    turns = _by("conversation_id", _rows(connection, TurnRow, theirs, order=TurnRow.id))
    for turn in (turn for one in turns.values() for turn in one):
        turn["labels"] = labels.get(turn["id"], [])
        turn["corrections"] = corrections.get(turn["id"], [])
        turn["delivery"] = _only(deliveries.get(turn["id"], []))
    conversations = _rows(
        connection,
        ConversationRow,
        ConversationRow.id.in_(select(TurnRow.conversation_id).where(theirs)),
        order=ConversationRow.id,
    )
    return [row | {"turns": turns.get(row["id"], [])} for row in conversations]


def _rows(
    connection: Connection,
    table: type[Base],
    *conditions: ColumnElement[bool],
    order: Any = None,
) -> list[Plain]:
    query = select(*table.__table__.columns).where(*conditions).order_by(order)
    return [
        {name: _plain(value) for name, value in row.items()}
        for row in connection.execute(query).mappings()
    ]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _without(row: Plain, *names: str) -> Plain:
    return {name: value for name, value in row.items() if name not in names}


def _by(column: str, rows: Iterable[Plain]) -> dict[int, list[Plain]]:
    grouped: dict[int, list[Plain]] = {}
    for row in rows:
        grouped.setdefault(row[column], []).append(row)
    return grouped


def _only(rows: list[Plain]) -> Plain | None:
    return rows[0] if rows else None
