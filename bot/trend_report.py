"""/trend: those who manage a server ask how it has sounded there; a few sentences and a picture.

Knows: who may ask, how the scope and the days are typed, the words. Does not know: what may be
told of a group (`bot.group_trend`), drawing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from adapters.messages import File, Notice
from bot import charts, group_trend, house_rules
from bot.command import Answer, Context
from bot.group_trend import GroupTrend
from bot.trends import NOTABLE

if TYPE_CHECKING:
    from storage.store import Store

DAYS = (7, 30, 90)
USUAL_DAYS = 30

_SCOPES = {"server": "server", "channel": "channel", "服务器": "server", "频道": "channel"}


async def trend(context: Context) -> Sequence[Answer]:
    """/trend [server|channel] [7|30|90]: of all who let their moods be kept, of nobody alone."""
    refused = house_rules.not_for(context)
    store = context.store
    if refused or store is None or context.servers is None:
        return [refused or context.notice("not_remembered")]
    if not context.message.for_one:
        return [context.notice("trend_slash")]
    asked = _asked(context.arguments)
    if asked is None:
        return [context.notice("trend_how")]
    scope, days = asked
    if (await context.servers.of(context.message)).mood_memory == "off":
        return [context.notice("trend_off")]
    found = await _trend(context, store, scope, days)
    if found is None:
        return [context.notice("trend_few", n=context.facts.min_people, days=days)]
    told, picture = found
    return [Notice(_in_words(context, told, scope), "command"), _file(context, told, picture)]


def _asked(words: Sequence[str]) -> tuple[str, int] | None:
    """The scope and the days, in any order; None for what is neither, or said twice."""
    scopes = [_SCOPES[word.casefold()] for word in words if word.casefold() in _SCOPES]
    numbers = [word for word in words if word.casefold() not in _SCOPES]
    known = {str(days): days for days in DAYS}
    if len(scopes) > 1 or len(numbers) > 1 or not known.keys() >= {*numbers}:
        return None
    return (*scopes, "server")[0], known[numbers[0]] if numbers else USUAL_DAYS


async def _trend(
    context: Context, store: Store, scope: str, days: int
) -> tuple[GroupTrend, bytes] | None:
    where = context.message.scope
    today = datetime.now(UTC).date()
    first = group_trend.first_day(today, days, context.facts.keep_days)
    moods = await store.group_moods(
        where.platform,
        context.message.server,
        datetime.combine(first, time(), UTC),
        chat_id=where.chat_id if scope == "channel" else "",
    )

    def draw() -> tuple[GroupTrend, bytes] | None:
        told = group_trend.summarise(moods, today, days, context.facts.min_people)
        return None if told is None else (told, _picture(told))

    return await asyncio.to_thread(draw)


def _picture(told: GroupTrend) -> bytes:
    return charts.trend_png(told.stretches, told.first, told.last)


def _in_words(context: Context, told: GroupTrend, scope: str) -> str:
    feeling = "neutral"
    if abs(told.mean) >= NOTABLE:
        feeling = "positive" if told.mean > 0 else "negative"
    positive, neutral, negative = told.shares
    sentences = context.say(
        "trend",
        where=context.say("trend_server" if scope == "server" else "trend_channel"),
        first=told.first,
        last=told.last,
        feeling=context.say(f"feeling_{feeling}"),
        mean=told.mean,
        low=told.low,
        high=told.high,
        messages=told.messages,
        people=told.people,
        positive=positive,
        neutral=neutral,
        negative=negative,
        change=context.say(told.direction),
    )
    return f"{sentences}\n{context.say('trend_note')}"


def _file(context: Context, told: GroupTrend, picture: bytes) -> File:
    """The picture; its caption says in words what it shows."""
    means = [stretch.mean for stretch in told.stretches]
    caption = context.say(
        "trend_picture",
        first=told.first,
        last=told.last,
        begin=means[0],
        lowest=min(means),
        highest=max(means),
        end=means[-1],
    )
    return File(f"trend-{told.last}.png", picture, "image/png", caption)
