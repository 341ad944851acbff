"""/settings: those who manage a server say where and when Warmline answers there, and its moods.

Knows: how each setting is typed, and the words for it. Does not know: what a setting does
(`bot.servers`), how a platform asks for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import time

from adapters.messages import Notice
from bot.command import Answer, Context
from bot.servers import QuietHours, ServerSettings, zone_name

MOST_CHANNELS = 50
"""More would not fit into one answer."""

Change = Callable[[ServerSettings], ServerSettings]

_SUBJECTS = {
    "channels": "channels", "channel": "channels", "频道": "channels",
    "moods": "moods", "mood": "moods", "心情": "moods",
    "quiet": "quiet", "安静": "quiet", "安静时间": "quiet",
}  # fmt: skip
_EVERYWHERE = ("all", "everywhere", "全部", "所有")
_OFF = ("off", "关", "关闭")
_ON = ("on", "开", "打开")
_CHANNEL = re.compile(r"<#([0-9]{1,20})>|([0-9]{1,20})")
_HOURS = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))? ?- ?([0-9]{1,2})(?::([0-9]{2}))? (\S+)")
_DASHES = str.maketrans("–—−~〜", "-----")


class _Unclear(Exception):
    """What was typed cannot be read; `key` names the sentence that says how to."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


async def settings(context: Context) -> Sequence[Answer]:
    """/settings [channels … | moods … | quiet …]: all that is set, or what is to be from now on."""
    refused = not_for(context)
    if refused or context.servers is None:
        return [refused or context.notice("not_remembered")]
    if not context.arguments:
        return [Notice(_all(context, await context.servers.of(context.message)), "command")]
    try:
        wanted = _wanted(context.arguments)
    except _Unclear as error:
        return [context.notice(error.key)]

    def change(now: ServerSettings) -> ServerSettings:
        for one in wanted.values():
            now = one(now)
        return now

    changed = await context.servers.change(context.message, change)
    lines = [_LINES[subject](context, changed) for subject in wanted]
    return [Notice("\n".join([context.say("settings_done"), *lines]), "command")]


def not_for(context: Context) -> Notice | None:
    """What those hear who do not manage a server, or ask elsewhere; None for whoever may ask."""
    if not context.message.server:
        return context.notice("server_only" if context.message.private else "settings_elsewhere")
    if not context.message.manages:
        return context.notice("managers_only")
    return None if context.store else context.notice("not_remembered")


def _wanted(words: Sequence[str]) -> Mapping[str, Change]:
    """The changes by what they are about: one command may say several."""
    said: dict[str, list[str]] = {}
    about: list[str] | None = None
    for word in words:
        subject = _SUBJECTS.get(word.casefold())
        if subject:
            about = said[subject] = []
        elif about is None:
            raise _Unclear("settings_unknown")
        else:
            about.append(unicodedata.normalize("NFKC", word))
    return {subject: _READERS[subject](given) for subject, given in said.items()}


def _channels(words: Sequence[str]) -> Change:
    given = [word for word in re.split(r"[\s,、]+", " ".join(words).replace("><", "> <")) if word]
    if len(given) == 1 and given[0].casefold() in _EVERYWHERE:
        return lambda now: replace(now, channels=())
    found = [_CHANNEL.fullmatch(word) for word in given]
    channels = tuple(dict.fromkeys(match[1] or match[2] for match in found if match))
    if not found or None in found:
        raise _Unclear("settings_channels_how")
    if len(channels) > MOST_CHANNELS:
        raise _Unclear("settings_channels_many")
    return lambda now: replace(now, channels=channels)


def _moods(words: Sequence[str]) -> Change:
    given = " ".join(words).casefold()
    if given in _ON:
        return lambda now: replace(now, mood_memory="")
    if given in _OFF:
        return lambda now: replace(now, mood_memory="off")
    raise _Unclear("settings_moods_how")


def _quiet(words: Sequence[str]) -> Change:
    given = " ".join(words).translate(_DASHES)
    if given.casefold() in _OFF:
        return lambda now: replace(now, quiet=None)
    hours = _HOURS.fullmatch(given)
    if not hours:
        raise _Unclear("settings_quiet_how")
    try:
        start, end = _time(hours[1], hours[2]), _time(hours[3], hours[4])
    except ValueError:
        raise _Unclear("settings_quiet_how") from None
    if start == end:
        raise _Unclear("settings_quiet_same")
    try:
        quiet = QuietHours(start, end, zone_name(hours[5]))
    except ValueError:
        raise _Unclear("settings_zone") from None
    return lambda now: replace(now, quiet=quiet)


def _time(hour: str, minute: str | None) -> time:
    at = (int(hour), int(minute or 0))
    return time() if at == (24, 0) else time(*at)


_READERS: Mapping[str, Callable[[Sequence[str]], Change]] = {
    "channels": _channels,
    "moods": _moods,
    "quiet": _quiet,
}


def _all(context: Context, now: ServerSettings) -> str:
    lines = [context.say("settings"), *(line(context, now) for line in _LINES.values())]
    return "\n".join([*lines, context.say("settings_how")])


def _channels_line(context: Context, now: ServerSettings) -> str:
    if not now.channels:
        return context.say("settings_everywhere")
    return context.say("settings_channels", channels=" ".join(f"<#{c}>" for c in now.channels))


def _moods_line(context: Context, now: ServerSettings) -> str:
    return context.say("settings_moods_off" if now.mood_memory == "off" else "settings_moods_on")


def _quiet_line(context: Context, now: ServerSettings) -> str:
    if not now.quiet:
        return context.say("settings_never_quiet")
    start, end = f"{now.quiet.start:%H:%M}", f"{now.quiet.end:%H:%M}"
    return context.say("settings_quiet", start=start, end=end, zone=now.quiet.zone)


_LINES: Mapping[str, Callable[[Context, ServerSettings], str]] = {
    "channels": _channels_line,
    "moods": _moods_line,
    "quiet": _quiet_line,
}
