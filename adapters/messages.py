"""What an adapter gives and what it takes: values and one callable shape.

Knows: a message as any platform has it, and the events that make up a reply.
Does not know: who answers, what is stored, how a platform shows it. Standard library only.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something was said: one conversation. What is said in a scope stays in it."""

    platform: str
    chat_id: str
    thread_id: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who said it. A name is shown, never used to tell people apart."""

    platform: str
    user_id: str
    name: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """One message of a person, before anybody has looked at its meaning.

    `message_id` is the platform's and unique within the scope: a message that arrives twice is
    answered once. `history` holds earlier (person, companion) pairs that the caller keeps itself;
    it is only read when `remember` is false. With `remember` false nothing is written down.
    """

    scope: Scope
    person: Person
    message_id: str
    text: str
    sent_at: datetime
    private: bool = True
    locale: str = ""
    remember: bool = True
    history: tuple[tuple[str, str], ...] = ()
    kind: str = "text"
    quoted: str = ""
    edited: bool = False
    joins: bool = False
    server: str = ""
    manages: bool = False
    ephemeral: bool = False

    @property
    def for_one(self) -> bool:
        """Whether the person alone sees the answer."""
        return self.private or self.ephemeral


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is in safe hands: killing the process no longer loses it.

    `new` is false where it came before. Always the first event.
    """

    new: bool = True


@dataclass(frozen=True, slots=True)
class Waiting:
    """Others come first. To be shown until anything else comes; a later one replaces it."""

    text: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """How the message was read: canonical labels, probabilities that sum to 1, valence in [-1, 1].

    `fixed` is true when the reply is a fixed, human-written one. Such a reply comes first and its
    label after it, so that nobody in danger waits for a score.
    """

    label: str
    probabilities: Mapping[str, float]
    valence: float
    language: str
    model: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the reply, as it is written. Pieces joined give the reply.

    `whole`: nobody should wait for the end of the turn to see it. One line may follow, whole too.
    """

    delta: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A plain sentence from Warmline itself (an error, an answer to a command): not a reply.

    `code` names the kind for programs: "empty", "not_text", "too_long", "stale", "busy", "failed",
    "gave_up", "forgotten", "command", "duplicate", "loading", "stopped", "limited", "refused",
    "letter" (news of its own, before an answer of whatever kind).
    """

    text: str
    code: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The turn is over and, where it is remembered, written down.

    `timings` in milliseconds: label_ms, first_token_ms, total_ms, each from the moment the handler
    was called. Missing where a turn never came that far.
    """

    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it says `command` ("/language zh", at most 60 bytes) for the person."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class Card:
    """A plain sentence from Warmline itself, with rows of buttons under it."""

    text: str
    buttons: tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file for the person alone. `caption` says what it is, at most 200 characters."""

    name: str
    content: bytes
    media_type: str
    caption: str


Reply = Accepted | Waiting | Labelled | Text | Notice | Card | File | Finished
"""One event of a reply. After Accepted, and perhaps Waiting, comes Labelled Text* Finished, or
Text Text? Labelled Finished (a fixed reply), or Text Finished (a message that came before: its
answer again), or any of Notice, Card, File, and Finished. A Notice may also end a reply that has
begun: then what was shown is not the whole. A Card may follow a reply. Labelled comes again, before
any Text, where the message grew meanwhile: the last one counts. Finished alone: another message's
answer speaks for this one too."""

Handler = Callable[[IncomingMessage], AsyncGenerator[Reply, None]]
"""Answers one message. Consume it under `contextlib.aclosing`: closing it stops the model."""
