"""That Warmline is an AI is never left to a small model: it says yes to "are you human?".

Knows: the ways people ask, in `honesty.toml`. Does not know: the answer's words (bot/texts).
"""

from __future__ import annotations

from bot.rules import shipped


def asks_if_human(text: str) -> bool:
    """Whether the person asks what they are talking to."""
    return shipped("honesty").match(text)
