"""Whether a person's moods are remembered: the first card, the choice, and its change.

Knows: the owner's setting ("ask", "on", "off") and the person's own choice ("", "on", "off"),
which comes before it. Does not know: who keeps the choice, or how a mood is read.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.messages import Button, Card, Notice
from bot.command import Answer, Context
from bot.texts.sentences import say

ON, OFF = "/memory on", "/memory off"


def remembers(chosen: str, setting: str) -> bool:
    """Whether labels are stored: the person's choice, or the owner's setting without one."""
    return (chosen or setting) == "on"


def asks(chosen: str, setting: str) -> bool:
    """Whether the person is still to be asked."""
    return not chosen and setting == "ask"


def question(language: str, before: str = "") -> Card:
    """The card that asks, with its two buttons; `before` is said above the question."""
    asked = say(language, "commands.memory_ask")
    yes = Button(say(language, "commands.button_yes"), ON)
    no = Button(say(language, "commands.button_no"), OFF)
    return Card(f"{before}\n\n{asked}" if before else asked, ((yes, no),))


async def start(context: Context) -> Sequence[Answer]:
    """/start: what this is, that it is an AI, what is kept; and the question, if it is open."""
    if not context.message.for_one:
        return [Notice(say(context.language, "telegram.group_hello"), "command")]
    hello = context.say("start")
    if context.store is None:
        return [Notice(f"{hello}\n\n{context.say('not_remembered')}", "command")]
    hello = f"{hello}\n\n{context.say('start_kept')}"
    person = context.message.person
    chosen = await context.store.mood_memory(person.platform, person.user_id)
    setting = context.facts.mood_memory
    await context.store.set_carded(person.platform, person.user_id)
    if asks(chosen, setting):
        return [question(context.language, hello)]
    state = "memory_on" if remembers(chosen, setting) else "memory_off"
    return [Notice(f"{hello}\n\n{context.say(state)}", "command")]


async def memory(context: Context) -> Sequence[Answer]:
    """/memory [on|off]: the choice, or how it stands."""
    if context.store is None:
        return [context.notice("not_remembered")]
    person = context.message.person
    if context.choice in ("on", "off"):
        await context.store.set_mood_memory(person.platform, person.user_id, context.choice)
        turned_on = context.choice == "on"
        return [context.notice("memory_turned_on" if turned_on else "memory_turned_off")]
    chosen = await context.store.mood_memory(person.platform, person.user_id)
    if asks(chosen, context.facts.mood_memory):
        return [question(context.language)]
    if remembers(chosen, context.facts.mood_memory):
        end = Button(context.say("button_off"), OFF)
        return [Card(context.say("memory_on"), ((end,),))]
    return [Card(context.say("memory_off"), ((_begin(context),),))]


def no_mood(context: Context, chosen: str) -> Card:
    """What /mood shows where moods are not remembered: that, and the way to change it."""
    if asks(chosen, context.facts.mood_memory):
        return question(context.language, context.say("mood_none"))
    return Card(f"{context.say('mood_none')}\n{context.say('memory_off')}", ((_begin(context),),))


def _begin(context: Context) -> Button:
    return Button(context.say("button_on"), ON)
