"""/checkin: a person asks to be asked once a day how they are; when that is, and its end.

Knows: what may stand after /checkin, which times are for sleeping. Does not know: who sends it
(`bot.reaching_out`), how a time is typed (`bot.clock_words`), how a day's times are found
(`bot.day_clock`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Button, Card, Notice
from bot import clock_words
from bot.command import Answer, Context
from bot.day_clock import at_night, begin_of, day_of, in_words, next_time
from bot.servers import zone_name
from bot.texts.sentences import LANGUAGES, say

if TYPE_CHECKING:
    from storage.reaching_records import CheckIn
    from storage.store import Store

REACHED = ("telegram", "discord")
"""Platforms on which somebody can be written to first."""

_OFF = ("off", "stop", "end", "no", "关", "关闭", "停", "停止", "取消", "结束")
_TIMES = ("09:00", "12:30", "18:00", "20:00")
"""Offered to press. Any other can be typed."""

_A_ROW = 2


async def checkin(context: Context) -> Sequence[Answer]:
    """/checkin [daily TIME [ZONE] | ZONE | off]: from when on, or how it stands, or no more."""
    store = context.store
    if store is None:
        return [context.notice("not_remembered")]
    if context.message.person.platform not in REACHED:
        return [_notice(context, "unreachable")]
    person = context.message.person
    now = await store.checkin(person.platform, person.user_id)
    if not context.arguments:
        return [_shown(context, now)]
    if context.choice in _OFF:
        ended = await store.end_checkin(person.platform, person.user_id)
        return [_notice(context, "off" if ended else "none")]
    return [await _asked(context, store, now)]


async def _asked(context: Context, store: Store, now: CheckIn | None) -> Answer:
    minute, named = clock_words.read(" ".join(context.arguments))
    zone = _zone(named)
    if minute is None:
        if not zone or now is None:
            return _notice(context, "time_unknown")
        minute = now.minute  # the zone alone: the time stays
    time = in_words(minute)
    if at_night(minute):
        return _times(context, _say(context, "night", time=time))
    if zone is None:
        return _zones(context, time, _say(context, "zone_unknown"))
    person = context.message.person
    if not zone:
        chosen = await store.preferences(person.platform, person.user_id)
        zone = chosen.zone
    if not zone:
        return _zones(context, time, _say(context, "zone_ask", time=time))
    if named:
        await store.set_zone(person.platform, person.user_id, zone)
    return await _set(context, store, now, minute, zone)


async def _set(
    context: Context, store: Store, now: CheckIn | None, minute: int, zone: str
) -> Notice:
    message, at = context.message, datetime.now(UTC)
    next_at = next_time(minute, zone, max(at, _not_before(now, zone)))
    await store.set_checkin(
        message.person.platform,
        message.person.user_id,
        message.scope.chat_id,
        message.scope.thread_id,
        minute,
        zone,
        next_at,
        context.language,
    )
    day = _day(context, next_at, at, zone)
    return _notice(context, "set", time=in_words(minute), zone=zone, day=day)


def _not_before(now: CheckIn | None, zone: str) -> datetime:
    """One that was sent today is the only one today, also at another time."""
    if now is None:
        return datetime.min.replace(tzinfo=UTC)
    return begin_of(day_of(now.next_at, zone), zone) - timedelta(seconds=1)


def _shown(context: Context, now: CheckIn | None) -> Card:
    if now is None:
        return _times(context, _say(context, "how"))
    day = _day(context, now.next_at, datetime.now(UTC), now.zone)
    text = _say(context, "on", time=in_words(now.minute), zone=now.zone, day=day)
    return Card(text, ((Button(_say(context, "button_off"), "/checkin off"),),))


def _times(context: Context, text: str) -> Card:
    """The sentence, over times to press; a zone that was typed is asked for again, or known."""
    return Card(text, _rows([Button(time, f"/checkin daily {time}") for time in _TIMES]))


def _zones(context: Context, time: str, text: str) -> Card:
    """The sentence, how to type a zone, and those that many people who read this live in."""
    how = _say(context, "zone_how", time=time)
    known = _known_zones(context.language)
    buttons = [Button(label, f"/checkin daily {time} {zone}") for label, zone in known]
    return Card(f"{text} {how}", _rows(buttons))


def _rows(buttons: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(buttons[n : n + _A_ROW]) for n in range(0, len(buttons), _A_ROW))


def _zone(named: str) -> str | None:
    """The zone that was typed, also as a button calls it; "" for none, None for an unknown one."""
    if not named:
        return ""
    for language in LANGUAGES:
        for label, zone in _known_zones(language):
            if label.casefold() == named.casefold():
                return zone
    try:
        return zone_name(named.replace(" ", ""))
    except ValueError:
        return None


def _known_zones(language: str) -> list[tuple[str, str]]:
    listed = say(language, "checkin.zones").split(", ")
    return [(label, zone) for label, _, zone in (one.rpartition(" ") for one in listed)]


def _day(context: Context, at: datetime, now: datetime, zone: str) -> str:
    ahead = (day_of(at, zone) - day_of(now, zone)).days
    if ahead > 1:
        return f"{day_of(at, zone):%Y-%m-%d}"
    return _say(context, "tomorrow" if ahead else "today")


def _say(context: Context, key: str, **fields: object) -> str:
    return say(context.language, f"checkin.{key}", **fields)


def _notice(context: Context, key: str, **fields: object) -> Notice:
    return Notice(_say(context, key, **fields), "command")
