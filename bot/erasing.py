"""/forget: asks once, then erases a part or everything of what is kept, with a receipt.

Knows: the order (what is stored, then what is held in memory) and how it ends. Does not know: how
bytes leave a database. `warmline forget` erases by the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.messages import Button, Card, Notice, Person
from bot.command import Answer, Context
from storage.errors import ErasureUnfinished, ErasureUnnoted
from storage.receipts import Part, Receipt

if TYPE_CHECKING:
    from bot.held import Held
    from storage.store import Store

YES, NO = "yes", "/forget no"

_ASKED = {
    Part.MOOD: "forget_ask_mood",
    Part.HISTORY: "forget_ask_history",
    Part.EVERYTHING: "forget_ask",
}
_BUTTONS = {
    Part.MOOD: "button_forget_mood",
    Part.HISTORY: "button_forget_history",
    Part.EVERYTHING: "button_forget",
}
_DONE = {
    Part.MOOD: "forgotten_mood",
    Part.HISTORY: "forgotten_history",
    Part.EVERYTHING: "forgotten",
}


@dataclass(frozen=True, slots=True)
class Erased:
    """What was deleted; `unfinished` says what is still wanting, "" for nothing.

    That is: old bytes stay in the file for now; or, with `unnoted`, a backup that is put back will
    not forget it.
    """

    receipt: Receipt
    unfinished: str = ""
    unnoted: bool = False


async def forget(context: Context) -> Sequence[Answer]:
    """/forget [mood|history]: the question. /forget everything, and a part with "yes": the erasure.

    /forget no: everything stays.
    """
    if context.store is None:
        return [context.notice("not_remembered")]
    # What cannot be undone takes exactly these words.
    match tuple(word.casefold() for word in context.arguments):
        case (Part.EVERYTHING,) | (Part.EVERYTHING, "yes"):
            part = Part.EVERYTHING
        case ((Part.MOOD | Part.HISTORY) as named, "yes"):
            part = Part(named)
        case ("no",):
            return [context.notice("forget_kept")]
        case ((Part.MOOD | Part.HISTORY) as named, *_):
            return [_question(context, Part(named))]
        case _:
            return [_question(context, Part.EVERYTHING)]
    erased = await erase(context.store, context.message.person, part, context.held)
    return [Notice(_told(context, erased), "forgotten")]


async def erase(store: Store, person: Person, part: Part, held: Held | None = None) -> Erased:
    """Erase what is stored, then what this process holds of the conversations it was in."""
    conversations = await store.conversations_of(person.platform, person.user_id)
    if held and part is Part.MOOD:
        held.keep_no_moods(person)
    try:
        erased = Erased(await store.forget(person.platform, person.user_id, part))
    except ErasureUnfinished as error:
        erased = Erased(error.receipt, str(error), unnoted=isinstance(error, ErasureUnnoted))
    if held:
        await held.drop(conversations, erased.receipt.id)
    return erased


def _question(context: Context, part: Part) -> Card:
    def button(named: Part, more: str = "") -> Button:
        return Button(context.say(_BUTTONS[named]), f"/forget {named}{more}")

    keep = Button(context.say("button_keep"), NO)
    if part is not Part.EVERYTHING:
        return Card(context.say(_ASKED[part]), ((button(part, f" {YES}"), keep),))
    parts = (button(Part.MOOD), button(Part.HISTORY))
    asked = [context.say(_ASKED[part]), context.say("forget_parts")]
    if context.facts.pairing:
        asked.append(context.say("forget_pairing"))
    return Card("\n\n".join(asked), ((button(part), keep), parts))


def _told(context: Context, erased: Erased) -> str:
    receipt = erased.receipt
    if erased.unfinished:
        key = "unnoted" if erased.unnoted else "unfinished"
    elif not (receipt.turns or receipt.labels):
        key = "nothing" if receipt.part is Part.EVERYTHING else "nothing_part"
    else:
        key = _DONE[receipt.part]
    return context.say(
        key,
        turns=receipt.turns,
        labels=receipt.labels,
        corrections=receipt.corrections,
        id=receipt.id,
        at=f"{receipt.at:%Y-%m-%d %H:%M} UTC",
    )
