"""/trend person: how one person has felt, for whoever that person lets see it.

Knows: whose grant is needed, that the person is told, the words. Does not know: how a grant is
given (`bot.sharing`), how the person is told (`bot.reaching_out`), trend mathematics. What is shown
is what a grant says: an average and its change, never a message, nor what the person set right.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Notice
from bot.access import named
from bot.command import Answer, Context
from bot.sharing import OWNER, PLATFORMS, Grantee, called, grantee_of
from bot.texts.sentences import say
from bot.trend_words import feeling
from bot.trends import MIN_MESSAGES, Trend, summarise

if TYPE_CHECKING:
    from storage.records import Named
    from storage.store import Store

DAYS = 30
"""What a grant is for: the card that asks for it says so."""

WORDS = ("person", "个人")


async def person(context: Context) -> Sequence[Answer]:
    """/trend person: who lets the asker see theirs. /trend person telegram:123: that one's."""
    store = context.store
    if store is None:
        return [context.notice("not_remembered")]
    if not context.message.for_one:
        return [context.notice("private_only", command="trend person")]
    if not _asking(context):
        return [_say(context, "person_not_here")]
    asked = context.arguments[1:]
    if not asked:
        return [_told(context, await _everybody(context, store))]
    who = grantee_of(asked[0], context.message.scope.platform)
    if len(asked) > 1 or who is None or who == OWNER:
        return [_say(context, "person_how")]
    if not await _granted(context, store, who):
        return [_say(context, "person_closed", person=called(who), me=_me(context))]
    trend = await look(store, named(context.message.person), *who)
    if trend is None:
        return [_say(context, "person_few", person=called(who), days=DAYS, needed=MIN_MESSAGES)]
    return [Notice(in_words(trend, called(who), context.language), "command")]


async def is_granted(store: Store, who: Grantee, to: Grantee) -> bool:
    """Whether a person lets another, or the owners, see their average now."""
    grants = await store.grants_of(*who)
    return to in {(one.platform, one.user_id) for one in grants}


async def look(
    store: Store, by: str, platform: str, user_id: str, *, now: datetime | None = None
) -> Trend | None:
    """The person's trend, None where there is too little; noted first, and the person is told.

    `by` is who looks, as the list of looks has it. Somebody who does not let moods be kept now has
    no trend, whatever was kept before.
    """
    at = now or datetime.now(UTC)
    await store.note_look(by, f"person {DAYS}", f"{platform}:{user_id}", platform, user_id)
    if await store.mood_memory(platform, user_id) == "off":
        return None
    moods = await store.moods(platform, user_id, at - timedelta(days=DAYS))
    return summarise([(mood.at, mood.valence) for mood in moods], at, DAYS)


def in_words(trend: Trend, name: str, language: str) -> str:
    """Two sentences about the trend, and that the person is told."""
    return say(
        language,
        "share.person",
        person=name,
        days=trend.days,
        feeling=feeling(trend.mean, language),
        mean=trend.mean,
        low=trend.low,
        high=trend.high,
        change=say(language, f"commands.{trend.direction}"),
    )


async def _granted(context: Context, store: Store, who: Grantee) -> bool:
    return any([await is_granted(store, who, to) for to in _asking(context)])


async def _everybody(context: Context, store: Store) -> list[Named]:
    found = [one for to in _asking(context) for one in await store.granted_to(*to)]
    return list(dict.fromkeys(found))


def _asking(context: Context) -> list[Grantee]:
    """As whom the asker may look: as themselves, where that is sure, and as an owner who is one."""
    asker = context.message.person
    owns = context.access is not None and context.access.is_owner(asker)
    itself = [(asker.platform, asker.user_id)] if asker.platform in PLATFORMS else []
    return [*itself, *([OWNER] if owns else [])]


def _me(context: Context) -> str:
    """What somebody types who shares with the asker."""
    return called(_asking(context)[0])


def _told(context: Context, shared: Sequence[Named]) -> Notice:
    if not shared:
        return _say(context, "person_nobody", me=_me(context))
    names = [called((one.platform, one.user_id), one.name) for one in shared]
    return _say(context, "person_list", people=", ".join(names))


def _say(context: Context, key: str, **fields: object) -> Notice:
    return Notice(say(context.language, f"share.{key}", **fields), "command")
