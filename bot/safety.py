"""The crisis layer: stands before the reply; where it fires, the model writes nothing.

Knows: explicit words of suicide and self-harm, in `safety.toml`, and which helpline a region has.
Does not know: the answer's words (bot/texts). It is a first layer of rules, with the recall and the
false alarms that docs/safety.md states: it does not see what is only implied.
"""

from __future__ import annotations

from bot.rules import shipped
from bot.texts.sentences import say, section_of

_SAME_HELPLINE = {"ca": "us", "ie": "gb", "uk": "gb"}


def is_crisis(text: str) -> bool:
    """Whether the words speak of ending one's life or of harming oneself."""
    return shipped("safety").match(text)


def crisis_answer(language: str, region: str) -> str:
    """The fixed, human-written answer, with the helpline of a region ("CN", "US"; "" unknown)."""
    region = region.lower()
    key = f"helpline_{_SAME_HELPLINE.get(region, region)}"
    known = section_of(language, "safety")
    helpline = known.get(key, known["helpline"])
    return say(language, "safety.crisis", helpline=helpline)
