"""What a message does in a talk, where its words say so; and what only looks like it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.reply import moves
from bot.reply.moves import (
    asks_the_world,
    counsel,
    move,
    shouts_good_news,
    sign,
    wants_a_fact,
)
from bot.reply.rules import breaches
from bot.reply.script import simplified, written_in
from bot.reply.text import Candidate
from bot.texts.sentences import LANGUAGES, lines, section_of

TABLE = tomllib.loads(Path(moves.__file__).with_name("moves.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("ok not really in the mood to talk", "silence"),
        ("不想说话", "silence"),
        ("let's talk about something else", "subject"),
        ("算了不说这个了", "subject"),
        ("off to bed, night x", "night"),
        ("睡了睡了", "night"),
        ("laters!", "goodbye"),
        ("right, gotta run", "goodbye"),
        ("我先撤了，回头聊", "goodbye"),
        ("cheers!", "thanks"),
        ("多谢多谢", "thanks"),
        ("hey you there?", "me_there"),
        ("在不在呀", "me_there"),
        ("在吗，摸鱼中", "me_there"),
        ("heyyy what u up to", "me_doing"),
        ("你平时都干嘛呢", "me_doing"),
        ("你平时没人理你的时候都干啥", "me_doing"),
        ("do you remember me?", "me_remember"),
        ("你还记得我昨天说的吗", "me_remember"),
        ("do you love me", "me_love"),
        ("do you ever get lonely?", "me_feel"),
        ("你会无聊吗", "me_feel"),
        ("what's your favourite food", "me_like"),
        ("你喜欢什么颜色", "me_like"),
        ("what's your name", "me_name"),
        ("how are you today?", "me_how"),
        ("sup", "me_how"),
        ("你平时都在干嘛？没人找你的时候", "me_doing"),
        ("hiya, how's your evening going", "me_how"),
        ("嗨，最近怎么样", "me_how"),
        ("morning!!", "greeting"),
        ("早啊", "greeting"),
        ("lmaooo", "laugh"),
        ("嘿嘿", "laugh"),
        ("FINALLY", "cheer"),
        ("爽！", "cheer"),
        ("ugh", "sigh"),
        ("服了", "sigh"),
        ("hmm", "hm"),
        ("so hungry", "hungry"),
        ("好无聊", "bored"),
        ("到家了", "home"),
        ("are you sick of me?", "me_annoyed"),
        ("你会不会嫌我烦", "me_annoyed"),
        ("do you have any friends", "me_have"),
        ("嗯", "nod"),
        ("nvm", "nevermind"),
        ("omg", "wow"),
        ("sorry", "sorry"),
        ("help", "help"),
        ("好困", "sleepy"),
        ("so cold", "weather"),
        ("终于周五了", "days_off"),
    ],
)
def test_a_move_is_known_by_its_words(message, name):
    assert move(message) == name


@pytest.mark.parametrize(
    "message",
    [
        "they don't want to talk to me",
        "他不想说话",
        "just waiting on the dryer so i can go to bed",
        "my cat has decided the printer is her bed now",
        "last night was rough",
        "孩子还没睡",
        "i have to go to court tomorrow",
        "he left without even saying goodbye",
        "挂了两科",
        "he never said thanks",
        "连句谢谢都没有",
        "I can't go on at work",
        "my dog had to go",
        "he left without saying a word. " * 3,
        "how are you supposed to live like this",
        "i am so tired of being the strong one",
        "home is not home any more",
        "我还记得她的声音",
        "你真的很烦",
        "",
    ],
)
def test_what_only_looks_like_a_move_is_none(message):
    assert move(message) == ""


def test_traditional_characters_are_read_after_conversion():
    assert move(simplified("感謝感謝🙏")) == "thanks"
    assert written_in("traditional", "我在这里。") == "我在這裡。"
    assert written_in("simplified", "我在這裡。") == "我在这里。"


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("my gran has dementia and asks for him. what do i even tell her", "memory"),
        ("家里都瞒着，她天天问，我怎么回她啊", "hidden"),
        ("i need the wording for dad's headstone", "memorial"),
        ("how do we explain it to our 7yo", "child"),
        ("怎么跟孩子说", "child"),
        ("she lost her baby, i don't know what to say", "comfort"),
        ("he texted again. should i reply", "reply"),
        ("do i call or do i text first??", "reach"),
        ("i missed her birthday, how do i make it up to her", "sorry"),
        ("想找老师聊聊，怎么讲合适", "raise"),
        ("how do i tell my parents", "tell"),
        ("what do i do with dad's clothes", "things"),
        ("how am i supposed to get through christmas", "day"),
        ("今年没有妈妈了，怎么过这个年", "day"),
        ("how do i say no to her", "refuse"),
        ("vet says its time. do i stay in the room?", "pet"),
        ("她要转学了，我想留几行字，你帮我起个头", "note"),
        ("do i tell him now or wait til they've gone", "when"),
        ("怎么才能放下", "over"),
        ("how do you make friends at 40", "friends"),
        ("is there anything that actually helps", "calm"),
        ("睡不着怎么办", "calm"),
        ("准备点什么能让它舒服点呢", "care"),
        ("先买好呢，还是等她开口", "choose"),
        ("what do i do now", "next"),
    ],
)
def test_what_is_asked_for_in_a_hard_time(message, name):
    assert counsel(message) == name


@pytest.mark.parametrize(
    "message",
    ["my boss yelled at me", "他也没说什么", "我把这事瞒着她", "what a day", "“碰瓷”英语怎么说"],
)
def test_who_asks_for_nothing_gets_no_counsel(message):
    assert counsel(message) == ""


@pytest.mark.parametrize(
    "message",
    [
        "can you freeze rice",
        "how do i get rid of fruit flies",
        "隔夜饭要先打散不",
        "推荐几部韩剧吧",
    ],
)
def test_a_question_about_the_world(message):
    assert asks_the_world(message)


@pytest.mark.parametrize(
    "message",
    [
        "i froze the rice",
        "why does he hate me",
        "今天没啥事",
        "is it normal to cry every day",
        "我该怎么办",
    ],
)
def test_what_is_no_question_about_the_world(message):
    assert not asks_the_world(message)


def test_a_taste_is_no_fact():
    assert wants_a_fact("can you freeze rice")
    assert not wants_a_fact("any film recs?")
    assert not wants_a_fact("do you think that's good?")


@pytest.mark.parametrize(
    "message", ["i passed!!", "HE ATE. whole bowl", "抢到票了！！", "we can keep him 😭😭"]
)
def test_good_news_is_shouted(message):
    assert shouts_good_news(message)


@pytest.mark.parametrize(
    "message",
    ["i never got the job!!", "he passed away!", "没考上！", "差点抢到！", "受够了！", "i passed"],
)
def test_what_is_shouted_need_not_be_good_news(message):
    assert not shouts_good_news(message)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", ["moves", "counsel"])
def test_each_move_has_its_lines_and_each_line_its_move(language, group):
    named = set(section_of(language, group))
    beside = {"doctor", "doubt", "irony", "light", "loss", "luck", "not_fine", "shouted"}
    spoken = {name.removesuffix("_sad") for name in named} - beside
    assert spoken == set(TABLE[group])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", ["moves", "counsel", "kinds"])
def test_every_line_keeps_the_rules(language, group):
    leaves = {"night", "night_sad", "goodbye", "goodbye_sad", "silence"}
    message = {"en": "good night, i'm off to sleep", "zh": "我去睡了，晚安"}
    for name in section_of(language, group):
        for line in lines(language, f"{group}.{name}"):
            said = message[language] if name in leaves else ""
            found = {breach.rule for breach in breaches(Candidate(line, said, language))}
            assert found <= {"boilerplate"} if name.startswith("me_") else not found, line


@pytest.mark.parametrize(
    "message",
    [
        "今天一整天只说过一句「袋子不用了，谢谢」",
        'they said "thanks" and hung up on me',
        "她发了“晚安”就没了",
        "“没人要你”哈哈哈",
        '"you are a waste of space" ok',
    ],
)
def test_what_was_said_elsewhere_is_no_move(message):
    assert move(message) == ""


@pytest.mark.parametrize(
    "message",
    [
        "we buried my mum on friday",
        "my rabbit Clover didn't wake up today",
        "It's two years on Thursday since my sister passed.",
        "nan's funeral is tomorrow",
        "my cat is dead",
        "we had to put him down yesterday",
        "we lost the baby",
        "she's no longer with us",
        "the dog i loved died",
        "爸走了半年了，我还会给他留菜",
        "狗狗死了",
        "奶奶没挺过来",
        "we had her put to sleep this morning",
        "our old greyhound went this morning",
        "it would've been grandma's 90th today",
        "大学室友车祸没了",
        "养了十四年的八哥昨天没了",
        "外公头七刚过",
        "我家猫昨晚走了",
    ],
)
def test_a_loss_is_known_by_its_words(message):
    assert sign("loss", message)


@pytest.mark.parametrize(
    "message",
    [
        "my phone died on the bus",
        "my birthday passed and nobody noticed",
        "my friend passed and i failed",
        "my sister didn't make it into uni",
        "i got put down in front of the whole class",
        "it's been years since i went out",
        "lost my dad's watch",
        "爸妈今天走了，家里又剩我一个",
        "我妈把我手机拿走了",
        "猫粮没了",
        "累得人没了",
        "项目流产了",
        "she passed her driving test",
        "mum passed on the recipe to me",
        "i was put down by my boss",
        "i put the baby down to sleep at 7",
        "手机没了",
        "工作没了",
        "我妈先回老家走了一趟",
        "男朋友走了",
    ],
)
def test_what_only_sounds_like_one_is_none(message):
    assert not sign("loss", message)


@pytest.mark.parametrize(
    "message",
    [
        "he's had a fever since noon, should i take him to A&E or wait",
        "do i need to see a doctor if my foot is numb",
        "should my mum go to hospital?",
        "does he need an ambulance",
        "my chest hurts and my arm is numb, what do i do",
        "孩子烧到39度4，要不要现在去急诊",
        "该去医院还是再等等",
    ],
)
def test_whoever_asks_if_a_body_needs_help_is_known(message):
    assert sign("urgent", message)


@pytest.mark.parametrize(
    "message",
    [
        "dad is in hospital, should i tell my kids",
        "what should i say to my friend in hospital?",
        "do you, er, like me?",
        "should i buy a porsche 911",
        "要不要去医院看看她",
        "体重120算胖吗",
        "医院的饭好吃吗",
    ],
)
def test_a_hospital_alone_is_no_such_question(message):
    assert not sign("urgent", message)


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("后天考研，脑子一片浆糊，怎么办啊", "exam"),
        ("We are telling the kids on Saturday. What do I even say first?", "child"),
        ("他抢着替我爸说话，该怎么跟亲戚开口又不得罪人？", "tell"),
        ("finals tomorrow and i know nothing, what do i do", "exam"),
        ("她下周手术，去看她，带什么、说什么比较好？", "comfort"),
        ("What do I say to her when she walks in? I don't want to pretend that nothing happened, "
         "and I don't want to make her cry at work either.", "comfort"),
    ],
)  # fmt: skip
def test_more_cases_of_counsel(message, name):
    assert counsel(message) == name


@pytest.mark.parametrize(
    "message",
    [
        "the test results say it might be cancer, what do i do",
        "高考落榜了怎么办",
        "考试作弊被抓怎么办",
    ],
)
def test_an_exam_that_is_over_is_not_studied_for(message):
    assert counsel(message) == "next"
