"""A guided reply names a feeling that the model chose, and ends with a line of ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.messages import Labelled
from bot.reply.script import written_in
from bot.texts.sentences import lines
from engine.calibration import Calibration
from engine.tasks import Manner
from engine.verbalizer import Verbalizer
from tests.fake_store import MemoryStore
from tests.fakes import TASK, FakeEngine, answer, chat_on, said, text_of

MANNER = Manner(
    ("sad", "angry", "torn"),
    ("You must be", "You sound"),
    ("You must be so {}.", "It sounds like you're {}."),
    closers=("I'm all ears.", "Take your time."),
)
PLAIN = Manner(sentences=1, temperature=0.25, closers=MANNER.closers)
SAD = {"Negative": 3.0, " angry": 2.0}
GLAD = {"Positive": 3.0}


def guided_by(manner, label="negative"):
    english = replace(TASK.languages["en"], manners={label: manner})
    return replace(TASK, languages={**TASK.languages, "en": english})


def engine_of(leaning, *reply):
    engine = FakeEngine(*reply)
    engine.leaning = leaning
    return engine


async def told_by(engine, task, text="my cat ran away"):
    chat = chat_on(engine, MemoryStore(), task, guided=True)
    return text_of(await answer(chat, said(text)))


async def test_a_sad_message_gets_its_feeling_named_and_a_line_of_ours():
    engine = engine_of(SAD)
    told = await told_by(engine, guided_by(MANNER))
    assert told.startswith(("You must be so angry. ", "It sounds like you're angry. "))
    assert told.endswith(MANNER.closers)
    assert engine.streamed == []


async def test_the_model_is_asked_after_each_wording_on_the_label_that_it_gave():
    engine = engine_of(SAD)
    await told_by(engine, guided_by(MANNER))
    label, *asked = engine.scored
    assert [prompt.messages[-1].content for prompt in asked] == [" You must be", " You sound"]
    assert all(prompt.messages[-1].opening[1] == "Negative" for prompt in asked)
    assert all(prompt.messages[:-1] == label.messages[:-1] for prompt in asked)


async def test_the_feelings_of_all_wordings_count():
    def leaning(prompt):
        last = prompt.messages[-1].content
        return {" You must be": {" sad": 3.0, " torn": 2.5}, " You sound": {" torn": 2.0}}.get(
            last, SAD
        )

    assert "torn" in await told_by(engine_of(leaning), guided_by(MANNER))


async def test_what_the_model_says_of_anything_means_less():
    task = guided_by(MANNER)
    known = Calibration(feelings={"negative": {"torn": 2.5}})
    english = replace(task.languages["en"], calibrations={FakeEngine.model: known})
    task = replace(task, languages={**task.languages, "en": english})
    assert "torn" in await told_by(engine_of(SAD), task)


async def test_fine_after_something_sad_is_left_open_and_no_feeling_put_into_it():
    engine = engine_of(SAD)
    chat = chat_on(engine, MemoryStore(), guided_by(MANNER), guided=True)
    await answer(chat, said("he left"))
    asked = len(engine.scored)
    told = text_of(await answer(chat, said("I'm fine.")))
    assert told.startswith("Here you don't have to be fine. ")
    assert told.endswith(MANNER.closers)
    assert len(engine.scored) == asked + 1


async def test_a_sadness_that_is_only_likely_sets_the_tone_and_not_the_label():
    engine = engine_of({"Negative": -0.2, "Positive": -3.0, " torn": 4.0})
    chat = chat_on(engine, MemoryStore(), guided_by(MANNER), guided=True)
    events = await answer(chat, said("my cat ran away"))
    assert "torn" in text_of(events)
    assert [e.label for e in events if isinstance(e, Labelled)] == ["neutral"]


async def test_the_next_answer_is_put_otherwise():
    chat = chat_on(engine_of(SAD), MemoryStore(), guided_by(MANNER), guided=True)
    first, second = [
        text_of(await answer(chat, said(text))) for text in ("my cat ran away", "it was my fault")
    ]
    assert first.split()[0] != second.split()[0]
    assert first.split(". ")[1] != second.split(". ")[1]


async def test_a_feeling_that_is_not_sure_is_asked_about():
    manner = replace(MANNER, guessed=("Are you {}?",))
    assert not (await told_by(engine_of(SAD), guided_by(manner))).startswith("Are")
    unsure = {"Negative": 0.2, " angry": 2.0}
    assert (await told_by(engine_of(unsure), guided_by(manner))).startswith("Are you angry? ")


@pytest.mark.parametrize(
    ("leaning", "begins"),
    [
        ({"Negative": 3.0, " angry": 0.5}, "I'm sorry."),
        ({"Negative": 0.0, " angry": 0.5}, "I hear you."),
        ({"Negative": 3.0, " angry": 2.0}, "Angry, then."),
    ],
)
async def test_where_no_feeling_is_clear_none_is_named(leaning, begins):
    manner = replace(MANNER, told=("Angry, then. {}",), heard=("I'm sorry.",))
    told = await told_by(engine_of(leaning), guided_by(manner))
    assert told.startswith(begins)


async def test_a_forecast_that_the_model_cannot_leave_becomes_a_plain_word():
    engine = engine_of({"Neutral": 3.0}, "Yes, it will rain.")
    assert await told_by(engine, TASK, "will it rain tomorrow?") == "I can't know that from here."


async def test_a_manner_without_feelings_bounds_what_the_model_writes():
    engine = engine_of(GLAD, "That is lovely.", " Dogs are animals.", " Cats too.")
    told = await told_by(engine, guided_by(PLAIN, "positive"), "my cat is back")
    assert told.startswith("That is lovely. ")
    assert told.endswith(PLAIN.closers)
    assert engine.params[0].temperature == 0.25


@pytest.mark.parametrize(("leaning", "guided"), [(GLAD, True), (SAD, False)])
async def test_another_label_or_an_owner_leaves_the_words_to_the_model(leaning, guided):
    engine = engine_of(leaning)
    chat = chat_on(engine, MemoryStore(), guided_by(MANNER), guided=guided)
    assert text_of(await answer(chat, said("my cat ran away"))) == "I hear you."
    assert len(engine.scored) == 1


async def test_a_plain_move_is_answered_without_the_model():
    engine = engine_of(SAD)
    told = await told_by(engine, guided_by(MANNER), "good night")
    assert told in lines("en", "moves.night_sad")
    assert engine.streamed == []
    assert len(engine.scored) == 1


async def test_an_owner_who_guides_nothing_hears_the_model_say_good_night():
    chat = chat_on(engine_of(SAD), MemoryStore(), guided_by(MANNER), guided=False)
    assert text_of(await answer(chat, said("good night"))) == "I hear you."


KINDS = ("loneliness", "grumble", "other")


def with_kinds(task):
    """The task with words that tell the kind: "Alone" loneliness, "Ugh" a grumble."""
    rows = {"Alone": [1.0, 0.0, 0.0], "Ugh": [0.0, 1.0, 0.0], "Bus": [0.0, 0.0, 1.0]}
    known = Calibration(kinds=Verbalizer(rows, dict.fromkeys(KINDS, 0.0)))
    english = replace(task.languages["en"], calibrations={FakeEngine.model: known})
    return replace(task, kinds=KINDS, languages={**task.languages, "en": english})


async def test_a_clear_kind_of_sadness_ends_with_a_line_for_it():
    engine = engine_of(SAD | {"Alone": 4.0})
    told = await told_by(engine, with_kinds(guided_by(MANNER)), "one cup of rice, as ever")
    assert told.startswith(("You must be so angry. ", "It sounds like you're angry. "))
    assert told.endswith(lines("en", "kinds.loneliness"))
    assert engine.streamed == []


async def test_a_grumble_is_answered_without_the_model():
    engine = engine_of({"Neutral": 3.0, "Ugh": 5.0})
    task = with_kinds(guided_by(MANNER))
    assert await told_by(engine, task, "mowing at seven. bold") in lines("en", "kinds.grumble")
    assert engine.streamed == []


async def test_who_asks_for_words_hears_the_feeling_first_and_then_the_words():
    told = await told_by(engine_of(SAD), guided_by(MANNER), "he left. how do i tell my mum")
    assert told.startswith(("You must be so angry. ", "It sounds like you're angry. "))
    assert told.endswith(lines("en", "counsel.tell"))


async def test_the_words_are_there_also_where_no_feeling_is():
    manner = replace(MANNER, heard=("I'm sorry.",))
    engine = engine_of({"Negative": -1.0, "Positive": -3.0, " angry": 0.5})
    told = await told_by(engine, guided_by(manner), "he left. how do i tell my mum")
    assert told in lines("en", "counsel.tell")
    assert engine.streamed == []


async def test_a_question_about_the_world_is_put_as_one_and_the_answer_doubted_once():
    task = guided_by(MANNER)
    english = replace(task.languages["en"], question="Answer it.")
    task = replace(task, languages={**task.languages, "en": english})
    engine = engine_of({"Neutral": 3.0}, "Yes, rice can be frozen.")
    chat = chat_on(engine, MemoryStore(), task, guided=True)
    first, second = [
        text_of(await answer(chat, said(text)))
        for text in ("can you freeze rice?", "can you freeze milk?")
    ]
    assert engine.streamed[0].messages[-3].content == "Answer it."
    assert first.endswith(lines("en", "moves.doubt"))
    assert not second.endswith(lines("en", "moves.doubt"))


async def test_where_no_feeling_could_be_named_the_model_ends_its_own_reply():
    manner = replace(MANNER, heard=("I'm sorry.",))
    engine = engine_of({"Negative": -0.2, " angry": 0.5})
    assert await told_by(engine, guided_by(manner), "i went home") == "I hear you."


async def test_traditional_characters_are_answered_in_traditional_ones():
    chinese = replace(TASK.languages["zh"], manners={"positive": PLAIN})
    task = replace(TASK, languages={**TASK.languages, "zh": chinese})
    chat = chat_on(engine_of({}, "听起来很轻松。"), MemoryStore(), task, guided=True)
    assert text_of(await answer(chat, said("今天沒什麼事，看了書"))) == "聽起來很輕鬆。"
    assert text_of(await answer(chat, said("謝謝你"))) in {
        written_in("traditional", line) for line in lines("zh", "moves.thanks")
    }


async def test_a_loss_is_met_without_a_question_to_the_model():
    engine = engine_of(SAD)
    told = await told_by(engine, guided_by(MANNER), "my cat died")
    assert told.startswith(lines("en", "moves.loss"))
    assert told.endswith(lines("en", "kinds.grief"))
    assert len(engine.scored) == 1
    assert engine.streamed == []
