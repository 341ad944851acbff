"""What a kind reply does not say, and the kind sentences that come near it."""

from __future__ import annotations

import pytest

from tests.unit.bot.reply.judging import broken

SAID = {
    "gives_medical_orders": [
        ("can't sleep", "Try some melatonin."),
        ("my head hurts", "Take 400 mg of ibuprofen."),
        ("I'm sad", "You should see a therapist."),
        ("I'm sad", "You probably have depression."),
        ("mom is ill", "Make sure she takes her medicine."),
        ("I'm dizzy", "Please see a doctor."),
        ("I take pills", "Stop taking your pills."),
        ("睡不着", "可以吃点褪黑素。"),
        ("头疼", "你应该去看医生。"),
        ("难过", "你可能患了抑郁症。"),
        ("头疼", "建议尽快就医。"),
        ("难过", "要按时吃药。"),
    ],
    "gives_legal_orders": [
        ("he hit my car", "You should sue him."),
        ("they fired me", "You could file a complaint."),
        ("they fired me", "That's illegal."),
        ("he hit me", "Call the police."),
        ("公司不发工资", "你可以申请劳动仲裁。"),
        ("他骗我", "你应该报警。"),
        ("公司不发工资", "这是违法的。"),
    ],
    "frightens": [
        ("dad has an operation tomorrow", "Surgery can be very painful."),
        ("dad is ill", "He might die soon."),
        ("I found a lump", "It could be cancer."),
        ("it's bad", "Things will only get worse."),
        ("明天做手术", "手术可能会很疼。"),
        ("爸爸病了", "他可能会离世。"),
        ("有个肿块", "可能是癌。"),
        ("明天做手术", "手术有一定的风险。"),
    ],
    "shrinks": [
        ("my dog died", "You must be feeling a bit sad."),
        ("he left me", "It sounds like you're a little upset."),
        ("狗死了", "你可能有点难过。"),
    ],
    "belittles": [
        ("my dog died", "It was just a dog."),
        ("my dog died", "You can always get another one."),
        ("my dog died", "Remember that you can always find new friends."),
        ("he left", "There are plenty of fish."),
        ("I failed", "It's not a big deal."),
        ("I failed", "At least you tried."),
        ("I failed", "Other people have it worse."),
        ("I'm crying", "Cheer up!"),
        ("I'm crying", "Don't be so sad."),
        ("I'm crying", "You're overreacting."),
        ("狗死了", "只是一只狗而已。"),
        ("狗死了", "再养一只吧。"),
        ("分手了", "下一个会更好。"),
        ("没考好", "没什么大不了的。"),
        ("没考好", "至少你努力过。"),
        ("难过", "别想太多。"),
        ("难过", "想开点。"),
        ("难过", "你太敏感了。"),
    ],
    "lectures": [
        ("I failed", "You should work harder."),
        ("I failed", "Stay positive!"),
        ("I failed", "Failure is part of life."),
        ("I failed", "It's important to keep trying."),
        ("she left", "That was your own fault."),
        ("I failed", "Look on the bright side."),
        ("没考好", "你应该更加努力学习。"),
        ("没考好", "要坚强。"),
        ("没考好", "保持积极的心态。"),
        ("没考好", "失败是成功之母。"),
        ("被骂了", "都是你的错。"),
        ("没考好", "不要灰心。"),
    ],
    "accuses": [
        ("I just sat there and said nothing", "You must be feeling guilty."),
        ("we lost the baby", "That must make you feel so ashamed."),
        ("我什么都没说", "你一定很愧疚。"),
        ("孩子没保住", "这一定让你很自责。"),
    ],
    "takes_leave": [
        ("ok", "Alright. Good night."),
        ("hmm", "Goodnight, sleep well!"),
        ("嗯", "好的。明天见。"),
        ("哦", "晚安，好好睡。"),
        ("ok", "Okay. See you tomorrow!"),
    ],
    "insults": [
        ("I failed", "You're so stupid."),
        ("I failed", "You really are just useless."),
        ("I forgot", "What's wrong with you?"),
        ("he left", "No wonder he left."),
        ("am I stupid?", "Yes, that happens."),
        ("am I stupid?", "You must be stupid."),
        ("am I stupid?", "No wonder you feel so stupid."),
        ("am I stupid?", "I can see why you're feeling stupid."),
        ("I'm a failure", "You sound like a failure."),
        ("I'm such a loser", "You are."),
        ("妈妈住院了", "你真是没用。"),
        ("没考好", "你太笨了。"),
        ("我是不是很笨", "是的，你需要帮助。"),
        ("我是不是很笨", "你一定很笨。"),
        ("我是不是很笨", "我能想象这让你有多笨。"),
        ("我真没用", "确实。"),
        ("他走了", "难怪他不要你。"),
    ],
}
NOT_SAID = {
    "gives_medical_orders": [
        ("my head hurts", "I'm not a doctor, so I can't tell. How long has it hurt?"),
        ("I saw a doctor", "What did the doctor say?"),
        ("mom takes pills", "Her pills must be a daily worry for you."),
        ("I take ibuprofen", "I hope the ibuprofen helps."),
        ("sad", "A doctor could say more than I can."),
        ("看了医生", "医生怎么说？"),
        ("吃药了", "希望药能让你舒服一点。"),
        ("头疼", "我不是医生，没法判断。"),
    ],
    "gives_legal_orders": [
        ("they fired me", "That sounds so unfair."),
        ("he sued me", "Being sued must be frightening."),
        ("the police came", "The police at your door, how scary."),
        ("公司不发工资", "辛苦这么久没拿到钱，一定很气。"),
        ("他报警了", "警察来的时候，你一定很慌。"),
    ],
    "frightens": [
        ("dad might die", "The thought that he might die must be unbearable."),
        ("dad has an operation tomorrow", "Waiting is hard. I hope it goes well."),
        ("I'm scared it's cancer", "Not knowing whether it could be cancer is so hard."),
        ("it hurts", "It would hurt anyone."),
        ("手术会疼吗", "手术会不会疼，这个我没法知道。"),
        ("爸爸快死了", "想到他可能会死，一定很难承受。"),
        ("明天做手术", "等手术的夜晚很长，我陪你。"),
    ],
    "shrinks": [
        ("I'm a bit sad", "It's fine to be a bit sad."),
        ("my dog died", "You must be very sad."),
        ("my dog died", "Stay a bit, and tell me of him."),
        ("我有点难过", "有点难过的时候，说出来会好些。"),
        ("狗死了", "你一定很难过。"),
    ],
    "belittles": [
        ("my dog died", "She was never just a dog to you."),
        ("my dog died", "He wasn't just a dog."),
        ("I'm crying", "You don't have to cheer up."),
        ("I'm crying", "You're not overreacting."),
        ("I bought a phone", "I hope you enjoy it."),
        ("狗死了", "它不只是一只狗。"),
        ("难过", "你没有小题大做。"),
        ("吵架", "气得浑身滚烫，一定很难受。"),
        ("难过", "你不是太敏感。"),
        ("想它", "它陪你看过那么多个冬天。"),
    ],
    "lectures": [
        ("she left", "It's not your fault."),
        ("I failed", "You don't have to be strong right now."),
        ("I failed", "You worked so hard for it."),
        ("I won", "You should be proud of yourself."),
        ("I'm tired", "You must be exhausted."),
        ("没考好", "这不是你的错。"),
        ("没考好", "你不需要马上坚强起来。"),
        ("没考好", "你已经很努力了。"),
        ("累", "你一定需要休息一下了吧。"),
    ],
    "accuses": [
        ("I yelled at my kid", "You must be feeling guilty."),
        ("I feel so guilty", "It sounds like the guilt weighs on you."),
        ("he left", "There's nothing to be ashamed of."),
        ("we lost the baby", "You have no reason to feel guilty."),
        ("我对不起她", "听起来你很愧疚。"),
        ("孩子没保住", "不要太自责。"),
    ],
    "takes_leave": [
        ("good night", "Good night. Sleep well."),
        ("I think I can sleep now", "Good night."),
        ("gotta go, my bus is here", "Goodbye, take care!"),
        ("晚安", "晚安，好好睡。"),
        ("我应该能睡着了", "早点休息。明天见。"),
        ("嗯", "好的。我在这里。"),
        ("he left me", "I can see you are hurting."),
        ("mum is ill", "It must be hard to take care of her."),
        ("她走了", "你一定很想再见到她。"),
    ],
    "insults": [
        ("I failed", "That doesn't make you a failure."),
        ("I failed", "You're not stupid."),
        ("am I stupid?", "No, you're not."),
        ("they say I'm lazy", "It hurts when they say you're lazy."),
        ("I feel useless", "Do you feel you are useless when that happens?"),
        ("you ok?", "Yes, I'm fine."),
        ("he laughed", "No wonder you're upset."),
        ("he laughed", "It must hurt when he makes you feel stupid."),
        ("he left", "难怪你这么难过。"),
        ("我真没用", "这不代表你没用。"),
        ("我是不是很笨", "不是的，你不笨。"),
        ("他说我懒", "他说你懒的时候，一定很伤人。"),
        ("你好", "是的，我在。"),
    ],
}


def pairs(by_rule: dict[str, list[tuple[str, str]]]) -> list[tuple[str, str, str]]:
    return [(rule, *pair) for rule, found in by_rule.items() for pair in found]


@pytest.mark.parametrize(("rule", "message", "reply"), pairs(SAID))
def test_it_is_seen(rule, message, reply):
    found = broken(rule, message, reply)
    assert found
    assert found.rule == rule


@pytest.mark.parametrize(("rule", "message", "reply"), pairs(NOT_SAID))
def test_a_kind_sentence_near_it_is_none(rule, message, reply):
    assert not broken(rule, message, reply)
