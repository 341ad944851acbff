"""/mood: how a person's messages have sounded lately, and how sure that is.

Knows: what may stand after /mood, the two sentences. Does not know: trend mathematics
(`bot.trends`), the picture (`bot.mood_picture`), what moved it (`bot.mood_why`), how a reading is
set right (`bot.mood_correct`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Notice
from bot import consent, mood_picture
from bot.command import Answer, Context
from bot.mood_correct import correct
from bot.mood_why import why
from bot.own_days import OwnDays, own_days
from bot.texts.sentences import say
from bot.trend_words import feeling
from bot.trends import MIN_MESSAGES, Trend, summarise

if TYPE_CHECKING:
    from storage.store import Store

DAYS = 30
MOST_DAYS = 365

_VIEWS = {"why": "why", "为什么": "why", "correct": "correct", "纠正": "correct"}


async def mood(context: Context) -> Sequence[Answer]:
    """/mood [days], /mood why [days], /mood correct [ID [word]]; /mood on|off: /memory moods.

    Days and "why" may come in any order: a platform's form has its own.
    """
    if context.choice in ("on", "off"):
        return await consent.moods(context, context.choice)
    store = context.store
    if store is None:
        return [context.notice("not_remembered")]
    view, before, after = _asked(context.arguments)
    days = DAYS if view == "correct" else _days((*before, *after, "")[0])
    if days is None:
        return [context.notice("mood_days", most=MOST_DAYS)]
    person = context.message.person
    chosen = await store.preferences(person.platform, person.user_id)
    if not consent.standing(chosen, context.facts).moods:
        return [consent.no_mood(context, chosen)]
    own = own_days(chosen)
    if view == "why":
        return await why(context, store, days, own)
    if view == "correct":
        return await correct(context, store, after, own)
    return await _shown(context, store, days, own)


async def _shown(context: Context, store: Store, days: int, own: OwnDays) -> Sequence[Answer]:
    """The sentences and the picture; without enough messages, one sentence alone."""
    person = context.message.person
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    moods = await store.moods(person.platform, person.user_id, since, corrected=True)
    points = [(one.at, one.valence) for one in moods]
    found = summarise(points, now, days)
    if found is None:
        return [context.notice("mood_few", n=len(moods), days=days, needed=MIN_MESSAGES)]
    picture = await mood_picture.drawn(context, points, now, days, own)
    return [Notice(mood_in_words(found, context.language), "command"), picture]


def mood_in_words(trend: Trend, language: str) -> str:
    """Two sentences: how it was and how sure that is."""
    told = say(
        language,
        "commands.mood",
        days=trend.days,
        feeling=feeling(trend.mean, language),
        mean=trend.mean,
        n=trend.n,
        low=trend.low,
        high=trend.high,
        change=say(language, f"commands.{trend.direction}"),
    )
    return f"{told} {say(language, 'commands.mood_note')}"


def _asked(words: Sequence[str]) -> tuple[str, Sequence[str], Sequence[str]]:
    """The view among the first two words, "" for none, and what stands before and after it."""
    for place, word in enumerate(words[:2]):
        if word.casefold() in _VIEWS:
            return _VIEWS[word.casefold()], words[:place], words[place + 1 :]
    return "", words, ()


def _days(word: str) -> int | None:
    """The window that was asked for; None for what is no number from 1 to 365."""
    if not word:
        return DAYS
    days = int(word) if word.isdecimal() and len(word) <= 4 else 0
    return days if 1 <= days <= MOST_DAYS else None
