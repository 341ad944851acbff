"""What a person may ask Warmline itself: a table from name to function.

Knows: the names, which of them a platform lists, and the short answers. Does not know: platforms.
The longer answers are in `bot.mood`, `bot.consent`, `bot.privacy`, `bot.export`, `bot.erasing`
and, for those who manage a server, `bot.trend_report` and `bot.house_rules`; /stop and /retry act
on a running turn, so they are `bot.chat`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.messages import Button, Card, Notice
from bot import consent
from bot.checkin import checkin
from bot.command import Access, Answer, Command, Context, Facts
from bot.erasing import forget
from bot.export import export
from bot.house_rules import settings
from bot.mood import mood
from bot.privacy import privacy
from bot.texts.sentences import say
from bot.trend_report import trend
from storage.errors import StorageError

__all__ = ["Access", "Answer", "Command", "Context", "Facts"]

STOP, RETRY = "stop", "retry"
"""The commands that are not in the table: they need the turn that runs."""

MENU = (
    "start", "help", "mood", "memory", "checkin",
    STOP, RETRY, "language", "privacy", "export", "forget",
)  # fmt: skip
"""What a platform lists in a private chat, in this order."""

GROUP_MENU = ("help", STOP, RETRY, "language", "privacy")
"""What it lists in a group: nothing that is about one person."""

MANAGERS_MENU = ("trend", "settings")
"""For those who manage a server, and there alone."""

PRIVATE = frozenset({"mood", "memory", "checkin", "export", "forget"})
"""Answered in private only: a person's mood and files are not for a group."""

_LANGUAGES = {
    "en": "en", "english": "en", "英文": "en", "英语": "en",
    "zh": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh",
    "auto": "", "自动": "",
}  # fmt: skip

log = logging.getLogger("warmline.commands")


async def run(context: Context) -> Sequence[Answer]:
    """Answer a message that begins with a slash. Never called for STOP and RETRY."""
    name = context.name
    command = COMMANDS.get(name)
    if command is None:
        return [context.notice("unknown")]
    if name in PRIVATE and not context.message.for_one:
        return [context.notice("private_only", command=name)]
    try:
        return await command(context)
    except StorageError as error:
        log.error("/%s failed: %s", name, error)
        return [context.notice("failed")]


def menu(language: str, *, group: bool = False) -> tuple[tuple[str, str], ...]:
    """The names that a platform lists, each with its description (at most 256 characters)."""
    return tuple((name, say(language, f"menu.{name}")) for name in (GROUP_MENU if group else MENU))


async def help_(context: Context) -> Sequence[Answer]:
    """/help: what can be asked, one line a command."""
    group = not context.message.for_one
    lines = [context.say("help_group" if group else "help")]
    names = list(GROUP_MENU if group else MENU)
    if context.message.server and context.message.manages:
        names += MANAGERS_MENU
    if _is_owner(context):
        names.append("pair")
    lines += [f"/{name} – {say(context.language, f'menu.{name}')}" for name in names]
    return [Notice("\n".join(lines), "command")]


async def language(context: Context) -> Sequence[Answer]:
    """/language [en|zh|auto]: the language of answers. Said in the new one."""
    if context.facts.language != "auto":
        return [context.notice("language_fixed")]
    chosen = _LANGUAGES.get(context.choice)
    if chosen is None:
        # A language's name is its own in every language.
        named = (Button("English", "/language en"), Button("中文", "/language zh"))
        auto = Button(context.say("button_auto"), "/language auto")
        return [Card(context.say("language_ask"), (named, (auto,)))]
    if context.store is None:
        return [context.notice("not_remembered")]
    person = context.message.person
    await context.store.set_language(person.platform, person.user_id, chosen)
    heard = replace(context, language=chosen or context.language)
    return [heard.notice("language_set" if chosen else "language_auto")]


async def pair(context: Context) -> Sequence[Answer]:
    """/pair CODE: an owner lets somebody in. For anybody else there is no such command."""
    if context.access is None or not _is_owner(context):
        return [context.notice("unknown")]
    if not context.arguments:
        return [context.notice("pair_code")]
    name = await context.access.approve("".join(context.arguments))
    if name is None:
        return [context.notice("pair_unknown")]
    return [context.notice("paired", name=name)]


COMMANDS: Mapping[str, Command] = {
    "start": consent.start,
    "help": help_,
    "mood": mood,
    "memory": consent.memory,
    "checkin": checkin,
    "language": language,
    "privacy": privacy,
    "export": export,
    "forget": forget,
    "pair": pair,
    "trend": trend,
    "settings": settings,
}


def _is_owner(context: Context) -> bool:
    return context.access is not None and context.access.is_owner(context.message.person)
