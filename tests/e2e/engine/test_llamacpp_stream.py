"""Replies on the real model: whole characters, stopped at once, kept apart, and forgotten."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from engine.base import Message, SamplingParams
from engine.llamacpp import LlamaCpp
from tests.e2e.engine.talk import (
    LABELS,
    PATIENCE_SECONDS,
    Watched,
    reply,
    said,
    tokens_of,
    until,
)

pytestmark = [pytest.mark.model, pytest.mark.asyncio(loop_scope="session")]

ANSWERED = ("[", "Neutral", "]")
LONG = SamplingParams(max_tokens=500, temperature=0.0)


@pytest.fixture
def watched(engine: LlamaCpp, monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(engine, monkeypatch)


def all_free(engine: LlamaCpp) -> bool:
    return len(engine._slots._free) == 2


async def test_closing_a_reply_stops_the_model_within_a_token(engine, watched):
    watched.extra = {"ignore_eos": True}
    prompt = said("count to a thousand", ANSWERED, conversation="closing")
    async with aclosing(engine.stream(prompt, LONG)) as pieces:
        async for _ in pieces:
            break
    at_close = len(watched.events)
    await until(lambda: all_free(engine))
    assert len(watched.events) <= at_close + 2
    assert not any("timings" in event for event in watched.events)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await engine.score(said("stop", conversation="closing"), LABELS)


async def test_cancelling_stops_the_reading_of_a_long_prompt(engine, watched):
    watched.extra = {"ignore_eos": True}
    shared = (Message("system", "A prompt that no slot has read."),)
    prompt = said("word " * 900, ANSWERED, shared=shared, conversation="reading")
    task = asyncio.create_task(reply(engine, prompt, LONG))
    await until(lambda: bool(watched.events))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    at_cancel = len(watched.events)
    await until(lambda: all_free(engine))
    assert len(watched.events) <= at_cancel + 2
    assert not any(event["choices"][0].get("text") for event in watched.events)


async def test_a_reply_that_was_never_begun_holds_no_slot(engine):
    stream = engine.stream(said("hi", ANSWERED), LONG)
    await stream.aclose()
    assert all_free(engine)


async def test_two_conversations_at_once_stay_apart(engine, watched):
    prompts = {
        name: said(f"My name is {name}. What is my name?", ANSWERED, conversation=name)
        for name in ("Ann", "Bartholomew")
    }
    params = SamplingParams(max_tokens=12, temperature=0.0)
    replies = await asyncio.gather(*(reply(engine, p, params) for p in prompts.values()))
    assert all("".join(pieces).strip() for pieces in replies)
    for name, prompt in prompts.items():
        (slot,) = engine._slots.of(name)
        assert list(slot.tokens) == await tokens_of(engine, prompt)
    await until(lambda: all_free(engine))
    watched.clear()
    for prompt in prompts.values():  # the model's own slots hold what the books say
        await engine.score(prompt, LABELS)
    assert max(watched.read) <= 2


async def test_more_replies_than_slots_all_end(engine):
    params = SamplingParams(max_tokens=4)
    asked = [reply(engine, said("hi", ANSWERED, conversation=str(n)), params) for n in range(5)]
    assert all(await asyncio.gather(*asked))
    await until(lambda: all_free(engine))


async def test_chinese_and_emoji_come_in_whole_characters(engine, watched):
    words = "你好，🎉👨‍👩‍👧龘✓"
    watched.extra = {"grammar": f'root ::= "{words}"'}
    pieces = await reply(engine, said("say it", ANSWERED), SamplingParams(max_tokens=60))
    assert "".join(pieces) == words
    assert len(pieces) > 3
    assert not any("\ufffd" in piece for piece in pieces)


async def test_a_reply_has_no_more_tokens_than_asked_for(engine, watched):
    watched.extra = {"ignore_eos": True}
    params = SamplingParams(max_tokens=5, temperature=0.0)
    pieces = await reply(engine, said("tell me a story", ANSWERED), params)
    assert len(pieces) <= 5
    assert watched.written == 5


async def test_a_reply_ends_where_the_context_ends(engine, watched):
    watched.extra = {"ignore_eos": True}
    spare = 1024 - len(await tokens_of(engine, said("word" * 2, ANSWERED)))
    prompt = said("word" * (spare - 4), ANSWERED)
    room = 1024 - len(await tokens_of(engine, prompt))
    assert 0 < room < 10
    await reply(engine, prompt, LONG)
    assert 0 < watched.written <= room


async def test_a_seed_gives_the_same_reply_twice_and_another_seed_another(engine):
    prompt = said("tell me something nice", ANSWERED, conversation="seed")
    await engine.score(prompt, LABELS)

    async def drawn(seed: int) -> str:
        params = SamplingParams(max_tokens=10, temperature=1.2, top_p=1.0, seed=seed)
        drawn = "".join(await reply(engine, prompt, params))
        await until(lambda: all_free(engine))  # so that the next one has the same slot
        return drawn

    first = await drawn(7)
    assert await drawn(7) == first
    assert await drawn(8) != first


async def test_a_stop_string_ends_the_reply_and_is_no_part_of_it(engine, watched):
    watched.extra = {"grammar": 'root ::= "one two three [four] five"'}
    params = SamplingParams(max_tokens=40, stop=("never", "[four"))
    assert "".join(await reply(engine, said("say it", ANSWERED), params)) == "one two three "


async def test_the_templates_end_token_ends_a_reply_and_does_not_show(engine, watched):
    watched.extra = {"grammar": 'root ::= "done"'}
    params = SamplingParams(max_tokens=40)
    assert "".join(await reply(engine, said("say it", ANSWERED), params)) == "done"
    assert watched.events[-1]["choices"][0]["finish_reason"] == "stop"


async def test_forget_empties_the_slot_of_a_conversation(engine, watched):
    shared = (Message("system", "Nobody else has this line before their words."),)
    prompt = said("a secret", shared=shared, conversation="forgotten")
    tokens = await tokens_of(engine, prompt)
    await engine.score(prompt, LABELS)
    (slot,) = engine._slots.of("forgotten")
    await engine.forget("forgotten")
    assert engine._slots.of("forgotten") == []
    slot.used = -1  # so that the next turn without a key gets this slot
    watched.clear()
    await engine.score(said("a secret", shared=shared), LABELS)
    assert slot.tokens == tuple(tokens)
    assert watched.read == [len(tokens)]


async def test_forget_waits_for_the_reply_that_runs_and_leaves_nothing_of_it(engine, watched):
    prompt = said("tell me a story", ANSWERED, conversation="running")
    watched.extra = {"ignore_eos": True}
    async with aclosing(engine.stream(prompt, SamplingParams(max_tokens=12))) as pieces:
        await anext(pieces)
        forgetting = asyncio.create_task(engine.forget("running"))
        rest = [piece async for piece in pieces]
    await forgetting
    assert rest
    assert engine._slots.of("running") == []
    watched.clear()
    await engine.score(said("tell me a story", ANSWERED, conversation="running"), LABELS)
    assert watched.read[0] > 10
