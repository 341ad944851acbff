"""The keys to the dashboard: a link that works once, and the session that it becomes.

Knows: how long each lasts, and that only a hash of it is ever stored. Does not know: pages, SQL.
A key is 32 random bytes, so a plain SHA-256 is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.store import Store

LINK_MINUTES = 10
SESSION_HOURS = 8


async def new_link_key(store: Store) -> str:
    """A key for one sign-in within LINK_MINUTES.

    Raises:
        StorageError: it could not be kept.
    """
    return await _new(store, "link", timedelta(minutes=LINK_MINUTES))


async def session_for(store: Store, link_key: str) -> str | None:
    """Spend the key of a link: a new session, or None for one that is used, over or unknown.

    Raises:
        StorageError: nothing is known; the key may be spent.
    """
    if not await store.use_admin_link(_hashed(link_key)):
        return None
    return await _new(store, "session", timedelta(hours=SESSION_HOURS))


async def admits(store: Store, session: str) -> bool:
    """Whether the session goes on.

    Raises:
        StorageError: that cannot be known.
    """
    return await store.admin_session(_hashed(session))


async def end(store: Store, session: str) -> None:
    """The session is over, if there is one.

    Raises:
        StorageError: it goes on.
    """
    await store.end_admin_session(_hashed(session))


async def _new(store: Store, kind: str, lasts: timedelta) -> str:
    key = secrets.token_urlsafe(32)
    await store.add_admin_key(kind, _hashed(key), datetime.now(UTC) + lasts)
    return key


def _hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
