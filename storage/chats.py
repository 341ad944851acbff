"""The questions about chats: which conversation a message is in, and chats that move.

Knows: SQL, one connection, inside a transaction that somebody else opened. Does not know: what
is said. A platform may give a chat a new id and count its messages anew: the old messages then
carry the old chat's id before their own, so that old and new never clash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, literal, select, update

from storage.columns import Words, storable
from storage.insert import insert_into
from storage.models import ConversationRow, LabelRow, MoveRow, TurnRow
from storage.records import Place


def now_at(connection: Connection, place: Place) -> Place:
    """The name under which a message is kept: another one where its chat has moved since."""
    while new_chat := connection.scalar(
        select(MoveRow.new_chat_id).where(
            MoveRow.platform == place.platform, MoveRow.old_chat_id == place.chat_id
        )
    ):
        prefixed = _prefix(place.chat_id) + place.message_id
        place = replace(place, chat_id=new_chat, message_id=prefixed)
    return place


def find(connection: Connection, place: Place) -> int | None:
    """The turn of a message, or None."""
    place = now_at(connection, place)
    query = (
        select(TurnRow.id)
        .join(ConversationRow, ConversationRow.id == TurnRow.conversation_id)
        .where(
            ConversationRow.platform == place.platform,
            ConversationRow.chat_id == place.chat_id,
            ConversationRow.thread_id == place.thread_id,
            TurnRow.message_id == place.message_id,
        )
    )
    return connection.scalar(query)


def enter(
    connection: Connection,
    platform: str,
    chat_id: str,
    thread_id: str,
    *,
    private: bool,
    server_id: str,
    at: datetime,
) -> int:
    """The conversation of a thread, made where there is none, and locked until the end.

    A server is noted once it is known, and stays: no channel goes over to another.
    """
    insert = insert_into(connection, ConversationRow).values(
        platform=platform,
        chat_id=chat_id,
        thread_id=thread_id,
        private=private,
        server_id=server_id,
        created_at=at,
    )
    server = func.coalesce(func.nullif(ConversationRow.server_id, ""), insert.excluded.server_id)
    return connection.execute(
        insert.on_conflict_do_update(
            index_elements=["platform", "chat_id", "thread_id"],
            set_={"private": insert.excluded.private, "server_id": server},
        ).returning(ConversationRow.id)
    ).scalar_one()


def move(connection: Connection, platform: str, old_chat: str, new_chat: str) -> int:
    """All conversations of a chat go on in another; how many there were."""
    if old_chat == new_chat:
        return 0
    _note_move(connection, platform, old_chat, new_chat)
    # Both chats' are locked, in order: who locks several takes the older first, as `erasure` does.
    held = connection.execute(
        select(
            ConversationRow.id,
            ConversationRow.chat_id,
            ConversationRow.thread_id,
            ConversationRow.private,
            ConversationRow.server_id,
            ConversationRow.created_at,
        )
        .where(
            ConversationRow.platform == platform, ConversationRow.chat_id.in_([old_chat, new_chat])
        )
        .order_by(ConversationRow.id)
        .with_for_update()
    ).all()
    _hold_turns(connection, [row.id for row in held])
    moving = [row for row in held if row.chat_id == storable(old_chat)]
    for old in moving:
        # Made even to be united at once: so a first message in the new chat waits for us, or we
        # for it.
        new_id = enter(
            connection,
            platform,
            new_chat,
            old.thread_id,
            private=old.private,
            server_id=old.server_id,
            at=old.created_at,
        )
        _unite(connection, old.id, new_id, old_chat, new_chat)
    return len(moving)


def _note_move(connection: Connection, platform: str, old_chat: str, new_chat: str) -> None:
    # The new chat is alive, whatever was said of it before. So no circle can ever close.
    connection.execute(
        delete(MoveRow).where(MoveRow.platform == platform, MoveRow.old_chat_id == new_chat)
    )
    insert = insert_into(connection, MoveRow).values(
        platform=platform, old_chat_id=old_chat, new_chat_id=new_chat
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["platform", "old_chat_id"], set_={"new_chat_id": new_chat}
        )
    )


def _unite(connection: Connection, old_id: int, new_id: int, old_chat: str, new_chat: str) -> None:
    """Make one conversation of two; the older stays, since running turns and caches know it.

    No turn is updated twice: see `turns` on what PostgreSQL would do then.
    """
    kept, gone = sorted((old_id, new_id))
    server_id = connection.scalar(
        select(ConversationRow.server_id).where(ConversationRow.id == new_id)
    )
    renamed = literal(_prefix(old_chat), Words) + TurnRow.message_id
    connection.execute(
        update(TurnRow)
        .where(TurnRow.conversation_id == old_id)
        .values(message_id=renamed, conversation_id=kept)
    )
    if gone == new_id:
        connection.execute(
            update(TurnRow).where(TurnRow.conversation_id == new_id).values(conversation_id=kept)
        )
    connection.execute(
        update(LabelRow).where(LabelRow.conversation_id == gone).values(conversation_id=kept)
    )
    connection.execute(delete(ConversationRow).where(ConversationRow.id == gone))
    connection.execute(
        update(ConversationRow)
        .where(ConversationRow.id == kept)
        .values(chat_id=new_chat, server_id=server_id)
    )


def _hold_turns(connection: Connection, conversations: Sequence[int]) -> None:
    """Lock the turns of conversations, in order, until the transaction ends: see `turns`."""
    connection.execute(
        select(TurnRow.id)
        .where(TurnRow.conversation_id.in_(conversations))
        .order_by(TurnRow.id)
        .with_for_update()
    ).all()


def _prefix(chat_id: str) -> str:
    return f"{chat_id}:"
