"""A group's trend in words and as a picture, wherever it is told.

Knows: the sentences, and the picture's words for who cannot see it. Does not know: who asks, of
which group.
"""

from __future__ import annotations

from bot import charts
from bot.group_trend import GroupTrend
from bot.texts.sentences import say
from bot.trends import feeling_of


def feeling(mean: float, language: str) -> str:
    """The word for a mean, as people read it."""
    return say(language, f"commands.feeling_{feeling_of(mean)}")


def trend_words(told: GroupTrend, where: str, language: str) -> str:
    """The trend in sentences, and how sure they are. `where` begins them."""
    positive, neutral, negative = told.shares
    sentences = say(
        language,
        "commands.trend",
        where=where,
        first=told.first,
        last=told.last,
        feeling=feeling(told.mean, language),
        mean=told.mean,
        low=told.low,
        high=told.high,
        messages=told.messages,
        people=told.people,
        positive=positive,
        neutral=neutral,
        negative=negative,
        change=say(language, f"commands.{told.direction}"),
    )
    return f"{sentences}\n{say(language, 'commands.trend_note')}"


def picture(told: GroupTrend) -> bytes:
    """The trend as a PNG; not for the event loop."""
    return charts.trend_png(told.stretches, told.first, told.last)


def picture_words(told: GroupTrend, language: str) -> str:
    """What the picture shows, at most 200 characters."""
    means = [stretch.mean for stretch in told.stretches]
    return say(
        language,
        "commands.trend_picture",
        first=told.first,
        last=told.last,
        begin=means[0],
        lowest=min(means),
        highest=max(means),
        end=means[-1],
    )
