"""Who may talk: everybody, those on a list, or those whom an owner let in with a code.

Knows: the owner's lists, the codes' form and life. Does not know: who keeps codes and pairings
(the memory), how a refusal is shown. A group is never opened by a code: it must be listed.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage, Person, Scope
from bot.limits import DAY, HOUR, Window
from bot.texts.sentences import say

if TYPE_CHECKING:
    from bot.config_sections import AccessSettings
    from storage.store import Store

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that nobody takes for one another."""

CODE_LENGTH = 8
NOTICES_A_DAY = 1
CODES_AN_HOUR = 3

_CONSOLE, _HTTP = "console", "http"

log = logging.getLogger("warmline.access")


@dataclass(frozen=True, slots=True)
class Refusal:
    """The message is not for us. `text` is for the person; empty: nothing is said."""

    text: str


SILENCE = Refusal("")


class Access:
    """Decides by the [access] settings. `clock` gives seconds since 1970."""

    def __init__(
        self, settings: AccessSettings, store: Store | None, clock: Callable[[], float] = time.time
    ) -> None:
        self._mode = settings.mode
        self._users = {*settings.users, *settings.owners}
        self._owners = frozenset(settings.owners)
        self._chats = set(settings.chats)
        self._store = store
        self._clock = clock
        self._notices = Window(NOTICES_A_DAY, DAY, clock)
        self._codes = Window(CODES_AN_HOUR, HOUR, clock)

    async def refusal(self, message: IncomingMessage, language: str) -> Refusal | None:
        """None where the message may be answered. A group that is not let in hears nothing.

        Raises:
            StorageError: whether the person is let in cannot be found out.
        """
        # The console is on the owner's own machine, and HTTP has its token.
        if self._mode == "open" or message.scope.platform in (_CONSOLE, _HTTP):
            return None
        if not message.private:
            return None if _chat(message.scope) in self._chats else SILENCE
        person = message.person
        if await self.lets_in(person):
            return None
        if self._mode == "list" or self._store is None:
            return self._turned_away(person, language)
        return await self._asked_to_pair(self._store, person, language)

    async def lets_in(self, person: Person) -> bool:
        """Whether a person may talk in private; StorageError as above."""
        if self._mode == "open" or person.platform in (_CONSOLE, _HTTP):
            return True
        if named(person) in self._users:
            return True
        if self._mode == "list" or self._store is None:
            return False
        return await self._store.is_paired(person.platform, person.user_id)

    def is_owner(self, person: Person) -> bool:
        """Whether the person may let others in: a listed owner, or whoever is at the console."""
        return person.platform == _CONSOLE or named(person) in self._owners

    async def approve(self, code: str) -> str | None:
        """Let in whoever was given the code: their name, or None where it is unknown or over.

        Raises:
            StorageError: nobody was let in.
        """
        if self._store is None:
            return None
        known = await self._store.approve(as_typed(code))
        if known is None:
            return None
        return known.name or f"{known.platform}:{known.user_id}"

    def moved(self, old: Scope, new: Scope) -> None:
        """A listed chat goes on under another id: it stays let in until the next start."""
        if _chat(old) in self._chats:
            self._chats.add(_chat(new))
            log.warning(
                "the chat %s is now %s: write that into [access] chats of config.toml",
                _chat(old),
                _chat(new),
            )

    def _turned_away(self, person: Person, language: str) -> Refusal:
        if not self._notices.take(person):
            return SILENCE
        return Refusal(say(language, "access.refused", person=named(person)))

    async def _asked_to_pair(self, store: Store, person: Person, language: str) -> Refusal | None:
        if not self._codes.take(person):
            return SILENCE
        expires_at = datetime.fromtimestamp(self._clock() + HOUR, UTC)
        code = await store.pairing_code(
            person.platform, person.user_id, person.name, new_code(), expires_at
        )
        if not code:  # let in just now, between the two questions
            return None
        return Refusal(say(language, "access.pair", code=code))


def new_code() -> str:
    """A code that cannot be guessed: 8 characters, about 40 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def as_typed(code: str) -> str:
    """A code as it was made, however it was typed: small letters, spaces and hyphens are fine."""
    return "".join(character for character in code.upper() if character.isalnum())


def named(person: Person) -> str:
    """A person as the settings name them: "telegram:123"."""
    return f"{person.platform}:{person.user_id}"


def _chat(scope: Scope) -> str:
    return f"{scope.platform}:{scope.chat_id}"
