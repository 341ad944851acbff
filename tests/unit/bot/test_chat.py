"""One message through the seven stops: their order, the fixed answers, and what is shown."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from adapters.messages import Accepted, Finished, Labelled, Text
from bot.reply.wording import MOST_DRAWS
from bot.replying import SEEDS_APART
from bot.safety import crisis_answer
from bot.texts.sentences import say
from engine.base import SamplingParams
from storage.records import State
from tests.fake_store import MemoryStore
from tests.fakes import FakeEngine, answer, chat_on, said, text_of

CRISIS = {"en": "I want to kill myself", "zh": "我想自杀"}
HUMAN = {"en": "are you a real person?", "zh": "你是真人吗？"}


async def test_a_message_goes_through_the_stops_in_their_order():
    engine, store = FakeEngine(), MemoryStore()
    await answer(chat_on(engine, store), said("I lost my keys", "m1"))
    stops = [line.split()[0] for line in store.log]
    assert stops == ["receive", "begin", "history", "score", "moods", "stream", "complete"]
    assert store.log[0] == "receive m1"


async def test_the_first_event_says_that_the_message_is_in_safe_hands():
    store = MemoryStore()
    async with aclosing(chat_on(FakeEngine(), store)(said("I lost my keys", "m1"))) as events:
        assert await anext(events) == Accepted()
        assert store.log == ["receive m1"]


async def test_the_label_comes_before_the_words_and_the_end_after_them():
    engine = FakeEngine(" I hear", " you.", " Tell me", " more.")
    engine.leaning = {"Negative": 3.0}
    events = await answer(chat_on(engine, MemoryStore()), said("I lost my keys"))
    labelled, *sentences, finished = events
    assert isinstance(labelled, Labelled)
    assert (labelled.label, labelled.language, labelled.model) == ("negative", "en", "fake-1b")
    assert not labelled.fixed
    assert sum(labelled.probabilities.values()) == pytest.approx(1)
    assert labelled.valence == pytest.approx(
        labelled.probabilities["positive"] - labelled.probabilities["negative"]
    )
    assert sentences == [Text("I hear you."), Text(" Tell me more.")]
    assert isinstance(finished, Finished)
    marks = [finished.timings[name] for name in ("label_ms", "first_token_ms", "total_ms")]
    assert marks == sorted(marks)


async def test_the_turn_is_written_down_once_with_reply_and_label():
    engine, store = FakeEngine("  I hear", " you. "), MemoryStore()
    engine.leaning = {"Positive": 3.0}
    await answer(chat_on(engine, store), said("I found my keys"))
    assert [line for line in store.log if line.startswith("complete")] == ["complete 1"]
    turn = store.turns[1]
    assert (turn["state"], turn["reply"]) == (State.ANSWERED, "I hear you.")
    assert turn["label"].label == "positive"
    assert turn["label"].confidence == max(turn["label"].probabilities.values())
    assert (turn["label"].task, turn["label"].version) == ("sentiment", "7")


async def test_the_reply_goes_on_from_the_label_on_the_same_prefix():
    engine = FakeEngine()
    engine.leaning = {"Negative": 3.0}
    await answer(chat_on(engine, MemoryStore()), said("I lost my keys"))
    asked, replied = engine.scored[0], engine.streamed[0]
    assert asked.messages[:-1] == replied.messages[:-1]
    assert asked.messages[-1].opening == ("[",)
    assert replied.messages[-1].opening == ("[", "Negative", "]")
    assert asked.shared == replied.shared == 3
    assert asked.conversation == replied.conversation == "100:en"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_crisis_is_answered_before_anything_is_scored_and_the_model_writes_nothing(
    language,
):
    engine, store = FakeEngine(), MemoryStore()
    async with aclosing(chat_on(engine, store, region="CN")(said(CRISIS[language]))) as events:
        assert await anext(events) == Accepted()
        assert await anext(events) == Text(crisis_answer(language, "CN"), whole=True)
        assert "12356" in crisis_answer(language, "CN")
        assert [line.split()[0] for line in store.log] == ["receive"]
        rest = [event async for event in events]
    assert [type(event) for event in rest] == [Labelled, Finished]
    assert isinstance(rest[0], Labelled)
    assert rest[0].fixed
    assert engine.streamed == []
    assert store.turns[1]["reply"] == crisis_answer(language, "CN")
    assert store.turns[1]["label"] is not None


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_that_it_is_an_ai_is_never_left_to_the_model(language):
    engine, store = FakeEngine(" Yes, I am."), MemoryStore()
    events = await answer(chat_on(engine, store), said(HUMAN[language]))
    assert [type(event) for event in events] == [Text, Labelled, Finished]
    assert events[0] == Text(say(language, "honesty.human"), whole=True)
    assert engine.streamed == []
    assert store.state() is State.ANSWERED


async def test_a_crisis_goes_before_the_question_whether_it_is_human():
    events = await answer(
        chat_on(FakeEngine(), MemoryStore()), said("are you human? I want to kill myself")
    )
    assert text_of(events) == crisis_answer("en", "")


async def test_a_fixed_answer_is_seen_by_the_next_prompt():
    engine = FakeEngine()
    chat = chat_on(engine, MemoryStore())
    await answer(chat, said(HUMAN["en"]))
    await answer(chat, said("alright then"))
    assert f" {say('en', 'honesty.human')}" in [m.content for m in engine.streamed[0].messages]


async def test_the_label_words_in_brackets_end_a_reply():
    engine = FakeEngine(" I hear you. ", "[", "Nega", "tive] And then")
    store = MemoryStore()
    events = await answer(chat_on(engine, store), said("I lost my keys"))
    assert text_of(events) == "I hear you. "
    assert store.turns[1]["reply"] == "I hear you."
    assert engine.params[0].stop == ("[Positive", "[Neutral", "[Negative")


async def test_the_owners_sampling_reaches_the_model():
    engine = FakeEngine()
    sampling = SamplingParams(40, 0.1, 0.5, stop=("END",))
    await answer(chat_on(engine, MemoryStore(), sampling=sampling), said("我丢了钥匙"))
    used = engine.params[0]
    assert (used.max_tokens, used.temperature, used.top_p) == (40, 0.1, 0.5)
    assert used.stop == ("END", "[正面", "[平静", "[负面")


@pytest.mark.parametrize("reply", [(" ",), ("", "\n "), ("[Positive] no",)])
async def test_a_model_that_finds_no_words_gets_a_fixed_sentence(reply):
    store = MemoryStore()
    events = await answer(chat_on(FakeEngine(*reply), store), said("I lost my keys"))
    assert text_of(events) == store.turns[1]["reply"] == say("en", "turn.silent")


async def test_blank_pieces_before_the_first_word_are_not_shown():
    engine = FakeEngine("\n", "  ", " Hi", " there. ", "Go", " on.")
    events = await answer(chat_on(engine, None), _unkept("hello"))
    shown = [event for event in events if isinstance(event, Text)]
    assert shown == [Text("Hi there."), Text(" Go on.")]
    assert len(engine.streamed) == 1


async def test_what_is_not_to_be_remembered_touches_no_store():
    store = MemoryStore()
    events = await answer(chat_on(FakeEngine(), store), _unkept("12 34"))
    assert text_of(events) == "I hear you."
    assert store.log == ["score", "stream"]
    assert store.turns == {}


async def test_without_a_store_nothing_can_be_remembered():
    with pytest.raises(RuntimeError, match="no store"):
        await answer(chat_on(FakeEngine(), None), said("hello"))


async def test_sentences_are_shown_as_they_come():
    more = asyncio.Event()
    engine = FakeEngine(" I hear", " you. Tell", more, " me more.")
    async with aclosing(chat_on(engine, MemoryStore())(said("hello there"))) as events:
        assert await anext(events) == Accepted()
        assert isinstance(await anext(events), Labelled)
        assert await anext(events) == Text("I hear you.")
        more.set()
        assert await anext(events) == Text(" Tell me more.")


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("I lost my keys", (" I am a human", " like you. ", "Tell me more.")),
        ("I lost my keys", (" 我在听。", "慢慢说。")),
        ("我丢了钥匙", (" I hear you. ", "Tell me more.")),
    ],
)
async def test_where_every_beginning_is_refused_there_is_a_fixed_sentence(text, refused):
    engine, store = FakeEngine(*refused), MemoryStore()
    events = await answer(chat_on(engine, store), said(text))
    silent = say("en" if text.isascii() else "zh", "turn.silent")
    assert [type(event) for event in events] == [Labelled, Text, Finished]
    assert text_of(events) == store.turns[1]["reply"] == silent
    assert len(engine.streamed) == MOST_DRAWS


async def test_of_two_drafts_the_second_alone_is_shown_and_kept():
    engine, store = FakeEngine(), MemoryStore()
    drafts = [" I am a human like you. ", "Tell me more."], [" I hear", " you. ", "Go on."]
    engine.reply = lambda prompt: drafts[len(engine.streamed) - 1]
    chat = chat_on(engine, store)
    events = await answer(chat, said("I lost my keys"))
    assert text_of(events) == store.turns[1]["reply"] == "I hear you. Go on."
    assert [line.split()[0] for line in store.log].count("complete") == 1
    assert engine.streamed[0] == engine.streamed[1]
    assert engine.stopped == 1  # the first draft ends with its first sentence
    engine.reply = (" Here", " now.")
    await answer(chat, said("and my bag"))
    words = [message.content for message in engine.streamed[-1].messages]
    assert " I hear you. Go on." in words
    assert not any("human" in content for content in words)


async def test_each_draft_of_a_seeded_model_is_another_one():
    engine = FakeEngine(" I am a human.")
    await answer(chat_on(engine, None, sampling=SamplingParams(40, seed=7)), _unkept("hello"))
    assert [params.seed for params in engine.params] == [7, 7 + SEEDS_APART, 7 + 2 * SEEDS_APART]


async def test_a_later_sentence_that_is_refused_is_neither_shown_nor_kept():
    engine, store = (
        FakeEngine(" I hear you.", " I am a human", " like you. ", "Yes."),
        MemoryStore(),
    )
    events = await answer(chat_on(engine, store), said("I lost my keys"))
    assert text_of(events) == store.turns[1]["reply"] == "I hear you."
    assert len(engine.streamed) == 1


def _unkept(text: str):
    return said(text, remember=False)
