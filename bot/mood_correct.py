"""/mood correct: a person says how a message of theirs was meant.

Knows: the card and its buttons, how such a word counts. Does not know: SQL, where it counts
(`bot.mood`, `bot.record`). The model's label stays beside it: trends that others may ask for rest
on that one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from adapters.messages import Button, Card
from bot import own_words
from bot.command import Answer, Context
from bot.own_days import OwnDays

if TYPE_CHECKING:
    from storage.reading import Reading
    from storage.store import Store

MEANT: Mapping[str, float] = {"positive": 0.9, "neutral": 0.0, "negative": -0.9}
"""How a person's word counts. Not 1: that is more than the model ever says, and words vary."""

KEEP = "keep"
LOOKS_BACK = timedelta(days=365)

_WORDS = {
    **{label: label for label in MEANT}, KEEP: KEEP,
    "正面": "positive", "平静": "neutral", "负面": "negative", "保留": KEEP,
}  # fmt: skip
_MOST_DIGITS = 18


async def correct(
    context: Context, store: Store, words: Sequence[str], own: OwnDays
) -> Sequence[Answer]:
    """The card for the last message or for number ID; "ID positive" and the like set it right.

    Somebody else's message is as unknown as one that is not there.
    """
    reading = await _asked(context, store, words)
    if reading is None:
        return [context.notice("correct_unknown" if words else "correct_none")]
    meant = _WORDS.get(words[1].casefold()) if len(words) > 1 else None
    if meant is None:
        return [_card(context, reading, own)]
    if meant == KEEP:
        return [context.notice("correct_kept")]
    person = context.message.person
    kept = await store.correct(
        person.platform, person.user_id, reading.turn_id, meant, MEANT[meant]
    )
    if not kept:
        return [context.notice("correct_unknown")]
    return [context.notice("corrected", word=own_words.word(context, meant))]


async def _asked(context: Context, store: Store, words: Sequence[str]) -> Reading | None:
    person = context.message.person
    if words:
        number = words[0]
        if not number.isdecimal() or len(number) > _MOST_DIGITS:
            return None
        reading = await store.reading(person.platform, person.user_id, int(number))
        found = [reading] if reading else []
    else:
        since = datetime.now(UTC) - LOOKS_BACK
        found = await store.readings(person.platform, person.user_id, since)
    shown = [one for one in found if own_words.shown_here(context.message, one)]
    return shown[-1] if shown else None


def _card(context: Context, reading: Reading, own: OwnDays) -> Card:
    facts = own_words.facts(context, reading, own)
    text = context.say("correct_ask", **facts)
    if reading.corrected:
        text = f"{text} {context.say('correct_said', **facts)}"
    command = f"/mood correct {reading.turn_id}"
    labels = tuple(
        Button(own_words.word(context, label).capitalize(), f"{command} {label}") for label in MEANT
    )
    return Card(text, (labels, (Button(context.say("button_keep"), f"{command} {KEEP}"),)))
