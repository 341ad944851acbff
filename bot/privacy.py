"""/privacy: what is kept, where, how long, who can see it, from the facts of this installation.

Knows: which sentence is true when. Does not know: settings files, databases, what sharing is
(`bot.sharing`), nor
an alert (`bot.alert`).
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.messages import Notice
from bot import alert, sharing
from bot.command import Answer, Context
from bot.consent import standing
from bot.texts.sentences import say

_CARRIERS = {"telegram": "Telegram", "discord": "Discord"}
"""Platforms through which the words go before they reach Warmline."""

_STANDS = {
    (True, True): ("privacy_history_on", "privacy_moods_on"),
    (True, False): ("privacy_history_on", "privacy_moods_off"),
    (False, True): ("privacy_history_off", "privacy_moods_alone"),
    (False, False): ("privacy_history_off", "privacy_moods_off"),
}
"""What is said of one person's messages and moods, by which of the two are kept."""

_RULES = {
    True: ("privacy_history_unless_no", "privacy_moods_unless_no"),
    False: ("privacy_history_by_yes", "privacy_moods_by_yes"),
}
"""What is said where others listen, by whether the owner keeps them without a choice."""

_MANAGED = {"discord": "commands.privacy_servers", "telegram": "memory.privacy_groups"}
"""What is said of those who manage a group there, and of their /trend."""


async def privacy(context: Context) -> Sequence[Answer]:
    """/privacy. In a group it says nothing about one person.

    /privacy share and /privacy alert: see `bot.sharing` and `bot.alert`.
    """
    if context.choice in sharing.WORDS:
        return await sharing.sharing(context)
    if context.choice in alert.WORDS:
        return await alert.alert(context)
    facts = context.facts
    lines = await _kept(context) if context.store else [context.say("not_remembered")]
    lines.append(
        context.say("privacy_remote" if facts.remote else "privacy_local", model=facts.model)
    )
    carrier = _CARRIERS.get(context.message.scope.platform)
    if carrier:
        lines.append(context.say("privacy_platform", platform=carrier))
    if context.store:
        managed = _MANAGED.get(context.message.scope.platform)
        if managed:
            lines.append(say(context.language, managed, n=facts.min_people))
        if facts.pairing:
            lines.append(context.say("privacy_pairing"))
        lines.append(context.say("privacy_erase"))
    return [Notice("\n".join(lines), "command")]


async def _kept(context: Context) -> list[str]:
    facts, store = context.facts, context.store
    lines = [context.say("privacy_kept"), *await _by_choice(context)]
    lines += [
        say(context.language, "memory.privacy_crisis"),
        context.say("privacy_file" if facts.database == "file" else "privacy_server"),
        context.say("privacy_days", days=facts.keep_days)
        if facts.keep_days
        else context.say("privacy_forever"),
        context.say("privacy_who"),
    ]
    if store and context.message.for_one:
        told = [await sharing.shared_line(context, store), await alert.alert_line(context, store)]
        lines += filter(None, told)
    return lines


async def _by_choice(context: Context) -> list[str]:
    """The two lines about messages and moods: of this person, or the rule where others listen."""
    facts, store = context.facts, context.store
    if store is None or not context.message.for_one:
        keys = _RULES[facts.history == "on"][0], _RULES[facts.mood_memory == "on"][1]
    else:
        person = context.message.person
        now = standing(await store.preferences(person.platform, person.user_id), facts)
        keys = _STANDS[now.history, now.moods]
    lines = [say(context.language, f"memory.{key}") for key in keys]
    if context.servers and (await context.servers.of(context.message)).mood_memory == "off":
        lines[1] = context.say("settings_moods_off")
    return lines
