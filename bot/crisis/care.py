"""The turns after a crisis: the companion stays careful, and less so as the hours pass.

Knows: how long, and what the reply prompt is told meanwhile. Does not know: the store, prompts,
what was said. Pure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from bot.texts.sentences import say

CLOSE_FOR = timedelta(hours=2)
"""So long after a danger the reply keeps to it."""

CAREFUL_FOR = timedelta(hours=24)
"""After that nothing of it is left."""


class Care(StrEnum):
    """How careful the next reply has to be."""

    CLOSE = "close"
    FADING = "fading"
    NONE = "none"


def care(last: tuple[datetime, str] | None, now: datetime) -> Care:
    """The state now; `last` is when the person's last danger was and of which kind.

    A time that lies ahead (a clock was set back) counts as now. Both times are aware.
    """
    if last is None:
        return Care.NONE
    passed = now - last[0]
    if passed < CLOSE_FOR:
        return Care.CLOSE
    return Care.FADING if passed < CAREFUL_FOR else Care.NONE


def instruction(language: str, last: tuple[datetime, str] | None, now: datetime) -> str:
    """One line more for the reply prompt, in its language; "" where nothing is to be said."""
    state = care(last, now)
    if last is None or state is Care.NONE:
        return ""
    _, kind = last
    if state is Care.CLOSE:
        return say(language, f"care_close.{kind}")
    return say(language, f"care_fading.{kind}")
