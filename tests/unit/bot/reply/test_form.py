"""Language, script, lists, length: what is seen and what only looks so."""

from __future__ import annotations

import pytest

from bot.reply.form import has_list, leaks_markup, too_long, too_many_questions, wrong_language
from bot.reply.script import script_of
from bot.reply.text import Candidate, sentences, unquoted
from tests.unit.bot.reply.judging import broken


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.50 at 5 p.m. yesterday.", ["Dr. Smith paid 3.50 at 5 p.m. yesterday."]),
        ("I hear you... and I care.", ["I hear you... and I care."]),
        ("Well… Good night.", ["Well…", "Good night."]),
        ("no end", ["no end"]),
        ("line\nline", ["line", "line"]),
        ("Really?! Yes!!! 🎉 ❤️", ["Really?!", "Yes!!!"]),
        ("嗯……我懂。真的！好吗？", ["嗯……我懂。", "真的！", "好吗？"]),
        ("她说“走吧。”然后走了。", ["她说“走吧。”", "然后走了。"]),
        ("好!你呢?", ["好!", "你呢?"]),
        ("", []),
        ("…", []),
    ],
)
def test_a_sentence_ends_where_a_reader_sees_it_end(text, parts):
    assert sentences(text) == parts


def test_quotations_are_taken_out_and_apostrophes_stay():
    assert unquoted("I don't say “I quit”, you don't") == "I don't say  , you don't"
    assert unquoted("你说「我很笨」，不是的") == "你说 ，不是的"


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("my dog died", "听到这个消息我很难过。"),
        ("my dog died", "I'm so sorry 真的."),
        ("my dog died", "I'm so sorry, дорогой."),
        ("我的狗死了", "I'm so sorry to hear that."),
        ("我的狗死了", "真的很难过，please take care。"),
        ("我的狗死了", "真的很难过ですね。"),
        ("我的狗死了", "정말 真的很难过。"),
    ],
)
def test_another_language_is_seen(message, reply):
    assert broken("wrong_language", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("how do you say 谢谢 in English", '谢谢 is "thank you" in English.'),
        ("my friend Иван left", "Losing Иван from your days must hurt."),
        ("我在用 Visual Studio Code 写论文", "用 Visual Studio Code 写了多久了？"),
        ("拿到offer了", "offer到手，太好了！"),
        ("你好", "你好，我是 Warmline。"),
        ("ok", "😊"),
        ("ok", "Naïve or not, that's fine."),
        ("我emo了", "emo的晚上很难熬吧，OK的，慢慢来。"),
    ],
)
def test_a_word_of_the_persons_own_is_no_other_language(message, reply):
    assert not broken("wrong_language", message, reply)


def test_a_whole_reply_in_the_other_language_is_wrong_though_its_words_were_said():
    found = wrong_language(Candidate("我的猫死了", "我的猫死了", "en"))
    assert found
    assert found.rule == "wrong_language"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("听说这个时候", "simplified"),
        ("聽說這個時候", "traditional"),
        ("你好", ""),
        ("hello", ""),
        ("", ""),
        ("我很好，謝謝", "traditional"),
        ("难過", ""),
    ],
)
def test_the_script_is_that_of_most_characters(text, script):
    assert script_of(text) == script


def test_who_writes_traditional_characters_is_answered_in_them():
    assert broken("wrong_script", "我好難過", "听起来真的很难。")
    assert not broken("wrong_script", "我好難過", "聽起來真的很難。")
    assert broken("wrong_script", "我好难过", "聽起來真的很難。")
    assert broken("wrong_script", "好", "听起来真的很难。", said=("我好難過",))
    assert not broken("wrong_script", "好", "听起来真的很难。")
    assert not broken("wrong_script", "I'm sad", "I'm so sorry.")


@pytest.mark.parametrize(
    "reply",
    [
        "- rest\n- drink water",
        "Here is what helps:\n1. rest\n2. water",
        "1) rest",
        "# Grief\nIt takes time.",
        "**Rest:**\nSleep.",
        "You can: 1. rest, 2. walk.",
        "First, breathe. Second, walk.",
        "• rest",
        "可以这样：\n一、休息\n二、喝水",
        "1、休息",
        "（1）休息（2）喝水",
        "首先要休息，其次要喝水。",
        "第一，休息。第二，喝水。",
    ],
)
def test_a_list_or_a_heading_is_seen(reply):
    assert has_list(Candidate(reply, "x", "en"))


@pytest.mark.parametrize(
    "reply",
    [
        "It was the 1. FC that won.",
        "It costs 3.50 and that's it.",
        "A well-known song - and a sad one.",
        "First, I'm glad you told me.",
        "That first day must have been hard.",
        "一个人的时候最难熬。",
        "首先谢谢你告诉我。",
        "第一次总是最难的。",
        "2023 was a hard year.",
        "#metoo says a lot.",
    ],
)
def test_what_only_looks_like_a_list_is_none(reply):
    assert not has_list(Candidate(reply, "x", "en"))


@pytest.mark.parametrize(
    "reply",
    [
        "[Negative] I'm so sorry.",
        "I'm so sorry. [Positive]",
        "[负面]真让人心疼。",
        "[Neutral, steady lately] Alright.",
        "Sorry.<|im_end|>",
        "Assistant: I'm sorry.",
        "用户：你好",
        "**Sorry**",
        "```sorry```",
        "[this](https://example.org)",
        "bad \ufffd",
    ],
)
def test_marks_of_the_prompt_are_seen(reply):
    assert leaks_markup(Candidate(reply, "x", "en"))


@pytest.mark.parametrize(
    "reply",
    [
        "That user: what did they say?",
        "I'm sorry [hugs].",
        "a < b is true",
        "你觉得对方：还好吗",
        "5 * 3",
    ],
)
def test_brackets_and_colons_of_a_sentence_are_no_marks(reply):
    assert not leaks_markup(Candidate(reply, "x", "en"))


def test_three_sentences_are_enough_and_four_are_too_many():
    assert not too_long(Candidate("One. Two. Three. 🎉", "x", "en"))
    found = too_long(Candidate("一。二。三。四。", "x", "zh"))
    assert found
    assert found.where == "四。"


@pytest.mark.parametrize(
    ("reply", "many"),
    [
        ("How are you? What happened?", True),
        ("你还好吗？发生了什么？", True),
        ("你还好吗。要不要说说吗。", True),
        ("How are you?", False),
        ('"Was it my fault?" is heavy to carry. What happened?', False),
        ("Really?!", False),
        ("你还好吗？我在听。", False),
        ("", False),
    ],
)
def test_one_question_is_enough(reply, many):
    assert bool(too_many_questions(Candidate(reply, "x", "en"))) == many
