"""What a command is: what it is given, and what it may answer.

Knows: one person's question and the facts about this installation. Does not know: which commands
there are (`bot.commands`), platforms.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

from adapters.messages import Card, File, IncomingMessage, Notice, Person
from bot.servers import Servers
from bot.texts.sentences import say
from engine.base import Engine

if TYPE_CHECKING:
    from bot.held import Held
    from storage.store import Store


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of this installation, for `/privacy` and the choices.

    `database` is a file on this machine or a PostgreSQL server; `remote` says that words are sent
    to a model elsewhere. `mood_memory`, `history` (whether messages outlast their conversation) and
    `language` are the owner's settings; `pairing` says that people are let in by codes. `keep_days`
    is None where nothing is deleted by age. A group's moods are told of at least `min_people`.
    `responder` (platform and id) is who is told of a danger, by people who allow it; None: nobody.
    """

    model: str
    database: Literal["file", "server"] = "file"
    remote: bool = False
    mood_memory: Literal["ask", "on", "off"] = "ask"
    history: Literal["ask", "on", "off"] = "ask"
    keep_days: int | None = None
    language: str = "auto"
    pairing: bool = False
    min_people: int = 5
    responder: tuple[str, str] | None = None


class Access(Protocol):
    """Who may talk, as far as commands ask."""

    def is_owner(self, person: Person) -> bool:
        """Whether this person may let others in."""

    async def approve(self, code: str) -> str | None:
        """Let in whoever was given the code: their name, or None where it is unknown or over."""


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks what, in which language. `store` is None where nothing is remembered, `held` where
    no process holds anything of a conversation.
    """

    store: Store | None
    engine: Engine
    message: IncomingMessage
    language: str
    facts: Facts
    access: Access | None = None
    servers: Servers | None = None
    held: Held | None = None

    @property
    def name(self) -> str:
        """The command, without its slash and the bot's name: "/Mood@warm_bot 7" -> "mood"."""
        first = self.message.text.split()[0]
        return first.lstrip("/").partition("@")[0].casefold()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The words after the name."""
        return tuple(self.message.text.split()[1:])

    @property
    def choice(self) -> str:
        """The first word after the name, in small letters; "" for none."""
        return self.arguments[0].casefold() if self.arguments else ""

    def say(self, key: str, **fields: object) -> str:
        """A sentence of the commands, in the person's language."""
        return say(self.language, f"commands.{key}", **fields)

    def notice(self, key: str, **fields: object) -> Notice:
        """The same, as an answer."""
        return Notice(self.say(key, **fields), "command")


Answer = Notice | Card | File
"""What a command answers with; a sequence of it is shown in order."""

Command = Callable[[Context], Awaitable[Sequence[Answer]]]
