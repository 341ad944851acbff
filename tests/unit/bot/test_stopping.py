"""A plain "stop" or "停" is understood, and only when it is the whole message."""

from __future__ import annotations

import pytest

from bot.stopping import STOP_WORDS, is_stop_word


@pytest.mark.parametrize(
    "text",
    [
        *sorted(STOP_WORDS),
        "Stop",
        "STOP!!!",
        "  stop.\n",
        "stop, please",
        "Please, stop!",
        "ＳＴＯＰ",
        "**stop**",
        "stop ✋",
        "stop\u200b",
        "停。",
        "停！！",
        "停，停",
        "别说了……",
        "停下 🙏",
    ],
)
def test_these_stop_an_answer(text):
    assert is_stop_word(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "✋",
        "don't stop",
        "stop smoking",
        "I can't stop crying",
        "the bus stop",
        "non-stop",
        "stop" * 100_000,
        " " * 100_000 + "stop",
        "停车",
        "停不下来",
        "我停下了",
        "他别说了",
        "不停",
    ],
)
def test_these_are_words_like_any_others(text):
    assert not is_stop_word(text)
