"""/trend: those who manage a server or a group ask how it has sounded there; words and a picture.

Knows: who may ask where, how the scope and the days are typed. Does not know: what may be told of
a group (`bot.group_trend`), in which words (`bot.trend_words`), a single person
(`bot.person_trend`). On a server the answer is for whoever asks; in a group, which has no such
answers, everybody there sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from adapters.messages import File, Notice
from bot import group_scopes, group_trend, person_trend, trend_words
from bot.access import named
from bot.command import Answer, Context
from bot.group_trend import GroupTrend

if TYPE_CHECKING:
    from storage.store import Store

DAYS = (7, 30, 90)
USUAL_DAYS = 30

_SERVER, _CHANNEL, _GROUP = "server", "channel", "group"
_SCOPES = {
    _SERVER: {"server": _SERVER, "channel": _CHANNEL, "服务器": _SERVER, "频道": _CHANNEL},
    _GROUP: {"group": _GROUP, "群": _GROUP, "本群": _GROUP, "群组": _GROUP},
}
"""How a scope is typed, by the kind of place that it is typed in."""

_CALLED = {_SERVER: "trend_server", _CHANNEL: "trend_channel", _GROUP: "trend_group"}

_WITH_ADMINS = ("telegram",)
"""Platforms whose groups belong to no server, and have administrators of their own."""


async def trend(context: Context) -> Sequence[Answer]:
    """/trend [server|channel] [7|30|90]: of all who let their moods be kept, of nobody alone.

    /trend person […] is about somebody who has agreed to it.
    """
    if context.choice in person_trend.WORDS:
        return await person_trend.person(context)
    place = _place(context)
    refused = _not_for(context, place)
    store = context.store
    if refused or store is None or context.servers is None:
        return [refused or context.notice("not_remembered")]
    asked = _asked(context.arguments, place)
    if asked is None:
        return [context.notice("trend_how" if place == _SERVER else "trend_group_how")]
    scope, days = asked
    if (await context.servers.of(context.message)).mood_memory == "off":
        return [context.notice("trend_off")]
    found = await _trend(context, store, scope, days)
    if found is None:
        key = "trend_few" if place == _SERVER else "trend_group_few"
        return [context.notice(key, n=context.facts.min_people, days=days)]
    told, png = found
    words = trend_words.trend_words(told, context.say(_CALLED[scope]), context.language)
    caption = trend_words.picture_words(told, context.language)
    file = File(f"trend-{told.last}.png", png, "image/png", caption)
    return [Notice(words, "command"), file]


def _place(context: Context) -> str:
    """What kind of place it was said in: a server, a group with administrators, "" for neither."""
    message = context.message
    if message.server:
        return _SERVER
    return _GROUP if message.scope.platform in _WITH_ADMINS and not message.private else ""


def _not_for(context: Context, place: str) -> Notice | None:
    """What those hear who may not ask, or not here, or not in this way."""
    if not place:
        return context.notice("trend_elsewhere")
    if not context.message.manages:
        return context.notice("managers_only" if place == _SERVER else "admins_only")
    if context.store is None:
        return context.notice("not_remembered")
    if place == _SERVER and not context.message.for_one:
        return context.notice("trend_slash")
    return None


def _asked(words: Sequence[str], place: str) -> tuple[str, int] | None:
    """The scope and the days, in any order; None for what is neither, or said twice."""
    called = _SCOPES[place]
    scopes = [called[word.casefold()] for word in words if word.casefold() in called]
    numbers = [word for word in words if word.casefold() not in called]
    known = {str(days): days for days in DAYS}
    if len(scopes) > 1 or len(numbers) > 1 or not known.keys() >= {*numbers}:
        return None
    return (*scopes, place)[0], known[numbers[0]] if numbers else USUAL_DAYS


async def _trend(
    context: Context, store: Store, scope: str, days: int
) -> tuple[GroupTrend, bytes] | None:
    message = context.message
    where, whole = message.scope, scope == _SERVER
    today = datetime.now(UTC).date()
    first = group_trend.first_day(today, days, context.facts.keep_days)
    about = (
        group_scopes.server_name(where.platform, message.server)
        if whole
        else group_scopes.chat_name(where.platform, where.chat_id)
    )
    await store.note_look(named(message.person), f"trend {days}", about)
    moods = await store.group_moods(
        where.platform,
        message.server,
        datetime.combine(first, time(), UTC),
        chat_id="" if whole else where.chat_id,
    )

    def draw() -> tuple[GroupTrend, bytes] | None:
        told = group_trend.summarise(moods, today, days, context.facts.min_people)
        return None if told is None else (told, trend_words.picture(told))

    return await asyncio.to_thread(draw)
