"""The first words of a reply, which a small model is given to go on from.

Knows: that they should not be those of a late reply, and that another draw has others. Does not
know: the words (the task), the model, what becomes of them. A small model speaks of things in
general ("Losing a pet is hard"); begun with "You must be" it speaks to the person.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from bot.reply.text import REMEMBERED_REPLIES


def in_order(openers: Sequence[str], replies: Sequence[str], seed: int | None) -> Sequence[str]:
    """The openers, one for each draw: shuffled, those of the last replies after the others.

    The same seed gives the same order; None gives any.
    """
    late = replies[-REMEMBERED_REPLIES:]
    shuffled = random.Random(seed).sample(openers, len(openers))  # noqa: S311 - no secret
    return sorted(shuffled, key=lambda opener: any(reply.startswith(opener) for reply in late))
