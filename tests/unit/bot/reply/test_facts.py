"""What a reply says of the person stands in what they said, and it foretells nothing."""

from __future__ import annotations

import pytest

from tests.unit.bot.reply.judging import broken


@pytest.mark.parametrize(
    ("message", "reply", "where"),
    [
        ("I'm so tired", "You and Tom had a long week.", "Tom"),
        ("I'm so tired", "It's hard after 12 years in your flat.", "12"),
        ("I'm so tired", "You worked 60 hours, that's too much.", "60"),
        ("I moved", "How do you like your days in Boston?", "Boston"),
        ("I'm sad", "Your brother must miss you.", "your brother"),
        ("I'm sad", "Your late grandmother would be proud.", "your late grandmother"),
        ("I'm sad", "Last time you said it was better.", "last time you said"),
        ("我很难过", "你妈妈一定很担心。", "你妈妈"),
        ("我很难过", "你在北京还好吗？", "北京"),
        ("我很难过", "你和小明吵架了吗？", "小明"),
        ("我很难过", "你已经坚持了三年，真不容易。", "三"),
        ("我很难过", "上次你说过这件事。", "上次你说"),
        ("我搬家了", "你的猫适应了吗？", "你的猫"),
        ("我昨天说的你还记得不", "记得，你的话一直在我心里。", "记得,"),
        ("do you remember me?", "Of course I remember what you said!", "of course i remember"),
    ],
)
def test_an_invented_fact_is_seen(message, reply, where):
    found = broken("invents_facts", message, reply)
    assert found
    assert found.where == where


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("Tom left me after 12 years", "After 12 years, you must miss Tom."),
        ("what's the capital of France", "It's Paris."),
        ("when did the war end", "In 1945."),
        ("how long do eggs boil", "About 7 minutes, or 10 if you like them hard."),
        ("mum called", "Your mother means a lot to you."),
        ("my parents fight", "Hearing your mom and dad fight must hurt."),
        ("I hate work", "Did your boss say something?"),
        ("he left me", "Your boyfriend leaving like that must hurt."),
        ("hi", "Do you have a sister?"),
        ("hi", "I hope you're well. I'm glad you came."),
        ("hi", "Paris is lovely."),
        ("I said 'fine'", "You said fine, and it wasn't."),
        ("我妈住院了", "你妈妈现在怎么样？"),
        ("爸妈吵架", "你爸爸妈妈吵架时，你一定难受。"),
        ("我在北京三年了", "在北京三年，你一定很不容易。"),
        ("公司裁员", "你的老板怎么说？"),
        ("他不理我", "你男朋友不说话的时候，一定很难熬。"),
        ("法国首都是哪", "是巴黎。"),
        ("我累", "你这两天太累了。"),
        ("我累", "小时候的夏天真好。"),
    ],
)
def test_what_was_said_or_is_not_of_the_person_is_no_invention(message, reply):
    assert not broken("invents_facts", message, reply)


def test_what_was_said_before_is_known():
    said = ("my brother Ben is 14",)
    assert not broken("invents_facts", "he's sad", "Your brother Ben at 14 needs you.", said=said)
    assert not broken("invents_facts", "hi", "Last time you said he was sad.", said=said)
    replies = ("Is Lisa your sister?",)
    assert not broken("invents_facts", "yes", "You and Lisa must be close.", replies=replies)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("will it rain tomorrow?", "Yes, take an umbrella."),
        ("is it going to snow this weekend?", "There's a good chance of snow."),
        ("will we win the final?", "I think you will win!"),
        ("周末会下雪吗", "周末下雪的可能性很大。"),
        ("明天会不会下雨", "明天会下雨，记得带伞。"),
        ("明天天气怎么样", "明天是晴天。"),
    ],
)
def test_a_forecast_to_who_asks_for_one_is_seen(message, reply):
    assert broken("foretells", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("will it rain tomorrow?", "I can't know that. Are you planning something?"),
        ("will we win the final?", "I hope you'll win!"),
        ("I have an exam tomorrow", "You will be fine."),
        ("周末会下雪吗", "这个我没法知道。你想去玩雪吗？"),
        ("我们会赢吗？", "希望你们会赢。"),
        ("今天下雨了", "雨天也会过去。"),
    ],
)
def test_not_to_know_and_to_hope_is_no_forecast(message, reply):
    assert not broken("foretells", message, reply)
