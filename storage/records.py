"""What the memory takes and gives: frozen values.

Knows: messages, turns, deliveries, labels, moods, choices as plain values; every time is aware
and in UTC. Does not know: tables, SQL, how anything is stored. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

SENTIMENT = "sentiment"
"""The task whose label colours a turn and whose valence is a mood."""

CLEAR = 1 / 3
"""A valence beyond it counts as positive or negative; the rest is neutral."""

COMMAND = "command"
"""The code under which a turn that was a command is declined."""


class State(StrEnum):
    """Where a turn stands. `answered`, `declined` and `joined` are final."""

    RECEIVED = "received"
    """Written down; nobody has begun to answer."""
    ANSWERING = "answering"
    """Begun. After a crash it is still here, and is begun again."""
    ANSWERED = "answered"
    """The reply is written down."""
    FAILED = "failed"
    """Given up with a failure code. It may be begun again on request."""
    DECLINED = "declined"
    """Will not be answered by the model: a fixed line, or silence, was chosen."""
    JOINED = "joined"
    """Its words are answered by another turn, its lead."""


class DeliveryState(StrEnum):
    """How far an answer has come on its way to the platform."""

    CREATING = "creating"
    """A message is being created; nobody knows yet whether it was."""
    OPEN = "open"
    """Messages exist; the whole is not there yet."""
    DELIVERED = "delivered"
    """The whole is there."""
    UNDELIVERABLE = "undeliverable"
    """It never will be: the row says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """The name of one message: where it was said, and the platform's id for it there."""

    platform: str
    chat_id: str
    thread_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as it came in. Its `place` names it.

    `server` is what the platform groups channels by (a Discord guild), "" for none or unknown.
    """

    platform: str
    chat_id: str
    thread_id: str
    private: bool
    user_id: str
    user_name: str
    message_id: str
    text: str
    language: str
    sent_at: datetime
    server: str = ""

    @property
    def place(self) -> Place:
        """What no other message has."""
        return Place(self.platform, self.chat_id, self.thread_id, self.message_id)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and what became of it.

    `joined_to` is the id of the lead that answers for a joined turn. `note` is the trend note
    that was put into its prompt, `label` the sentiment's canonical label; both are "" where there
    was none, as `reply` is before the answer. `speaker` is the name that others there
    saw; "" in private.
    """

    id: int
    conversation_id: int
    person_id: int
    message_id: str
    text: str
    state: State
    language: str
    note: str
    reply: str
    label: str
    received_at: datetime
    attempts: int
    joined_to: int | None = None
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """`new` is true for exactly one caller per message: that one answers it."""

    turn: Turn
    new: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A turn whose answer has not wholly reached its person, with its message as it came in.

    `sent` are the platform's ids of the messages that exist, in order. `perhaps`: one more was
    being created when it was last heard of. `inbound.text` is composed as `turn.text` is.
    """

    turn: Turn
    inbound: Inbound
    sent: tuple[str, ...] = ()
    perhaps: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """The last message of a conversation that the platform counts: its id is a plain number.

    `at` is when it was received. Commands and presses have ids of another kind.
    """

    chat_id: str
    thread_id: str
    private: bool
    message_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Label:
    """How a message was read. Probabilities sum to 1, valence is in [-1, 1].

    `model` and `version` name what read it: the model, and the prompt with its calibration.
    """

    task: str
    label: str
    probabilities: Mapping[str, float]
    valence: float
    confidence: float
    model: str
    version: str


@dataclass(frozen=True, slots=True)
class Mood:
    """One point of a person's trend. `at` is when the message was sent."""

    at: datetime
    valence: float
    confidence: float
    label: str


@dataclass(frozen=True, slots=True)
class GroupMood:
    """What one person said in one chat on one day (UTC): `n` messages, `total` of their valences.

    `positive` and `negative` of them are beyond CLEAR. `person_id` tells people apart and names
    nobody.
    """

    person_id: int
    day: date
    chat_id: str
    n: int
    total: float
    positive: int
    negative: int


@dataclass(frozen=True, slots=True)
class Known:
    """A person who has written: how many messages, and when the last one was sent.

    Commands are not messages.
    """

    platform: str
    user_id: str
    name: str
    messages: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A person of whom something is kept, if only a choice. `name` is their own, or ""."""

    platform: str
    user_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose, "" for nothing yet; `mood_memory` and `history` are else "on" or "off".

    `carded`: the card that asks for consent was shown. `history`: whether words are kept beyond
    the running conversation. `zone`: the name of their time zone.
    """

    language: str = ""
    mood_memory: str = ""
    carded: bool = False
    history: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Paired:
    """A person who may talk because somebody approved their code."""

    platform: str
    user_id: str
    name: str
