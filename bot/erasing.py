"""/forget: asks once, then erases everything about a person, with a receipt.

Knows: the order (what the model holds, then what is stored) and the two ways it ends. Does not
know: how bytes leave a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters.messages import Button, Card, Notice
from bot.command import Answer, Context
from bot.texts.sentences import LANGUAGES
from storage.errors import ErasureUnfinished

if TYPE_CHECKING:
    from storage.store import Store

EVERYTHING, NO = "/forget everything", "/forget no"


async def forget(context: Context) -> Sequence[Answer]:
    """/forget: the question. /forget everything: the erasure. /forget no: everything stays."""
    if context.store is None:
        return [context.notice("not_remembered")]
    # What cannot be undone takes exactly these words.
    match tuple(word.casefold() for word in context.arguments):
        case ("everything",):
            return [await _erase(context, context.store)]
        case ("no",):
            return [context.notice("forget_kept")]
        case _:
            erase = Button(context.say("button_forget"), EVERYTHING)
            keep = Button(context.say("button_keep"), NO)
            asked = [context.say("forget_ask")]
            if context.facts.pairing:
                asked.append(context.say("forget_pairing"))
            return [Card("\n\n".join(asked), ((erase, keep),))]


async def _erase(context: Context, store: Store) -> Notice:
    person = context.message.person
    for conversation in await store.conversations_of(person.platform, person.user_id):
        for language in LANGUAGES:
            await context.engine.forget(f"{conversation}:{language}")
    try:
        receipt = await store.forget(person.platform, person.user_id)
        key = "forgotten" if receipt.turns else "nothing"
    except ErasureUnfinished as error:
        receipt = error.receipt
        key = "unfinished"
    words = context.say(
        key,
        turns=receipt.turns,
        labels=receipt.labels,
        id=receipt.id,
        at=f"{receipt.at:%Y-%m-%d %H:%M} UTC",
    )
    return Notice(words, "forgotten")
