"""What a reply will be made of: whose words, in which tone, about which feeling."""

from __future__ import annotations

import pytest

from bot.reply.plan import Plan, plan, puts_off, sadder, tone
from bot.texts.sentences import LANGUAGES, lines, section_of
from engine.task_table import load

SAD = {"negative": 0.9, "neutral": 0.08, "positive": 0.02}
MAYBE = {"negative": 0.38, "neutral": 0.57, "positive": 0.05}
CALM = {"negative": 0.03, "neutral": 0.92, "positive": 0.05}
GLAD = {"negative": 0.02, "neutral": 0.08, "positive": 0.9}


def planned(message, probabilities, before=(), *, careful=False, **kinds):
    label = max(probabilities, key=probabilities.__getitem__)
    sad = sadder(probabilities, kinds)
    return plan(message, sad, label, before, kinds, careful=careful)


@pytest.mark.parametrize(
    ("message", "probabilities", "whole"),
    [
        ("gotta go, my bus is here", CALM, "moves.goodbye"),
        ("gotta go, my bus is here", SAD, "moves.goodbye_sad"),
        ("gotta run, wish me luck", SAD, "moves.luck"),
        ("good night", CALM, "moves.night"),
        ("我哭累了，先睡了，晚安", CALM, "moves.night_sad"),
        ("thanks, that helped", GLAD, "moves.thanks"),
        ("谢谢你，可我还是很乱", SAD, "moves.thanks_sad"),
        ("i don't want to talk about it", SAD, "moves.silence"),
        ("meh", CALM, "moves.sigh"),
        ("你吃了没", CALM, "moves.me_eaten"),
    ],
)
def test_a_plain_move_is_answered_in_peoples_words(message, probabilities, whole):
    assert planned(message, probabilities).whole == whole


@pytest.mark.parametrize(
    "message", ["thanks. my dad died today", "奶奶走了。晚安", "got fired. night"]
)
def test_a_grave_word_is_heard_before_the_goodbye(message):
    assert planned(message, SAD).whole == ""


def test_whoever_spoke_of_a_danger_lately_gets_the_gentler_goodbye():
    assert planned("good night", CALM, careful=True).whole == "moves.night_sad"


def test_news_that_is_shouted_is_heard_before_the_goodbye():
    assert planned("got the job!! ok bye", GLAD) == Plan("positive")


@pytest.mark.parametrize(
    "message",
    [
        "oh great, the drill again",
        "7am. love that for me",
        "呵呵，发了两箱苹果",
        "lovely, my own sister uninvited me from her wedding",
        "太棒了，房东让我三天之内搬走",
        "真好啊，周末又要加班",
    ],
)
def test_irony_is_no_gladness(message):
    assert planned(message, GLAD).whole == "moves.irony"


@pytest.mark.parametrize(
    "message",
    [
        "oh lovely, thank you!",
        "just perfect, we had cake",
        "great, the towels are dry",
        "太棒了，我们搬家了",
        "i got the job!! love that for me",
    ],
)
def test_a_gladness_that_is_meant_is_no_irony(message):
    assert planned(message, GLAD).whole != "moves.irony"


def test_a_laugh_after_a_sad_word_is_left_to_the_model():
    assert planned("haha", CALM).whole == "moves.laugh"
    assert planned("haha", CALM, ["negative"]).whole == ""


def test_thanks_that_mean_the_opposite_or_come_with_more_are_no_thanks():
    assert planned("oh great, thanks, the drill again", GLAD).whole == "moves.irony"
    long = "thank you for listening, but he never came home and i can't stop going over it"
    assert planned(long, SAD).whole == ""


@pytest.mark.parametrize(
    "message", ["how many ml in a cup??", "can you freeze cooked rice", "高铁上能带指甲刀吗"]
)
@pytest.mark.parametrize("probabilities", [CALM, MAYBE])
def test_a_question_about_the_world_is_answered_and_no_feeling_put_into_it(message, probabilities):
    assert planned(message, probabilities) == Plan("neutral", question=True, last="moves.doubt")


def test_a_matter_of_taste_and_a_forecast_are_not_doubted():
    assert planned("got any book recs?", CALM) == Plan("neutral", question=True)
    assert planned("will it rain tomorrow?", CALM) == Plan("neutral", question=True)


@pytest.mark.parametrize(
    "message", ["was it my fault?", "我是不是很没用？", "why does it hurt so much"]
)
def test_a_question_about_oneself_is_none_about_the_world(message):
    made = planned(message, SAD)
    assert (made.label, made.question) == ("negative", False)


@pytest.mark.parametrize(
    ("message", "last"),
    [
        ("i lost my job. how do i tell my wife", "counsel.tell"),
        ("her mum died, what do i write in the card?", "counsel.comfort"),
        ("丢了工作，怎么跟爸妈说啊", "counsel.tell"),
        ("朋友的妈妈走了，我发点什么好", "counsel.comfort"),
        ("押金怎么分这种话咋开口啊", "counsel.raise"),
    ],
)
def test_whoever_asks_for_words_in_a_hard_time_gets_some(message, last):
    for probabilities in (SAD, MAYBE):
        assert planned(message, probabilities) == Plan("negative", last=last)


def test_a_kind_of_sadness_that_is_clear_is_spoken_to():
    message = "made one cup of rice and the cooker looks too big"
    assert planned(message, SAD, loneliness=0.6, other=0.3) == Plan(
        "negative", last="kinds.loneliness"
    )
    assert planned(message, SAD, loneliness=0.4, grief=0.1, other=0.5).last == "kinds.loneliness"
    assert planned(message, SAD, loneliness=0.3, grief=0.3, worry=0.2, other=0.2).last == ""
    assert planned(message, SAD, loneliness=0.4, other=0.6).last == ""
    assert planned(message, SAD, other=0.9).last == ""


def test_the_kinds_tell_of_sadness_too():
    assert sadder(CALM, {}) == CALM
    found = sadder(CALM, {"grief": 0.5, "worry": 0.3, "other": 0.2})
    assert found["negative"] == pytest.approx((0.03 + 0.8) / 2)
    assert sum(found.values()) == pytest.approx(1)
    assert planned("sold his van this morning", CALM, grief=0.8, other=0.2).label == "negative"
    assert planned("sold his van this morning", MAYBE, other=1.0).label == "neutral"


def test_ironic_thanks_are_none():
    for message in ("真行啊，领导又让我周末加班，太感谢了", "领导又让我加班，真行啊，太感谢了"):
        assert planned(message, SAD).whole == planned(message, GLAD).whole == "moves.irony"
    for message in ("thanks, just what i needed to hear", "我真的谢谢你，心里好多了"):
        assert planned(message, GLAD).whole != "moves.irony"


def test_what_is_told_calmly_right_after_something_sad_is_asked_about_and_not_found_nice():
    message = "he sleeps in the spare room and we talk about the bins"
    even = {"negative": 0.2, "neutral": 0.75, "positive": 0.05}
    assert planned(message, even, ["negative"]).whole == "moves.light"
    for made in (
        planned(message, even),
        planned(message, even, ["negative", "neutral"]),
        planned(message, CALM, ["negative"]),
        planned(message, GLAD, ["negative"]),
        planned("we had pasta for dinner", even, ["negative"]),
        planned("does he like it there", even, ["negative"]),
    ):
        assert made.whole == ""
    assert planned(message, SAD, ["negative"]).label == "negative"


def test_irony_is_not_congratulated():
    message = "they moved the exam to my birthday. lovely of them"
    assert planned(message, GLAD) == Plan("positive")
    assert planned(message, GLAD, irony=0.6, other=0.4) == Plan("neutral")
    assert planned(message, MAYBE, irony=0.9).label == "negative"


def test_a_loss_is_met_as_one_whatever_else_it_sounds_like():
    made = planned("my rabbit clover didn't wake up today", SAD, worry=0.9)
    assert (made.label, made.first, made.last) == ("negative", "moves.loss", "kinds.grief")
    assert planned("we buried my mum on friday", {"negative": 0.2, "neutral": 0.8}).last
    assert planned("my grandad's funeral had the best jokes", GLAD).first == ""


def test_no_chat_says_whether_a_body_needs_help():
    for probabilities in (SAD, CALM, GLAD):
        made = planned("his fever is 39.4, should we go to A&E?", probabilities)
        assert made.whole == "moves.doctor"


def test_lines_that_were_asked_for_come_before_those_of_a_kind():
    message = "i lost my job. how do i tell my wife"
    assert planned(message, SAD, worry=0.9).last == "counsel.tell"
    assert Plan("negative", last="kinds.worry").counsel == ""


def test_a_grumble_is_neither_pitied_nor_congratulated():
    message = "someone on our road is mowing at 7am on a sunday. bold"
    for probabilities in (CALM, MAYBE, GLAD):
        assert planned(message, probabilities, grumble=0.6).whole == "kinds.grumble"
    assert planned(message, SAD, grumble=0.6).whole == ""
    assert planned("why is the bus late", MAYBE, grumble=0.6).whole == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_that_is_spoken_to_has_its_lines(language):
    named = [kind for kind in load()["sentiment"].kinds if kind not in ("irony", "other")]
    assert list(section_of(language, "kinds")) == named
    for kind in named:
        made = planned("my message", MAYBE if kind == "grumble" else SAD, **{kind: 1.0})
        assert lines(language, made.whole or made.last)


def test_what_to_say_may_be_asked_calmly_after_something_sad():
    assert planned("how do i tell my little girl?", CALM, ["negative"]).last == "counsel.child"
    assert planned("how do i tell my little girl?", CALM).last == ""
    assert planned("can you freeze bread", CALM, ["negative"]).question


def test_the_same_words_asked_by_somebody_glad_get_none():
    assert planned("i got the job. how do i tell my wife", GLAD).last == ""


@pytest.mark.parametrize(
    "message", ["so they rang. i start on the 3rd!!", "上岸了！我妈哭得比我还凶😭"]
)
def test_news_that_is_shouted_is_good_however_sad_it_sounds(message):
    assert planned(message, SAD) == Plan("positive")


def test_who_speaks_of_the_weather_is_not_pitied():
    assert planned("cant even see the end of the street", SAD).heard == "moves.light"
    assert planned("lunch was leftover chili", MAYBE) == Plan("neutral")
    assert planned("i can't see the end of this", SAD) == Plan("negative")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_that_a_plan_may_name_is_there(language):
    for key in ("moves.doubt", "moves.light", "moves.night_sad", "moves.thanks_sad"):
        assert lines(language, key)
    assert lines(language, planned("I'm fine", CALM, ["negative"]).first)
    assert lines(language, planned("my dog died", SAD).first)
    assert lines(language, planned("should i call an ambulance", CALM).whole)


@pytest.mark.parametrize(
    ("probabilities", "label", "expected"),
    [
        ({"negative": 0.9, "neutral": 0.05, "positive": 0.05}, "negative", "negative"),
        ({"negative": 0.4, "neutral": 0.55, "positive": 0.05}, "neutral", "negative"),
        ({"negative": 0.25, "neutral": 0.7, "positive": 0.05}, "neutral", "neutral"),
        ({"negative": 0.1, "neutral": 0.1, "positive": 0.8}, "positive", "positive"),
        ({"negative": 0.25, "neutral": 0.1, "positive": 0.65}, "positive", "neutral"),
        ({"negative": 0.1, "neutral": 0.4, "positive": 0.5}, "positive", "neutral"),
        ({}, "neutral", "neutral"),
    ],
)
def test_what_may_well_be_sad_is_answered_as_sad(probabilities, label, expected):
    assert tone(probabilities, label, "the test was today") == expected


@pytest.mark.parametrize(
    "message", ["I'm fine.", "fine", "lol its whatever", "我没事。", "还好", "没事啦，早习惯了哈哈"]
)
def test_fine_soon_after_something_sad_puts_it_off(message):
    for before in (["negative"], ["negative", "neutral"], ["negative", "", "neutral"]):
        assert puts_off(message, before)
    for before in ([], ["positive"], ["negative", *["neutral"] * 3]):
        assert not puts_off(message, before)


@pytest.mark.parametrize("message", ["I'm fine with that plan", "ok, good night", "没事就好"])
def test_a_message_with_more_to_it_does_not(message):
    assert not puts_off(message, ["negative"])


@pytest.mark.parametrize("message", ["do you think that's good?", "这样好吗？"])
def test_questions_are_not_celebrated(message):
    assert tone({"positive": 0.9}, "positive", message) == "neutral"
    assert tone({"negative": 0.9}, "negative", message) == "negative"


@pytest.mark.parametrize(
    "message", ["oh great, the drill again", "7am. love that for me", "呵呵，发了两箱苹果"]
)
def test_what_only_sounds_glad_is_not_celebrated(message):
    assert tone({"positive": 0.9}, "positive", message) == "neutral"
