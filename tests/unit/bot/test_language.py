"""Chinese or English, by example."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "我今天很难过",
        "嗯",
        "好的",
        "我今天心情不好，不想說話",  # traditional
        "媽媽住院了，我好擔心",
        "我的iPhone和MacBook都坏了",
        "我在用 Microsoft Visual Studio Code Insiders",
        "Google 翻译怎么用",
        "Python 好难",
        "今天 review 代码，又被 boss 骂了",
        "我 love 你",
        "难过 QAQ T_T",
        "哈哈哈 XD",
        "我好难过(ノ_<。)",
        "超好吃の店推荐给你们",
        "看 https://example.com/a-long-path/of-english-words?and=more 这个",
        "看https://example.com/path这个好笑",
        "@warmline_bot 在吗",
        "<:very_happy_cat:123456789> 开心",
        "𠮷野家关门了",
        "我失眠了 😭😭😭 3:00 了",
    ],
)
def test_chinese(text):
    assert detect(text, "en") == "zh"


@pytest.mark.parametrize(
    "text",
    [
        "I feel sad today",
        "ok",
        "I",
        "I HATE MY JOB",
        "iPhone",
        "What does 加油 mean?",
        "I love 中文 very much",
        "I like 面包",
        "i miss 妈妈",
        "I’m learning 汉字",
        "Is 妈妈 ok",
        "my cat died 😭",
        "see https://例子.com and tell me",
        "@小明 hello",
        "<:开心:123456789> so happy",
        "naïve café déjà vu",
        "how do you say すし in English",
    ],
)
def test_english(text):
    assert detect(text, "zh") == "en"


@pytest.mark.parametrize("fallback", ["en", "zh"])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n",
        "😭😭",
        "12345 !!! ...",
        "？？？",
        "https://example.com",
        "@warmline_bot",
        ":D T_T",
        "(つД`)",
        "今日はとても悲しいです",
        "カタカナ",
        "東京大学に行きたい",
        "안녕하세요",
        "Привет, как дела",
        "\ud800\x00\u202e",
    ],
)
def test_neither_gives_the_fallback(text, fallback):
    assert detect(text, fallback) == fallback


@settings(deadline=None)
@given(st.text("aI' @:<>难の_.T1😭\ud800"), st.sampled_from(["en", "zh"]))
def test_the_answer_is_always_one_of_the_two(text, fallback):
    assert detect(text, fallback) in {"en", "zh"}


@pytest.mark.parametrize("piece", ["a", "难", "@a", "<a:", "www.", "T_", "I'm ", "@难"])
def test_a_very_long_text_is_no_burden(piece):
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    detect(text)
    assert time.process_time() - start < 30  # a square would take many minutes
