"""What a person lets be remembered, messages and moods: the first card, the choices, their change.

Knows: the owner's two settings ("ask", "on", "off") and the person's own two choices ("", "on",
"off"), which come before them; the sentences about both. Does not know: who keeps a choice, how a
mood is read, how messages end (`bot.retention`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.messages import Button, Card, Notice
from bot.command import Answer, Context, Facts
from bot.texts.sentences import say
from storage.records import Preferences

_WHAT = {
    "history": "history", "messages": "history", "消息": "history",
    "moods": "moods", "mood": "moods", "心情": "moods",
}  # fmt: skip
_TURNED = {
    ("history", "on"): "history_turned_on",
    ("history", "off"): "history_turned_off",
    ("moods", "on"): "moods_turned_on",
    ("moods", "off"): "moods_turned_off",
}
_BUTTONS = {
    ("history", "on"): "button_history_on",
    ("history", "off"): "button_history_off",
    ("moods", "on"): "button_moods_on",
    ("moods", "off"): "button_moods_off",
}


def remembers(chosen: str, setting: str) -> bool:
    """Whether something is kept: the person's choice, or the owner's setting without one."""
    return (chosen or setting) == "on"


def asks(chosen: str, setting: str) -> bool:
    """Whether the person is still to be asked."""
    return not chosen and setting == "ask"


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one person: what is kept, and what they are still to be asked."""

    history: bool
    moods: bool
    asks_history: bool
    asks_moods: bool

    @property
    def open(self) -> bool:
        """Whether there is anything to ask."""
        return self.asks_history or self.asks_moods


def standing(chosen: Preferences, facts: Facts) -> Standing:
    """How it stands with a person who chose that, on this installation."""
    return Standing(
        history=remembers(chosen.history, facts.history),
        moods=remembers(chosen.mood_memory, facts.mood_memory),
        asks_history=asks(chosen.history, facts.history),
        asks_moods=asks(chosen.mood_memory, facts.mood_memory),
    )


def untold(chosen: Preferences) -> bool:
    """Whether the card is still to be shown: once, to whoever has not chosen both of their own."""
    return not chosen.carded and not (chosen.history and chosen.mood_memory)


def card(language: str, chosen: Preferences, facts: Facts, before: str = "") -> Card:
    """What is kept, as it stands: the open question with its two buttons, or only told.

    `before` is said first; without it, that this is an AI.
    """
    now = standing(chosen, facts)
    parts = [before or say(language, "memory.ai")]
    if not now.open:
        parts += [*_states(language, now, facts), say(language, "memory.more")]
        return Card("\n\n".join(parts), _changes(language, now))
    if not now.asks_history:
        parts.append(_history(language, now, facts))
    if not now.asks_moods:
        parts.append(_moods(language, now))
    asked, command = _question(now)
    parts.append(say(language, f"memory.{asked}", long=_long(language, facts)))
    yes = Button(say(language, "memory.button_yes"), f"{command} on")
    no = Button(say(language, "memory.button_no"), f"{command} off")
    return Card("\n\n".join(parts), ((yes, no),))


async def start(context: Context) -> Sequence[Answer]:
    """/start: what this is, that it is an AI, what is kept; and the question, if it is open."""
    if not context.message.for_one:
        return [Notice(say(context.language, "telegram.group_hello"), "command")]
    hello = context.say("start")
    if context.store is None:
        return [Notice(f"{hello}\n\n{context.say('not_remembered')}", "command")]
    person = context.message.person
    chosen = await context.store.preferences(person.platform, person.user_id)
    await context.store.set_carded(person.platform, person.user_id)
    hello = f"{hello}\n\n{context.say('start_kept')}"
    now = standing(chosen, context.facts)
    if now.open:
        return [card(context.language, chosen, context.facts, hello)]
    states = _states(context.language, now, context.facts)
    return [Notice("\n\n".join((hello, *states)), "command")]


async def memory(context: Context) -> Sequence[Answer]:
    """/memory [history|moods] [on|off], in any order: a choice, both together, or how it stands."""
    if context.store is None:
        return [context.notice("not_remembered")]
    words = [word.casefold() for word in context.arguments]
    choice = next((word for word in words if word in ("on", "off")), "")
    named = {_WHAT[word] for word in words if word in _WHAT} or {*_WHAT.values()}
    if choice:
        return await _chosen(context, choice, named)
    person = context.message.person
    chosen = await context.store.preferences(person.platform, person.user_id)
    now = standing(chosen, context.facts)
    if now.open:
        return [card(context.language, chosen, context.facts)]
    states = _states(context.language, now, context.facts)
    return [Card("\n\n".join(states), _changes(context.language, now))]


async def moods(context: Context, choice: str) -> Sequence[Answer]:
    """/mood on|off: the choice about moods alone."""
    return await _chosen(context, choice, {"moods"})


def no_mood(context: Context, chosen: Preferences) -> Card:
    """What /mood shows where moods are not remembered: that, and the way to change it."""
    if standing(chosen, context.facts).asks_moods:
        return card(context.language, chosen, context.facts, context.say("mood_none"))
    off = say(context.language, "memory.moods_off")
    button = _change(context.language, "moods", now_on=False)
    return Card(f"{context.say('mood_none')}\n{off}", ((button,),))


async def _chosen(context: Context, choice: str, named: set[str]) -> Sequence[Answer]:
    store, person = context.store, context.message.person
    if store is None:
        return [context.notice("not_remembered")]
    if "history" in named:
        await store.set_history(person.platform, person.user_id, choice)
    if "moods" in named:
        await store.set_mood_memory(person.platform, person.user_id, choice)
    if len(named) > 1:
        return [Notice(say(context.language, f"memory.turned_{choice}"), "command")]
    (one,) = named
    told = [say(context.language, f"memory.{_TURNED[one, choice]}")]
    now = standing(await store.preferences(person.platform, person.user_id), context.facts)
    # Whoever changes one is told of the other, lest they take one for both.
    if one == "moods":
        told.append(_history(context.language, now, context.facts))
    else:
        told.append(_moods(context.language, now))
    return [Notice("\n\n".join(told), "command")]


def _question(now: Standing) -> tuple[str, str]:
    """Which question is open, and which command answers it."""
    if now.asks_history and now.asks_moods:
        return "ask", "/memory"
    return (
        ("ask_history", "/memory history") if now.asks_history else ("ask_moods", "/memory moods")
    )


def _states(language: str, now: Standing, facts: Facts) -> tuple[str, str]:
    return _history(language, now, facts), _moods(language, now)


def _history(language: str, now: Standing, facts: Facts) -> str:
    if not now.history:
        return say(language, "memory.history_off")
    if facts.keep_days:
        return say(language, "memory.history_on_days", days=facts.keep_days)
    return say(language, "memory.history_on")


def _moods(language: str, now: Standing) -> str:
    return say(language, "memory.moods_on" if now.moods else "memory.moods_off")


def _long(language: str, facts: Facts) -> str:
    """For how long messages would be kept, as the question says it."""
    if facts.keep_days:
        return say(language, "memory.long_days", days=facts.keep_days)
    return say(language, "memory.long")


def _changes(language: str, now: Standing) -> tuple[tuple[Button, ...], ...]:
    history = _change(language, "history", now_on=now.history)
    return ((history, _change(language, "moods", now_on=now.moods)),)


def _change(language: str, what: str, *, now_on: bool) -> Button:
    to = "off" if now_on else "on"
    return Button(say(language, f"memory.{_BUTTONS[what, to]}"), f"/memory {what} {to}")
