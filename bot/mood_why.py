"""/mood why: the person's own messages that moved their average most, up and down.

Knows: what moving an average means. Does not know: SQL, which of them may be shown where
(`bot.own_words`).
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Notice
from bot import own_words
from bot.command import Answer, Context
from bot.own_days import OwnDays
from bot.trends import MIN_MESSAGES

if TYPE_CHECKING:
    from storage.reading import Reading
    from storage.store import Store

MOST_EACH_WAY = 3
LEAST = 0.01
"""A message whose valence is nearer to the average does not move it."""


async def why(context: Context, store: Store, days: int, own: OwnDays) -> Sequence[Answer]:
    """Up to three messages each way, with date, words, label and confidence."""
    person = context.message.person
    since = datetime.now(UTC) - timedelta(days=days)
    readings = await store.readings(person.platform, person.user_id, since)
    if len(readings) < MIN_MESSAGES:
        return [context.notice("mood_few", n=len(readings), days=days, needed=MIN_MESSAGES)]
    mean = statistics.fmean(reading.counts for reading in readings)
    shown = [one for one in readings if own_words.shown_here(context.message, one)]
    lines = [context.say("why", days=days, mean=mean, n=len(readings))]
    lines += _lines(context, shown, mean, own)
    lines.append(context.say("why_how") if len(lines) > 1 else context.say("why_none"))
    if len(shown) < len(readings):
        lines.append(context.say("why_elsewhere", n=len(readings) - len(shown)))
    return [Notice("\n".join(lines), "command")]


def movers(readings: Sequence[Reading], mean: float) -> tuple[list[Reading], list[Reading]]:
    """Those without which the average would be lower, and higher, by most; of two, the newer.

    Without a message of valence v the average of n moves by (mean - v) / (n - 1).
    """
    newest_first = sorted(readings, key=lambda one: (one.at, one.turn_id), reverse=True)
    by_valence = sorted(newest_first, key=lambda one: one.counts, reverse=True)
    up = [one for one in by_valence if one.counts > mean + LEAST]
    by_valence = sorted(newest_first, key=lambda one: one.counts)
    down = [one for one in by_valence if one.counts < mean - LEAST]
    return up[:MOST_EACH_WAY], down[:MOST_EACH_WAY]


def _lines(
    context: Context, readings: Sequence[Reading], mean: float, own: OwnDays
) -> Iterator[str]:
    for heading, moved in zip(("why_up", "why_down"), movers(readings, mean), strict=True):
        if moved:
            yield context.say(heading)
        for reading in moved:
            key = "why_corrected" if reading.corrected else "why_read"
            yield context.say(key, **own_words.facts(context, reading, own))
