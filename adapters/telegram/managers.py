"""Who manages a group: Telegram is asked, and believed for a while.

Knows: which standings in a chat are those of an administrator. Does not know: what they may ask.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from telegram import Bot, ChatMember
from telegram.error import TelegramError

log = logging.getLogger(__name__)

KEPT_SECONDS = 300.0
"""So long an answer holds: whoever gains or loses the right waits for it."""

MOST_KEPT = 4096

_WAIT_SECONDS = 5.0
_ABOVE = (ChatMember.OWNER, ChatMember.ADMINISTRATOR)


class Managers:
    """The administrators of groups, each asked for by name. `clock` gives seconds."""

    def __init__(self, bot: Bot, clock: Callable[[], float] = time.monotonic) -> None:
        self._bot = bot
        self._clock = clock
        self._known: OrderedDict[tuple[int, int], tuple[float, bool]] = OrderedDict()

    async def include(self, chat_id: int, user_id: int) -> bool:
        """Whether this person manages that group. Where Telegram does not say so: no."""
        asked_at, manages = self._known.get((chat_id, user_id), (0.0, None))
        if manages is not None and self._clock() - asked_at < KEPT_SECONDS:
            return manages
        try:
            member = await self._bot.get_chat_member(
                chat_id, user_id, read_timeout=_WAIT_SECONDS, connect_timeout=_WAIT_SECONDS
            )
        except TelegramError as error:
            log.warning("who manages chat %d is not known: %s", chat_id, type(error).__name__)
            return False
        return self._keep(chat_id, user_id, member.status in _ABOVE)

    def _keep(self, chat_id: int, user_id: int, manages: bool) -> bool:
        self._known[chat_id, user_id] = (self._clock(), manages)
        self._known.move_to_end((chat_id, user_id))
        if len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return manages
