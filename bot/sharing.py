"""/privacy share and /privacy unshare: whom a person lets see the average of their moods.

Knows: how that somebody is named, the card that asks once, the words. Does not know: what they see
(`bot.person_trend`), who keeps grants. Nobody can be given what is another's: it is always the
person who writes that shares, in private.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.messages import Button, Card, Notice
from bot.command import Answer, Context
from bot.texts.sentences import say

if TYPE_CHECKING:
    from storage.records import Named
    from storage.store import Store

Grantee = tuple[str, str]
"""A platform and a user id there; or OWNER."""

OWNER: Grantee = ("owner", "")
"""Whoever runs this installation."""

_SHARE, _UNSHARE = ("share", "分享"), ("unshare", "取消分享")
WORDS = (*_SHARE, *_UNSHARE)

_OWNERS = ("owner", "主人")
_YES, _NO, _ALL = ("yes", "是"), ("no", "否"), ("all", "全部")

PLATFORMS = ("telegram", "discord")
"""Where an id is one person's: at the console and over HTTP anybody may give any name."""

_NAMED = re.compile(rf"({'|'.join(PLATFORMS)}):([0-9]{{1,20}})")
_MENTION = re.compile(r"<@!?([0-9]{1,20})>")


async def sharing(context: Context) -> Sequence[Answer]:
    """/privacy share [owner|platform:id [yes]], /privacy unshare owner|platform:id|all."""
    store = context.store
    if store is None:
        return [context.notice("not_remembered")]
    if not context.message.for_one:
        return [context.notice("private_only", command="privacy share")]
    words = [word.casefold() for word in context.arguments[1:]]
    if not words:
        return [await _shown(context, store)]
    if context.choice in _UNSHARE:
        return [await _unshare(context, store, words)]
    return [await _share(context, store, words)]


def grantee_of(word: str, platform: str) -> Grantee | None:
    """Who is meant, as typed on that platform; None for what names nobody."""
    if word.casefold() in _OWNERS:
        return OWNER
    mentioned = _MENTION.fullmatch(word) if platform == "discord" else None
    if mentioned:
        return "discord", mentioned[1]
    found = _NAMED.fullmatch(word.casefold())
    return (found[1], found[2]) if found else None


def called(who: Grantee, name: str = "") -> str:
    """An id as it is typed, and in brackets what they call themselves."""
    typed = who[0] if who == OWNER else f"{who[0]}:{who[1]}"
    return f"{typed} ({name})" if name else typed


async def shared_line(context: Context, store: Store) -> str:
    """For /privacy in private: whom the person lets see, or that they could."""
    person = context.message.person
    grants = await store.grants_of(person.platform, person.user_id)
    if not grants:
        return _say(context, "hint")
    return _say(context, "shared", who=_names(context, grants))


async def _shown(context: Context, store: Store) -> Notice:
    """Who may see, what that is, and how it is changed."""
    person = context.message.person
    grants = await store.grants_of(person.platform, person.user_id)
    begin = (
        _say(context, "shared", who=_names(context, grants)) if grants else _say(context, "none")
    )
    return _notice("\n".join([begin, _say(context, "what"), _how(context)]))


async def _share(context: Context, store: Store, words: Sequence[str]) -> Answer:
    if len(words) == 1 and words[0] in _NO:
        return _notice(_say(context, "kept"))
    who, agreed = _who(context, words[0]), words[1:]
    if who is None or len(agreed) > 1 or (agreed and agreed[0] not in _YES):
        return _notice(_how(context))
    person = context.message.person
    if not agreed:
        return _question(context, who)
    await store.grant(person.platform, person.user_id, *who)
    return _notice(_say(context, "done", who=_name(context, who), command=called(who)))


async def _unshare(context: Context, store: Store, words: Sequence[str]) -> Answer:
    person = context.message.person
    if len(words) == 1 and words[0] in _ALL:
        ended = await store.revoke_all(person.platform, person.user_id)
        return _notice(_say(context, "ended_all" if ended else "none"))
    who = _who(context, words[0])
    if who is None or len(words) > 1:
        return _notice(_how(context))
    ended_one = await store.revoke(person.platform, person.user_id, *who)
    return _notice(_say(context, "ended" if ended_one else "not_shared", who=_name(context, who)))


def _who(context: Context, word: str) -> Grantee | None:
    """Who is meant; nobody shares with themselves."""
    person = context.message.person
    who = grantee_of(word, context.message.scope.platform)
    return None if who == (person.platform, person.user_id) else who


def _question(context: Context, who: Grantee) -> Card:
    """Asks once. What its buttons say can be typed as well."""
    asked = _say(context, "ask", who=_name(context, who), command=called(who))
    yes = Button(_say(context, "button_yes"), f"/privacy share {called(who)} yes")
    no = Button(_say(context, "button_no"), "/privacy share no")
    return Card(f"{asked}\n{_say(context, 'what')}", ((yes, no),))


def _names(context: Context, grants: Sequence[Named]) -> str:
    return ", ".join(_name(context, (one.platform, one.user_id), one.name) for one in grants)


def _name(context: Context, who: Grantee, name: str = "") -> str:
    return _say(context, "owner") if who == OWNER else called(who, name)


def _how(context: Context) -> str:
    discord = context.message.scope.platform == "discord"
    return _say(context, "how_discord" if discord else "how")


def _notice(words: str) -> Notice:
    return Notice(words, "command")


def _say(context: Context, key: str, **fields: object) -> str:
    return say(context.language, f"share.{key}", **fields)
