"""Echoes of the person, and of the companion's own last replies."""

from __future__ import annotations

import pytest

from tests.unit.bot.reply.judging import broken


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("i cant sleep again", "I can't sleep again."),
        ("my dog died this morning", "So your dog died this morning."),
        ("my dog died this morning", "Your dog died this morning? I'm so sorry."),
        (
            "I don't want to go to work tomorrow because of him",
            "So you don't want to go to work tomorrow because of him, which is hard.",
        ),
        ("am I stupid and useless", "Are you stupid and useless?"),
        ("我是不是很笨", "你是不是很笨？"),
        ("我失业三个月了", "你失业三个月了。"),
        (
            "我今天又被老板当着所有人的面骂了一顿",
            "听到你今天又被老板当着所有人的面骂了一顿，我很心疼。",
        ),
    ],
)
def test_the_persons_own_words_back_are_seen(message, reply):
    assert broken("parrots", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("good night, talk tomorrow", "Good night, talk tomorrow."),
        ("happy new year to you", "Happy new year to you!"),
        ("ok", "Ok."),
        ("I failed the test again", "Failing the test again must hurt after all that work."),
        (
            "my boss yelled at me in front of everyone",
            "Being yelled at in front of everyone is humiliating.",
        ),
        ("thank you so much", "You're so welcome."),
        ("what's new", "Not much. What's new with you?"),
        ("晚安明天聊", "晚安，明天聊。"),
        ("嗯", "嗯。"),
        ("我的猫病了我好怕", "看着猫病了，你一定很怕。"),
        ("新年快乐呀朋友", "新年快乐呀，朋友！"),
    ],
)
def test_taking_up_a_word_is_no_echo(message, reply):
    assert not broken("parrots", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("gotta fetch the kids, back later", "Gotta fetch the kids. I'm here."),
        ("得去接娃放学，回聊。", "得去接娃放学，回聊。"),
        ("我今天好累啊", "你今天好累。"),
    ],
)
def test_a_sentence_of_their_own_words_alone_is_an_echo(message, reply):
    assert broken("echoes", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("good night, talk tomorrow", "Good night, talk tomorrow."),
        ("what's the capital of France?", "The capital of France is Paris."),
        ("法国的首都是哪里？", "法国的首都是巴黎。"),
        ("我好累啊", "听起来你好累。"),
    ],
)
def test_with_a_word_more_or_as_a_greeting_it_is_none(message, reply):
    assert not broken("echoes", message, reply)


def test_an_opening_of_the_last_five_replies_is_a_repetition():
    earlier = ("I'm so sorry to hear that.", "That's great!", "I see.", "Alright.", "Of course.")
    assert broken("repeats_opening", "x", "I’m so sorry about the dog.", replies=earlier)
    assert not broken("repeats_opening", "x", "I'm so glad.", replies=earlier)
    older = (*earlier, "Good night.")
    assert not broken("repeats_opening", "x", "I'm so sorry about it.", replies=older)
    assert broken("repeats_opening", "你好呀朋友", "听起来真的不易。", replies=("听起来真累。",))
    assert not broken("repeats_opening", "你好呀朋友", "听起来你很累。", replies=("听起来真累。",))


def test_a_short_opening_is_compared_as_a_whole():
    assert broken("repeats_opening", "x", "Good night.", replies=("Good night!",))
    assert not broken("repeats_opening", "x", "Good night, Tom.", replies=("Good night!",))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Oh no. Let me know if you need anything.", "I see. Just let me know how it goes."),
        ("How are you feeling?", "That's hard. How do you feel about it now?"),
        ("I'm here for you.", "Such a day. I'm right here."),
        ("That hurts. Would you like to talk about it?", "Do you want to talk about that?"),
        ("Oh. What happened?", "That is a lot. What happened then?"),
        ("It's a lot. Take care of yourself.", "Sleep now, and be gentle to yourself."),
        ("What was she like at home?", "Oh. What was she like at home?"),
        ("真难。我在这里陪你。", "这很重。我会一直陪着你。"),
        ("你现在感觉怎么样？", "不容易。你还好吗？"),
        ("愿意跟我说说吗？", "想和我聊聊吗？"),
        ("怎么了？", "这么突然，发生了什么？"),
        ("有需要随时找我。", "好的，需要的时候告诉我。"),
        ("慢慢来。", "别着急，好好休息。"),
    ],
)
def test_a_closing_phrase_of_the_last_five_replies_is_a_repetition(before, now):
    replies = (before, "x y z.", "a b c.")
    assert broken("repeats_closing", "hm", now, replies=replies)
    assert not broken("repeats_closing", "hm", now)


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Let me know if you need anything.", "What did she say then?"),
        ("I'm here for you.", "How are you feeling?"),
        ("What did you eat?", "What did he say to her?"),
        ("我在这里陪你。", "她后来怎么回答的？"),
        ("那真好。", "那真难。"),
    ],
)
def test_another_closing_is_none(before, now):
    assert not broken("repeats_closing", "hm", now, replies=(before,))


def test_a_closing_phrase_in_the_middle_closes_nothing():
    before = ("I'm here for you.",)
    assert not broken("repeats_closing", "hm", "I'm here. What did he say?", replies=before)
    six = ("I'm here for you.", "Aa bb.", "Cc dd.", "Ee ff.", "Gg hh.", "Ii jj.")
    assert not broken("repeats_closing", "hm", "I'm here.", replies=six)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("can rice be frozen", "Rice can be frozen."),
        ("冷冻水饺要先退冰再下锅吗，还是直接丢", "冷冻水饺要先退冰再下锅。"),
        ("冷凍水餃要先退冰再下鍋嗎，還是直接丟", "冷冻水饺要先退冰再下锅。"),
    ],
)
def test_an_answer_may_use_the_words_of_the_question(message, reply):
    assert not broken("parrots", message, reply)
    assert not broken("echoes", message, reply)


def test_the_question_itself_is_no_answer():
    assert broken("parrots", "can rice be frozen", "Can rice be frozen?")
