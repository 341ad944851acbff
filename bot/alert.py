"""/privacy alert: whether the responder is told when a person writes that they may be in danger.

Knows: the card that asks, its plain words, how it stands. Does not know: when somebody is told
(`bot.responder`), who keeps the yes. It is the person's own, in private, and off until they say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.messages import Button, Card, Notice
from bot.command import Answer, Context
from bot.texts.sentences import say

if TYPE_CHECKING:
    from storage.store import Store

WORDS = ("alert", "提醒")

_ON, _OFF = ("on", "开", "打开", "开启"), ("off", "no", "关", "关闭", "取消", "否")
_YES = ("yes", "是")

YES, NO = "/privacy alert on yes", "/privacy alert off"


async def alert(context: Context) -> Sequence[Answer]:
    """/privacy alert [on [yes] | off]: how it stands, the question, the yes, the no."""
    store = context.store
    if store is None:
        return [context.notice("not_remembered")]
    if not context.message.for_one:
        return [context.notice("private_only", command="privacy alert")]
    words = tuple(word.casefold() for word in context.arguments[1:])
    return [await _answered(context, store, words)]


async def alert_line(context: Context, store: Store) -> str:
    """For /privacy in private: how it stands; "" where nobody could be told of this person."""
    if await _none(context, store):
        return ""
    return _say(context, "on" if await _is_on(context, store) else "hint")


async def _answered(context: Context, store: Store, words: Sequence[str]) -> Answer:
    person = context.message.person
    if len(words) == 1 and words[0] in _OFF:
        await store.end_alert(person.platform, person.user_id)
        return _notice(context, "off")
    none = await _none(context, store)
    if none:
        return _notice(context, none)
    responder = context.facts.responder
    if responder and len(words) == 2 and words[0] in _ON and words[1] in _YES:
        await store.allow_alert(person.platform, person.user_id, *responder)
        return _notice(context, "done")
    return await _shown(context, store)


async def _shown(context: Context, store: Store) -> Card:
    """How it stands, or the question. What its buttons say can be typed as well."""
    if await _is_on(context, store):
        off = Button(_say(context, "button_off"), NO)
        return Card(_say(context, "on"), ((off,),))
    person = context.message.person
    before = await store.alert_to(person.platform, person.user_id)
    parts = [_say(context, "ask")]
    if before:  # a yes is to one responder
        parts.insert(0, _say(context, "another"))
    yes, no = Button(_say(context, "button_yes"), YES), Button(_say(context, "button_no"), NO)
    return Card("\n\n".join(parts), ((yes, no),))


async def _is_on(context: Context, store: Store) -> bool:
    person, responder = context.message.person, context.facts.responder
    allowed = await store.alert_to(person.platform, person.user_id)
    return responder is not None and allowed == responder


async def _none(context: Context, store: Store) -> str:
    """Which sentence says that nobody can be told of this person; "" where somebody can."""
    person, responder = context.message.person, context.facts.responder
    if responder == (person.platform, person.user_id):
        return "yourself"
    if responder is None or not await store.is_known(*responder):
        return "none"
    return ""


def _notice(context: Context, key: str) -> Notice:
    return Notice(_say(context, key), "command")


def _say(context: Context, key: str) -> str:
    return say(context.language, f"alert.{key}")
