"""What a person may ask Warmline itself: a table from name to function.

Knows: the commands and what each answers. Does not know: platforms; a command answers with one
notice, and the adapter shows it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import IncomingMessage, Notice
from bot.texts.sentences import LANGUAGES, say
from bot.trends import MIN_MESSAGES, Trend, summarise
from engine.base import Engine
from storage.errors import ErasureUnfinished, StorageError

if TYPE_CHECKING:
    from storage.store import Store

MOOD_DAYS = 30
_NOTABLE_VALENCE = 0.15

log = logging.getLogger("warmline.commands")


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks what, in which language. `store` is None where nothing is remembered."""

    store: Store | None
    engine: Engine
    message: IncomingMessage
    language: str


Command = Callable[[Context], Awaitable[Notice]]


async def run(context: Context) -> Notice:
    """Answer a message that begins with a slash."""
    name = context.message.text.split()[0].lstrip("/").casefold()
    command = COMMANDS.get(name)
    if command is None:
        return _notice(context, "unknown")
    try:
        return await command(context)
    except StorageError as error:
        log.error("/%s failed: %s", name, error)
        return _notice(context, "failed")


async def help_(context: Context) -> Notice:
    """/help: what can be asked."""
    return _notice(context, "help")


async def mood(context: Context) -> Notice:
    """/mood: the person's own trend, and how sure it is."""
    if context.store is None:
        return _notice(context, "not_remembered")
    person = context.message.person
    now = datetime.now(UTC)
    since = now - timedelta(days=MOOD_DAYS)
    moods = await context.store.moods(person.platform, person.user_id, since)
    trend = summarise([(m.at, m.valence) for m in moods], now, MOOD_DAYS)
    if trend is None:
        return _notice(context, "mood_few", n=len(moods), days=MOOD_DAYS, needed=MIN_MESSAGES)
    return Notice(mood_in_words(trend, context.language), "command")


async def forget(context: Context) -> Notice:
    """/forget: erase everything about the person, in the store and in the model's memory."""
    if context.store is None:
        return _notice(context, "not_remembered")
    person = context.message.person
    for conversation in await context.store.conversations_of(person.platform, person.user_id):
        for language in LANGUAGES:
            await context.engine.forget(f"{conversation}:{language}")
    try:
        receipt = await context.store.forget(person.platform, person.user_id)
        key = "forgotten" if receipt.turns else "nothing"
    except ErasureUnfinished as error:
        receipt = error.receipt
        key = "unfinished"
    words = say(
        context.language,
        f"commands.{key}",
        turns=receipt.turns,
        labels=receipt.labels,
        id=receipt.id,
        at=f"{receipt.at:%Y-%m-%d %H:%M} UTC",
    )
    return Notice(words, "forgotten")


COMMANDS: Mapping[str, Command] = {"help": help_, "start": help_, "mood": mood, "forget": forget}


def mood_in_words(trend: Trend, language: str) -> str:
    """Two sentences: how it was and how sure that is."""
    feeling = "neutral"
    if abs(trend.mean) >= _NOTABLE_VALENCE:
        feeling = "positive" if trend.mean > 0 else "negative"
    told = say(
        language,
        "commands.mood",
        days=trend.days,
        feeling=say(language, f"commands.feeling_{feeling}"),
        mean=trend.mean,
        n=trend.n,
        low=trend.low,
        high=trend.high,
        change=say(language, f"commands.{trend.direction}"),
    )
    return f"{told} {say(language, 'commands.mood_note')}"


def _notice(context: Context, key: str, **fields: object) -> Notice:
    return Notice(say(context.language, f"commands.{key}", **fields), "command")
