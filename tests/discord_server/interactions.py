"""Interactions: a slash command or the press of a button, and what the bot answered to it.

Keeps Discord's rules of time: 3 s for the first answer, 15 min for all others. Who may start one
is in `acting`, how the bot answers in `rest_interactions`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tests.discord_server.people import Json, Person

if TYPE_CHECKING:
    from tests.discord_server.messages import Message
    from tests.discord_server.places import Channel

FIRST_ANSWER_S = 3.0
TOKEN_S = 15 * 60.0


class Answer(IntEnum):
    """Types of the first answer, with Discord's numbers. NONE: not answered yet."""

    NONE = 0
    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True, eq=False)
class Interaction:
    """One interaction. `began`: seconds since 1970; `kind`: 2 a command, 3 a component.

    `on`: the message whose button was pressed. `original`: the first answer, or the message that
    it changes. `answers`: all messages that the bot made for it, the ephemeral ones too.
    """

    id: int
    token: str
    kind: int
    name: str
    person: Person
    channel: Channel
    began: float
    on: Message | None = None
    user_only: bool = False
    answer: Answer = Answer.NONE
    original: Message | None = None
    answers: list[Message] = field(default_factory=list)
    modal: Json | None = None

    @property
    def deferred(self) -> bool:
        """The bot said in time that it will answer."""
        return self.answer in (Answer.DEFERRED, Answer.DEFERRED_UPDATE)

    @property
    def is_ephemeral(self) -> bool:
        return bool(self.original and self.original.is_ephemeral)

    @property
    def texts(self) -> list[str]:
        """The texts of the answers that are now shown; of one that is still thinking, none."""
        return [one.content for one in self.shown]

    @property
    def shown(self) -> list[Message]:
        return [one for one in self.answers if not one.deleted and not one.is_loading]

    def too_late_to_answer(self, now: float) -> bool:
        return now - self.began > FIRST_ANSWER_S

    def expired(self, now: float) -> bool:
        return now - self.began > TOKEN_S

    def metadata(self) -> Json:
        """As the messages that answer it carry it."""
        owner = {"1" if self.user_only else "0": str(self.person.id)}
        found: Json = {"id": str(self.id), "type": self.kind, "user": self.person.json()}
        found |= {"authorizing_integration_owners": owner}
        if self.on:
            return found | {"interacted_message_id": str(self.on.id)}
        return found | {"name": self.name}
