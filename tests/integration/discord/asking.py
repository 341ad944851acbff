"""People who ask Warmline on Discord, and what they see once the whole answer is there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.base import Prompt
from tests.discord_server.interactions import Interaction
from tests.discord_server.messages import Message
from tests.discord_server.people import Person
from tests.discord_server.places import Channel
from tests.discord_server.server import DiscordApi
from tests.discord_server.slash import Option

ANSWER = "I hear you."
"""What the engine says unless it is told otherwise."""

OPTIONS: Mapping[str, Mapping[str, Option]] = {
    "chat": {"text": "I lost my keys"},
    "help": {},
    "mood": {"days": 7},
    "memory": {},
    "checkin": {"when": "20:00", "zone": "UTC"},
    "stop": {},
    "retry": {},
    "language": {},
    "privacy": {},
    "export": {},
    "forget": {},
    "trend": {},
    "settings": {},
}
"""Every slash command, filled in."""


async def by_slash(
    api: DiscordApi, who: Person, where: Channel, name: str, /, **options: Option
) -> Interaction:
    """Uses a command, as filled in above unless told otherwise, and waits for its whole answer."""
    asked = api.slash(who, where, name, options or OPTIONS[name])
    await api.until(lambda: is_whole(asked.texts))
    return asked


async def pressed(api: DiscordApi, who: Person, message: Message, command: str) -> Interaction:
    """Presses the button that says this command, and waits for its whole answer."""
    asked = api.press(who, message, f"say:{command}")
    await api.until(lambda: is_whole(asked.texts))
    return asked


async def told(api: DiscordApi, who: Person, where: Channel, words: str, **more: Any) -> Message:
    """Says it there, and gives the bot's next message, whole."""
    known = len(api.messages(where))
    api.say(who, where, words, **more)
    await api.until(lambda: is_whole(api.texts(where)[known:]))
    return api.messages(where)[known]


def is_whole(texts: list[str]) -> bool:
    """Whether something is shown, and nothing of it only holds a place."""
    return bool(texts) and "…" not in texts


def last_words(prompt: Prompt) -> str:
    """What the model is asked to answer."""
    return prompt.messages[-2].content


def all_words(prompt: Prompt) -> str:
    """Everything that the model reads."""
    return "\n".join(text for m in prompt.messages for text in (*m.opening, m.content))
