"""An adapter's notes about its answers, kept in the memory: `adapters.ledger.Ledger` on a Store.

Knows: which turn a message is, and that notes must never stop an answer. Does not know: platforms.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.ledger import Heard, Resumed
from adapters.messages import IncomingMessage, Scope
from bot.access import Access
from bot.gate import is_command
from bot.stored import outgoing, place
from storage.errors import StorageError
from storage.records import State, Unfinished

if TYPE_CHECKING:
    from storage.store import Store

RESUMED_WITHIN = timedelta(days=1)
"""What waited longer is left alone: nobody expects it any more."""

log = logging.getLogger("warmline.delivery")


class StoredLedger:
    """Notes of one platform. A note that cannot be written is logged; the answer goes on."""

    def __init__(self, store: Store, platform: str, access: Access) -> None:
        self._store = store
        self._platform = platform
        self._access = access

    async def creating(self, message: IncomingMessage) -> None:
        """See `adapters.ledger.Ledger`, here and below."""
        await self._noted(self._store.delivery_creating(place(message)))

    async def not_created(self, message: IncomingMessage) -> None:
        """Nothing was sent."""
        await self._noted(self._store.delivery_not_created(place(message)))

    async def created(self, message: IncomingMessage, sent: str) -> None:
        """A message exists."""
        await self._noted(self._store.delivery_created(place(message), sent))

    async def delivered(self, message: IncomingMessage) -> None:
        """The answer is there."""
        await self._noted(self._store.delivery_ended(place(message)))

    async def undeliverable(self, message: IncomingMessage, reason: str) -> None:
        """The answer never will be there."""
        await self._noted(self._store.delivery_ended(place(message), reason))

    async def resumed(self) -> list[Resumed]:
        """What an earlier process left, oldest first."""
        since = datetime.now(UTC) - RESUMED_WITHIN
        try:
            left = await self._store.undelivered(self._platform, since)
        except StorageError as error:
            log.error("what was left unanswered cannot be read: %s", error)
            return []
        return [_resumed(one) for one in left if not _is_there(one)]

    async def moved(self, old: Scope, new: Scope) -> None:
        """A chat goes on under another id, and its history with it."""
        self._access.moved(old, new)
        log.info("a chat of %s goes on under another id", self._platform)
        await self._noted(self._store.move_chat(self._platform, old.chat_id, new.chat_id))

    async def heard(self, since: datetime) -> list[Heard]:
        """The conversations of late, the latest first."""
        try:
            found = await self._store.last_heard(self._platform, since)
        except StorageError as error:
            log.error("the conversations of late cannot be read: %s", error)
            return []
        return [
            Heard(Scope(self._platform, one.chat_id, one.thread_id), one.private, one.message_id)
            for one in found
        ]

    async def note(self, key: str) -> str:
        """A note of the adapter's own."""
        try:
            return await self._store.note(key)
        except StorageError as error:
            log.error("a note cannot be read: %s", error)
            return ""

    async def set_note(self, key: str, value: str) -> None:
        """Kept for a later process."""
        await self._noted(self._store.set_note(key, value))

    async def _noted(self, note: Awaitable[object]) -> None:
        try:
            await note
        except StorageError as error:
            log.error("a note about a delivery is not kept: %s", error)


def _is_there(one: Unfinished) -> bool:
    """The answer to a command comes in one piece, and only the last note about it is missing."""
    done = one.turn.state is State.DECLINED and is_command(one.turn.text)
    return done and bool(one.sent) and not one.perhaps


def _resumed(one: Unfinished) -> Resumed:
    """What was perhaps sent before it was written down is a fixed answer, and is said again: twice
    it does no harm, and in a crisis it must arrive."""
    fixed = one.turn.state in (State.RECEIVED, State.ANSWERING)
    return Resumed(outgoing(one.inbound), one.sent, one.perhaps and not fixed)
