"""What the memory takes and gives: frozen values.

Knows: messages, turns, labels, moods as plain values; every time is aware and in UTC. Does not
know: tables, SQL, how anything is stored. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SENTIMENT = "sentiment"
"""The task whose label colours a turn and whose valence is a mood."""


class State(StrEnum):
    """Where a turn stands. `answered` and `declined` are final."""

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


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message as it came in. (platform, chat, thread, message id) names it."""

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


@dataclass(frozen=True, slots=True)
class Turn:
    """One message and what became of it.

    `note` is the trend note that was put into its prompt, `label` the sentiment's canonical
    label; both are "" where there was none, as `reply` is before the answer.
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


@dataclass(frozen=True, slots=True)
class Received:
    """`new` is true for exactly one caller per message: that one answers it."""

    turn: Turn
    new: bool


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A turn that still needs its answer, with its message as it came in."""

    turn: Turn
    inbound: Inbound


@dataclass(frozen=True, slots=True)
class Label:
    """How a message was read. Probabilities sum to 1, valence is in [-1, 1].

    `model` and `version` name the model and the prompt that read it.
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
class Known:
    """A person who has written: how many messages, and when the last one was sent."""

    platform: str
    user_id: str
    name: str
    messages: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Receipt:
    """What `forget` deleted. `person` is "platform:user_id"; `id` is random, for reference."""

    person: str
    turns: int
    labels: int
    conversations: int
    at: datetime
    id: str
