"""Kind replies break no rule; each rule has its name; and the check is quick."""

from __future__ import annotations

import time

import pytest

from bot.reply.rules import RULES, breaches
from engine import task_table
from tests.unit.bot.reply.judging import candidate

KIND = [
    ("my dog died this morning", "I'm so sorry. Losing him must leave such a hole in your day."),
    (
        "my dog died this morning",
        "Oh no. She wasn't just a dog, she was family. What was she like?",
    ),
    ("mom is in the hospital", "That must be so worrying. How is she doing tonight?"),
    ("my father has surgery tomorrow and I'm scared", "Waiting for tomorrow sounds really hard."),
    ("I got the job!!", "That's wonderful news! You must be so proud of yourself."),
    ("she said yes", "That's lovely to hear! When did you ask her?"),
    ("my boss yelled at me", "That sounds humiliating. You didn't deserve to be shouted at."),
    ("everyone hates me", "It must hurt to feel that way. What makes it feel like that today?"),
    ("am I stupid?", "No, you're not stupid. Something must have hurt you to ask that."),
    (
        "I'm such a failure",
        "It doesn't make you a failure. I can hear how much this weighs on you.",
    ),
    ("was it my fault?", "I wasn't there and can't judge, but it's clear how much you care."),
    ("I miss her", "Missing someone can ache all day long. I'm here to listen."),
    ("what's the capital of France?", "It's Paris."),
    ("how many legs does a spider have", "Eight."),
    ("will it rain tomorrow?", "I can't know that, sorry. Have you got plans outside?"),
    ("what should I cook tonight", "Maybe some noodles with an egg. What do you have at home?"),
    ("thanks, that helped", "I'm glad. You can come back whenever you like."),
    ("good night", "Good night. Sleep well."),
    ("good night, talk tomorrow", "Good night, talk tomorrow!"),
    ("ok", "Alright. I'm here if you feel like talking."),
    (
        "I can't wait for the trip!",
        "I can't wait to hear about it! What are you looking forward to?",
    ),
    (
        "I'm so tired",
        "I hear you, being worn out takes everything. What has been taking your energy?",
    ),
    ("I feel so ashamed", "Shame can feel so heavy. You don't have to hide it from me."),
    ("they laughed at me", "I'm sorry they laughed at you. That must have stung."),
    ("I failed the test again", "Failing it again must really hurt, after all that work."),
    ("my ex got married", "That must bring up so much. How are you holding up?"),
    (
        "should I quit?",
        "That's a big decision, and only you can make it. What makes you consider it?",
    ),
    ("are doctors safe", "I'm not a doctor, so I can't say. What worries you about it?"),
    ("I have to take my pills", "I hope they help you feel better soon."),
    ("I was born in Lyon", "Lyon, how lovely! Do you still live there?"),
    ("I turned 30 today", "Happy birthday! How does 30 feel to you?"),
    ("my friend says I'm lazy", "It stings when a friend says that. Do you feel you're lazy?"),
    ("我的狗今天早上走了", "真的很难过，它陪了你那么久。你想说说它吗？"),
    ("我的狗今天早上走了", "它不只是一只狗，它是家人。我在这里陪你。"),
    ("妈妈住院了", "你一定很担心。她现在怎么样？"),
    ("明天爸爸要做手术，我好怕", "等着明天的感觉一定很煎熬。我在这里陪你。"),
    ("我拿到offer了", "太好了，恭喜你！"),
    ("老板又骂我了", "被这样骂，一定很委屈。你不该被这么对待。"),
    ("我是不是很笨？", "不，你不笨。是什么让你这样想自己？"),
    ("我真没用", "这不代表你没用，只是这阵子太累了。"),
    ("是我的错吗", "我不在场，没法评判。听得出来你很在意这件事。"),
    ("法国的首都是哪里", "是巴黎。"),
    ("明天会下雨吗", "这个我没法知道。你明天要出门吗？"),
    ("今晚吃什么", "可以煮碗面，加个鸡蛋。家里还有什么？"),
    ("谢谢你，好多了", "听你这么说真高兴。"),
    ("晚安", "晚安，好梦。"),
    ("嗯", "好的，想说话的时候，我在。"),
    ("我好累", "听起来你真的撑了很久。想歇一会儿吗？"),
    ("我失眠第三天了", "连着三天睡不好，人都要被掏空了。脑子里在转什么呢？"),
    ("我不知道怎么办", "我不知道答案，但可以陪你一起想想。"),
    ("我觉得自己很丢脸", "那种感觉一定很难受，你不用一个人扛着。"),
    ("我爸妈又吵架了", "夹在爸妈中间，一定很难受。"),
    ("我今天三十岁了", "生日快乐！三十岁的第一天过得怎么样？"),
    ("室友说我懒", "听到这样的话一定不好受。你当时怎么回应的？"),
    ("我搬到北京了", "北京，新的开始！你习惯了吗？"),
    ("我準備結婚了", "恭喜你！這是多麼美好的消息。"),
]


@pytest.mark.parametrize(("message", "reply"), KIND)
def test_a_kind_reply_breaks_no_rule(message, reply):
    assert breaches(candidate(message, reply)) == ()


EXAMPLES = [
    (language, example)
    for language, words in task_table.load()["sentiment"].languages.items()
    for example in words.examples
    if example.reply
]


@pytest.mark.parametrize(("language", "example"), EXAMPLES, ids=lambda e: getattr(e, "user", e))
def test_no_shown_example_breaks_a_rule(language, example):
    assert breaches(candidate(example.user, example.reply)) == ()


def test_a_breach_has_the_name_of_its_rule_and_the_words_where():
    found = breaches(candidate("my cat died", "1. Be positive\n2. You can always get another cat"))
    assert {breach.rule for breach in found} >= {"has_list", "lectures", "belittles"}
    assert all(breach.rule in RULES and breach.where for breach in found)


def test_rules_can_be_chosen():
    only = {"empty": RULES["empty"]}
    reply = candidate("hi", "As an AI, I can't.")
    assert breaches(reply, only) == ()
    assert breaches(reply) != ()


def test_a_reply_without_words_is_empty():
    assert [breach.rule for breach in breaches(candidate("hi", " …🎉 "))] == ["empty"]


LONG = [
    "I'm so sorry to hear that. ",
    "我真的替你难过。",
    "aaaaa",
    "(((",
    '"a',
    "i'm so really very just ",
    "you're so just really a an all ",
    "you should always really just try to ",
    "我也真的真好很太都",
    "你就是真是真的很好",
    "只是一只一个",
    "应该多更再努力尽量",
]


@pytest.mark.parametrize("piece", LONG)
def test_no_reply_takes_long_to_check(piece):
    """Patterns that can divide a text in many ways would take for ever."""
    long = candidate("my dog died " * 2_000, piece * 2_000)
    began = time.perf_counter()
    breaches(long)
    assert time.perf_counter() - began < 20


def test_of_a_very_long_reply_the_beginning_counts():
    assert "boilerplate" in {b.rule for b in breaches(candidate("x", "As an AI. " + "a" * 9_000))}
