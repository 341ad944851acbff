"""Who speaks and who listens; and that it is no human, without a sermon about it."""

from __future__ import annotations

import pytest

from tests.unit.bot.reply.judging import broken


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("my dog died", "My dog died too, it was hard."),
        ("I failed the exam again", "I failed the exam again and it hurts."),
        ("I got fired today", "I really got fired today."),
        ("I can't sleep again", "I can't sleep either."),
        ("I feel lonely", "I feel so lonely."),
        ("they laughed", "What should I do?"),
        ("thanks for being here", "Thank you for listening to me."),
        ("I'm proud of you", "You have helped me a lot."),
        ("hello", "You are Warmline, an AI."),
        ("my boss is mean", "My new boss is mean as well."),
        ("she left", "Was it my fault?"),
        ("grandma is gone", "I miss her so much."),
        ("妈妈住院了", "我好害怕。"),
        ("我妈妈住院了", "我妈妈住院了，真难受。"),
        ("我又没考过，好难受", "我又没考过，真是的。"),
        ("我失眠了", "我最近也失眠。"),
        ("她走了", "是我的错吗？"),
        ("怎么办", "我该怎么办？"),
        ("我陪你", "谢谢你陪我。"),
        ("你好", "你是Warmline。"),
        ("我的猫不见了", "我的猫不见了，我好着急。"),
    ],
)
def test_the_persons_life_told_as_the_companions_own_is_seen(message, reply):
    assert broken("swaps_sides", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("my dog died", "Your dog must have meant the world to you. My heart goes out to you."),
        ("my heart is broken", "My heart goes out to you."),
        ("I don't know what to do", "I don't know the answer, but I'm here."),
        ("I feel lonely", "I'm sorry you feel lonely."),
        ("I'm afraid of tomorrow", "I'm afraid I can't know how it goes."),
        ("I love him", "I love how you speak of him."),
        ("I'm not scared", "I'm glad you're not scared."),
        ('I said "I\'m tired"', 'When you said "I\'m tired", did she hear it?'),
        ("I hope so", "I hope so too."),
        ("I think I love her", "I think that's lovely."),
        ("thanks", "Thank you for telling me."),
        ("I got the job", "I got a smile from reading this."),
        ("what should I do", "What do you feel like doing?"),
        ("我不知道怎么办", "我不知道答案。"),
        ("我好怕", "你害怕的时候，我在。"),
        ("我很难过", "我也很难过听到这个消息。"),
        ("我觉得自己没用", "我觉得你已经很努力了。"),
        ("我想哭", "我想陪你一会儿。"),
        ("我好累", "你说“我好累”的时候，我听见了。"),
        ("是我的错吗", "我没法评判，但我愿意听。"),
        ("我怕黑", "我怕你一个人扛着。"),
        ("我不怕", "我不怕你哭。"),
        ("谢谢你听我说", "谢谢你愿意告诉我。"),
    ],
)
def test_words_that_both_may_say_are_no_swap(message, reply):
    assert not broken("swaps_sides", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("hi", "I'm a real person."),
        ("hi", "I am human."),
        ("hi", "I'm not a bot."),
        ("can't sleep", "Sometimes, I try to relax by reading or listening to music."),
        ("sunday", "I usually cook something nice."),
        ("hi", "I'm a therapist and I hear this a lot."),
        ("my job is hard", "When I was your age I felt the same."),
        ("I'm sad", "I've been there, it gets easier."),
        ("I'm sad", "I know exactly how you feel."),
        ("my cat died", "I lost my grandmother last year."),
        ("I'm sad", "My mother always said that."),
        ("what did you do", "I had lunch with a friend."),
        ("hello", "As a mother, I understand."),
        ("are you human?", "Yes, I am."),
        ("are you a real person?", "Of course! How are you?"),
        ("are you real?", "Yes, I said so again and again."),
        ("are you a bot?", "No, not at all."),
        ("你好", "我是真人。"),
        ("你好", "我当然不是机器人。"),
        ("我很难过", "我也经历过这样的事。"),
        ("我很难过", "我小时候也这样。"),
        ("我很难过", "我妈妈常说会好的。"),
        ("我很难过", "作为过来人，我懂。"),
        ("在吗", "我昨天去爬山了。"),
        ("你是真人吗", "是的。"),
        ("你是机器人吗", "不是。"),
        ("你几岁", "我今年二十岁。"),
        ("没人找你时干嘛", "我就是一个人在家。你呢？"),
    ],
)
def test_a_claim_to_be_human_is_seen(message, reply):
    assert broken("claims_human", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("are you human?", "No, I'm an AI."),
        ("are you a bot?", "Yes, I'm a bot."),
        ("are you a real person?", "I'm not a person, I'm a program."),
        ("are you human?", "Yes and no: I'm an AI."),
        ("my mother is ill", "Your mother must mean a lot to you."),
        ("I'm sad", "I'm here, and I'm a good listener."),
        ("I was in the rain", "I was hoping you'd stay dry."),
        ("she's only human", "We all make mistakes, and she's only human."),
        ("you're human too", "I'm not a human, but I listen."),
        ("hi", "I live in this chat, so to speak."),
        ("hi", "I just read your message, and I like to listen."),
        ("你是真人吗", "不，我是人工智能。"),
        ("你是机器人吗", "是的，我是机器人。"),
        ("我妈妈病了", "你妈妈一定很辛苦。"),
        ("你好", "我不是真人。"),
        ("我昨天哭了", "我昨天听你说起过。"),
        ("我很难过", "我在这里陪你。"),
        ("我经历过", "你经历过这么多。"),
    ],
)
def test_the_truth_is_no_claim(message, reply):
    assert not broken("claims_human", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("I'm sad", "As an AI language model, I can't feel."),
        ("I'm sad", "I'm just an AI, but I'm sorry."),
        ("I'm sad", "I don't have feelings, but I can listen."),
        ("hello", "How can I assist you today?"),
        ("我难过", "作为一个人工智能，我无法体会。"),
        ("我难过", "我没有真正的情感，但我在听。"),
        ("你好", "有什么可以帮您的？"),
    ],
)
def test_boilerplate_is_seen(message, reply):
    assert broken("boilerplate", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("are you human?", "I'm just an AI, a language model."),
        ("what do you think about AI", "I'm an AI myself, so I'm curious what you think."),
        ("I'm sad", "I'm here to listen."),
        ("I don't have feelings for her", "You don't have feelings for her any more."),
        ("你是人吗", "我是一个人工智能。"),
        ("我讨厌机器人", "我是一个人工智能，听到这个我会笑一笑。"),
        ("我难过", "作为朋友，她应该懂你。"),
    ],
)
def test_who_asks_is_told(message, reply):
    assert not broken("boilerplate", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("I'm alone tonight", "I'll call you later tonight."),
        ("I'm sick", "I can come over and make you soup."),
        ("my birthday is empty", "Let's grab a coffee some day."),
        ("I'm at the hospital", "I could go with you."),
        ("你会记得吗？", "我随时都在。有空的时候，我给你打电话。"),
        ("我好怕去医院", "我陪你去医院。"),
        ("好无聊", "我们改天一起去散步吧。"),
        ("一个人过生日", "我去看你。"),
    ],
)
def test_a_promise_that_a_program_cannot_keep_is_seen(message, reply):
    assert broken("promises_deeds", message, reply)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("should I call her?", "You could call her when you feel ready."),
        ("I'm alone tonight", "I can't come over, but I can keep you company here."),
        ("he'll visit me", "I'm glad he will visit you."),
        ("I'm scared", "I'll be here with you."),
        ("我好怕", "我在这里陪你。"),
        ("妈妈会来看我", "妈妈会来看你，真好。"),
        ("要不要给他打电话", "想好了再给他打电话，也不迟。"),
        ("好难过", "抱抱你，我听着。"),
    ],
)
def test_company_by_words_is_no_such_promise(message, reply):
    assert not broken("promises_deeds", message, reply)
