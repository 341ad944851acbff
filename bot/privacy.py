"""/privacy: what is kept, where, how long, who can see it, from the facts of this installation.

Knows: which sentence is true when. Does not know: settings files, databases.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.messages import Notice
from bot.command import Answer, Context
from bot.consent import remembers

_CARRIERS = {"telegram": "Telegram", "discord": "Discord"}
"""Platforms through which the words go before they reach Warmline."""

_WITH_SERVERS = ("discord",)
"""Platforms on which groups have people who manage them, and /trend."""


async def privacy(context: Context) -> Sequence[Answer]:
    """/privacy. In a group it says nothing about one person."""
    lines = await _memory(context) if context.store else [context.say("not_remembered")]
    lines.append(
        context.say(
            "privacy_remote" if context.facts.remote else "privacy_local", model=context.facts.model
        )
    )
    carrier = _CARRIERS.get(context.message.scope.platform)
    if carrier:
        lines.append(context.say("privacy_platform", platform=carrier))
    if context.store and context.message.scope.platform in _WITH_SERVERS:
        lines.append(context.say("privacy_servers", n=context.facts.min_people))
    if context.store and context.facts.pairing:
        lines.append(context.say("privacy_pairing"))
    if context.store:
        lines.append(context.say("privacy_erase"))
    return [Notice("\n".join(lines), "command")]


async def _memory(context: Context) -> list[str]:
    facts = context.facts
    return [
        context.say("privacy_kept"),
        context.say(await _mood(context)),
        context.say("privacy_file" if facts.database == "file" else "privacy_server"),
        context.say("privacy_days", days=facts.keep_days)
        if facts.keep_days
        else context.say("privacy_forever"),
        context.say("privacy_who"),
    ]


async def _mood(context: Context) -> str:
    setting = context.facts.mood_memory
    if context.store is None or not context.message.for_one:
        return "privacy_mood_unless_no" if setting == "on" else "privacy_mood_by_yes"
    person = context.message.person
    chosen = await context.store.mood_memory(person.platform, person.user_id)
    return "privacy_mood_on" if remembers(chosen, setting) else "privacy_mood_off"
