"""The crisis layer: stands before the reply; where it fires, the model writes nothing.

Knows: which answer a danger gets, and which helpline a region has. Does not know: how a danger is
seen (bot/crisis), the answer's words (bot/texts). It is made of rules, with the recall and the
false alarms that docs/safety.md states: it does not see what is only implied.
"""

from __future__ import annotations

from bot.crisis.finding import find
from bot.texts.sentences import say, section_of

_SAME_HELPLINE = {"uk": "gb"}


def is_crisis(text: str) -> bool:
    """Whether the words speak of danger: to oneself, to somebody near, to others, or from them."""
    return find(text) is not None


def crisis_answer(language: str, region: str, kind: str = "self") -> str:
    """The fixed, human-written answer to a kind of danger (`bot.crisis.rulebook`), or to `UNSURE`.

    It holds the helpline of a region ("CN", "US"; "" unknown).
    """
    region = region.lower()
    known = section_of(language, "safety")
    helpline = known.get(f"helpline_{_SAME_HELPLINE.get(region, region)}", known["helpline"])
    return say(language, f"safety.{kind}", helpline=helpline)
