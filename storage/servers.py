"""The questions about servers: what was set for one, and how its people felt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what a
setting means, who may see a trend. A server is what a platform groups channels by, such as a
Discord guild.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from storage import chats
from storage.insert import insert_into
from storage.models import ConversationRow, LabelRow, PersonRow, ServerRow
from storage.records import CLEAR, GroupMood, Place


def settings(connection: Connection, platform: str, server_id: str) -> dict[str, Any]:
    """What was set; nothing yet for a server that is not known."""
    query = select(ServerRow.settings).where(
        ServerRow.platform == platform, ServerRow.server_id == server_id
    )
    return connection.scalar(query) or {}


def set_settings(
    connection: Connection, platform: str, server_id: str, chosen: dict[str, Any], now: datetime
) -> None:
    """All of it, in the place of what was set before."""
    insert = insert_into(connection, ServerRow).values(
        platform=platform, server_id=server_id, settings=chosen, updated_at=now
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["platform", "server_id"],
            set_={
                "settings": insert.excluded.settings,
                "updated_at": insert.excluded.updated_at,
            },
        )
    )


def moods(
    connection: Connection,
    platform: str,
    server_id: str,
    since: datetime,
    chat_id: str,
    task: str,
) -> list[GroupMood]:
    """The readings of what was said in front of others, a day of a person at a time."""
    if since.utcoffset() is None:
        raise ValueError("a time without a zone is of no day")
    if not (server_id or chat_id):
        return []  # Chats of no server have nothing in common.
    there = select(ConversationRow.id).where(
        ConversationRow.platform == platform,
        ConversationRow.server_id == server_id,
        ConversationRow.private.is_(False),
    )
    if chat_id:
        now_called = chats.now_at(connection, Place(platform, chat_id, "", "")).chat_id
        there = there.where(ConversationRow.chat_id == now_called)
    # Grouped before anything is joined, in the order of the index.
    days = (
        select(
            LabelRow.conversation_id,
            LabelRow.said_on,
            LabelRow.person_id,
            func.count().label("n"),
            func.sum(LabelRow.valence).label("total"),
            func.sum(case((LabelRow.valence > CLEAR, 1), else_=0)).label("positive"),
            func.sum(case((LabelRow.valence < -CLEAR, 1), else_=0)).label("negative"),
        )
        .where(
            LabelRow.conversation_id.in_(there),
            LabelRow.task == task,
            LabelRow.said_on >= since.astimezone(UTC).date(),
        )
        .group_by(LabelRow.conversation_id, LabelRow.said_on, LabelRow.person_id)
        .subquery()
    )
    query = (
        select(
            days.c.person_id,
            days.c.said_on,
            ConversationRow.chat_id,
            days.c.n,
            days.c.total,
            days.c.positive,
            days.c.negative,
        )
        .join(PersonRow, PersonRow.id == days.c.person_id)
        .join(ConversationRow, ConversationRow.id == days.c.conversation_id)
        .where(PersonRow.mood_memory != "off")
    )
    return [GroupMood(*row) for row in connection.execute(query)]
