"""The questions about servers: what was set for one, and how its people felt.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what a
setting means, who may see a trend. A server is what a platform groups channels by, such as a
Discord guild.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage import chats
from storage.insert import insert_into
from storage.models import ConversationRow, LabelRow, PersonRow, ServerRow, TurnRow
from storage.records import GroupMood, Place


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
    """The readings of what was said in front of others, by the time it was sent."""
    if not (server_id or chat_id):
        return []  # Chats of no server have nothing in common.
    query = (
        select(TurnRow.person_id, TurnRow.sent_at, LabelRow.valence, ConversationRow.chat_id)
        .join(LabelRow, LabelRow.turn_id == TurnRow.id)
        .join(PersonRow, PersonRow.id == TurnRow.person_id)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(
            ConversationRow.platform == platform,
            ConversationRow.server_id == server_id,
            ConversationRow.private.is_(False),
            PersonRow.mood_memory != "off",
            TurnRow.sent_at >= since,
            LabelRow.task == task,
        )
        .order_by(TurnRow.sent_at, TurnRow.id)
    )
    if chat_id:
        now_called = chats.now_at(connection, Place(platform, chat_id, "", "")).chat_id
        query = query.where(ConversationRow.chat_id == now_called)
    return [GroupMood(*row) for row in connection.execute(query)]
