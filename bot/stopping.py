"""The plain words that stop an answer, without a slash: "stop", "停".

Knows: the words, in both languages. Does not know: whether an answer runs; while none does, these
are words like any others.
"""

from __future__ import annotations

import re

from bot.rules import plain

_LONGEST = 40
_WORD = re.compile(r"\w+")

STOP_WORDS = frozenset({
    "stop", "stop it", "stop now", "stop please", "please stop", "stop talking", "stop stop",
    "停", "停停", "停下", "停下来", "停一下", "停吧", "停止", "请停", "请停下", "请停止", "快停",
    "别说了", "别讲了", "别写了", "不要说了", "不用说了",
})  # fmt: skip
"""As they are left by `is_stop_word`: small letters, single spaces, no punctuation."""


def is_stop_word(text: str) -> bool:
    """Whether the whole message only says to stop, whatever its case, width and punctuation."""
    if len(text) > _LONGEST:
        return False
    words = _WORD.findall(plain(text))
    return " ".join(words) in STOP_WORDS or "".join(words) in STOP_WORDS
