"""What is known of a message before anybody answers it: its person's choices, its language, and
whether it may be answered at all.

Knows: settings, the lists, limits and servers' rules. Does not know: what a message says, how it
is answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage
from bot import consent, safety
from bot.access import SILENCE, Access, Refusal
from bot.commands import RETRY
from bot.language import detect, of_locale
from bot.limits import Exceeded, FairUse
from bot.servers import Servers
from storage.records import Preferences

if TYPE_CHECKING:
    from bot.answering import ChatSettings
    from storage.store import Store

_UNLIMITED = ("console", "http")
"""The owner's own machine, and programs that hold its token."""


class Gate:
    """Looks at messages as they come in."""

    def __init__(
        self,
        settings: ChatSettings,
        mood_memory: str,
        store: Store | None,
        access: Access,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`mood_memory` is the owner's setting. `clock` tells when it is quiet somewhere."""
        self.servers = Servers(store)
        self._clock = clock
        self._fixed_language = settings.language
        self._mood_memory = mood_memory
        self._store = store
        self._access = access
        self._limits = FairUse(settings.per_minute, settings.per_day)

    async def choices(self, message: IncomingMessage) -> Preferences:
        """What the person chose; StorageError where that cannot be read."""
        if not message.remember or self._store is None:
            return Preferences()
        person = message.person
        return await self._store.preferences(person.platform, person.user_id)

    async def refusal(self, message: IncomingMessage, language: str) -> Refusal | None:
        """None where the message may be answered; StorageError as above."""
        refusal = await self._access.refusal(message, language)
        if refusal is None and _waits_for_words(message):
            rules = await self.servers.of(message)
            if not rules.answers(message.scope, self._clock()):
                return SILENCE
        return refusal

    def language(self, message: IncomingMessage, chosen: Preferences) -> str:
        """The owner's setting, the person's choice, what they write in, what their client is in."""
        if self._fixed_language != "auto":
            return self._fixed_language
        found = chosen.language
        if not found and not is_command(message.text):
            found = detect(message.text, fallback="")
        return found or of_locale(message.locale)

    def too_many(self, message: IncomingMessage) -> Exceeded | None:
        """Whether the person has written too much. Not asked of whoever is in danger."""
        if message.person.platform in _UNLIMITED:
            return None
        return self._limits.check(message.person)

    async def remembers(self, message: IncomingMessage, chosen: Preferences) -> bool:
        """Whether a message's mood is stored: as was `chosen` when it came, and still is.

        StorageError as above.
        """
        if not consent.remembers(chosen.mood_memory, self._mood_memory):
            return False
        if (await self.servers.of(message)).mood_memory == "off":
            return False
        now = await self.choices(message)
        return consent.remembers(now.mood_memory, self._mood_memory)

    def untold(self, message: IncomingMessage, chosen: Preferences) -> bool:
        """Whether the person is still to be told what is kept, and this is a place to tell it."""
        return consent.untold(chosen) and message.remember and message.private


def _waits_for_words(message: IncomingMessage) -> bool:
    """Whether a server may have set that it is met with silence: not a command that is answered
    without the model, not an edit of what was let in, and never whoever may be in danger."""
    if message.edited or safety.is_crisis(message.text):
        return False
    return not is_command(message.text) or says(message.text, RETRY)


def says(text: str, command: str) -> bool:
    """Whether a text is that command."""
    return text.split()[0].casefold().partition("@")[0] == f"/{command}"


def is_command(text: str) -> bool:
    """A slash makes a command; but nobody in danger is told that a command is unknown."""
    return text.lstrip().startswith("/") and not safety.is_crisis(text)
