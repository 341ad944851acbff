"""A reply as it is written: shown sentence by sentence, each read before a person sees it.

Knows: when a sentence is finished, which one may not be shown, and when to draw anew. Does not
know: how a rule is checked (`bot.reply.rules`), the model, who is written to.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from bot.reply.text import Breach, first_end

MOST_DRAWS = 3
"""So often a reply is begun, until its first sentence may be shown."""

NEVER = frozenset(
    {
        "belittles",
        "claims_human",
        "echoes",
        "empty",
        "foretells",
        "frightens",
        "gives_legal_orders",
        "gives_medical_orders",
        "insults",
        "leaks_markup",
        "promises_deeds",
        "swaps_sides",
        "takes_leave",
        "wrong_language",
    }
)
"""A sentence that breaks one of these is not shown even where nothing better was drawn."""

Draw = Callable[[int], AsyncGenerator[str, None]]
"""Begins the reply for the n-th time, counted from 0."""

Read = Callable[[str], Sequence[Breach]]
"""What a reply breaks, as far as it is written."""


async def worded(draw: Draw, read: Read, most: int = 0) -> AsyncGenerator[str, None]:
    """The sentences that may be shown; none at all where every beginning was refused.

    A first sentence that breaks a rule is drawn anew; the last draw's is shown all the same, unless
    what it breaks is in NEVER. A later one ends the reply before it: what was shown stands by
    itself. After `most` sentences the reply is over (0: when the model ends it). Closing this stops
    the model.
    """
    for number in range(MOST_DRAWS):
        shown, let_pass, sentences_shown = "", frozenset[str](), 0
        async with aclosing(_by_sentence(draw(number))) as sentences:
            async for sentence in sentences:
                broken = {breach.rule for breach in read(shown + sentence)}
                if not shown and number == MOST_DRAWS - 1:
                    let_pass = frozenset(broken - NEVER)
                if broken - let_pass:
                    break
                shown += sentence
                yield sentence
                sentences_shown += 1
                if sentences_shown == most:
                    break
        if shown:
            return


async def _by_sentence(pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The pieces, joined to whole sentences; the space between two goes with the second."""
    held = ""
    async with aclosing(pieces):
        async for piece in pieces:
            held += piece
            while end := first_end(held):
                yield held[:end]
                held = held[end:]
    if held.strip():
        yield held
