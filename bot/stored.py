"""Messages, turns and labels in the store's shapes, and back in the chat's.

Knows: both shapes, field by field. Does not know: when anything is written or read (`bot.record`).
Pure.
"""

from __future__ import annotations

from adapters.messages import IncomingMessage, Person, Scope
from bot.prompt import Exchange
from engine.tasks import Scores
from storage.records import Inbound, Label, Place, Turn


def exchange(turn: Turn) -> Exchange:
    """A stored turn as the prompt shows it."""
    return Exchange(
        turn.id,
        turn.text,
        turn.reply,
        turn.label,
        turn.note,
        turn.language,
        turn.speaker,
        turn.person_id,
    )


def place(message: IncomingMessage) -> Place:
    """Which turn a message is, as the store finds it."""
    scope = message.scope
    return Place(scope.platform, scope.chat_id, scope.thread_id, message.message_id)


def inbound(message: IncomingMessage, language: str) -> Inbound:
    """A message as the store takes it."""
    return Inbound(
        platform=message.scope.platform,
        chat_id=message.scope.chat_id,
        thread_id=message.scope.thread_id,
        private=message.private,
        user_id=message.person.user_id,
        user_name=message.person.name,
        message_id=message.message_id,
        text=message.text,
        language=language,
        sent_at=message.sent_at,
        server=message.server,
    )


def outgoing(kept: Inbound) -> IncomingMessage:
    """A stored message as it is handed in again."""
    return IncomingMessage(
        scope=Scope(kept.platform, kept.chat_id, kept.thread_id),
        person=Person(kept.platform, kept.user_id, kept.user_name),
        message_id=kept.message_id,
        text=kept.text,
        sent_at=kept.sent_at,
        private=kept.private,
        locale=kept.language,
        server=kept.server,
    )


def label(scores: Scores) -> Label:
    """Scores as the store keeps them."""
    return Label(
        task=scores.task,
        label=scores.label,
        probabilities=scores.probabilities,
        valence=scores.valence,
        confidence=scores.confidence,
        model=scores.model,
        version=scores.version,
    )
