"""Faults 2 and 8: what a message replies to is read, and need not be there any more."""

from __future__ import annotations

import asyncio

from tests.fakes import FakeEngine
from tests.integration.telegram.running import Running, warmline
from tests.telegram_server.messages import media, text
from tests.telegram_server.people import ANN, BEN, GROUP

KEYS = text("My keys are gone.\nAgain!", BEN, GROUP)


def asked(bot: Running) -> list[str]:
    """The lines that the model was asked last, whoever is said to say them."""
    content = bot.engine.streamed[-1].messages[-2].content
    return [line.strip().removeprefix("Ann: ") for line in content.splitlines()]


async def test_fault_2_the_words_replied_to_are_read_as_a_quotation(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        api.feed(text("@warmline_bot what now?", ANN, GROUP, reply_to=KEYS["message"]))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert asked(bot) == ["> My keys are gone.", "> Again!", "what now?"]


async def test_fault_2_a_quotation_is_in_no_memory_and_in_no_later_prompt(api, tmp_path):
    """It may be another person's."""
    async with warmline(api, tmp_path) as bot:
        api.feed(text("@warmline_bot what now?", ANN, GROUP, reply_to=KEYS["message"]))
        await api.until(lambda: len(api.texts(GROUP.id)) == 1)
        api.feed(text("@warmline_bot and then?", ANN, GROUP))
        await api.until(lambda: len(api.texts(GROUP.id)) == 2)
        assert not any("gone" in one.content for one in bot.engine.streamed[-1].messages)


async def test_fault_2_a_chosen_part_is_read_instead_of_the_whole(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        reply = text("@warmline_bot how so?", ANN, GROUP, reply_to=KEYS["message"], quote="Again!")
        api.feed(reply)
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert asked(bot) == ["> Again!", "how so?"]


async def test_fault_2_a_caption_replied_to_is_read(api, tmp_path):
    picture = media("photo", BEN, GROUP, "My empty pocket")
    async with warmline(api, tmp_path) as bot:
        api.feed(text("@warmline_bot look", ANN, GROUP, reply_to=picture["message"]))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert asked(bot) == ["> My empty pocket", "look"]


async def test_fault_2_a_long_quotation_is_shortened(api, tmp_path):
    long = text("word " * 800, BEN, GROUP)
    async with warmline(api, tmp_path) as bot:
        api.feed(text("@warmline_bot what?", ANN, GROUP, reply_to=long["message"]))
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        quoted, question = asked(bot)
        assert question == "what?"
        assert quoted.startswith("> word word")
        assert quoted.endswith("word…")
        assert 300 < len(quoted) < 410


async def test_fault_2_the_bots_own_words_are_not_doubled(api, tmp_path):
    async with warmline(api, tmp_path) as bot:
        api.feed(text("I lost my keys"))
        await api.until(lambda: api.texts(ANN.id) == ["I hear you."])
        (answer,) = api.messages(ANN.id)
        api.feed(text("really?", reply_to=answer.json()))
        await api.until(lambda: len(api.texts(ANN.id)) == 2)
        assert asked(bot) == ["really?"]
        api.feed(text("what do you hear?", reply_to=answer.json(), quote="hear"))
        await api.until(lambda: len(api.texts(ANN.id)) == 3)
        assert asked(bot) == ["> hear", "what do you hear?"]


async def test_fault_2_a_message_that_joins_brings_its_quotation(api, tmp_path):
    going = asyncio.Event()
    engine = FakeEngine()
    engine.before_score.append(going)
    async with warmline(api, tmp_path, engine) as bot:
        api.feed(text("@warmline_bot hello", ANN, GROUP))
        await engine.waiting.acquire()
        api.feed(text("@warmline_bot what now?", ANN, GROUP, reply_to=KEYS["message"]))
        await api.until(lambda: not api.pending() and api.polling)
        going.set()
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
        assert asked(bot) == ["> My keys are gone.", "> Again!", "hello", "what now?"]


async def test_fault_8_who_deletes_their_message_is_answered_all_the_same(api, tmp_path):
    going = asyncio.Event()
    message = text("@warmline_bot I lost my keys", ANN, GROUP)
    async with warmline(api, tmp_path, FakeEngine(going, " I hear you.")) as bot:
        api.feed(message)
        await bot.engine.waiting.acquire()
        api.remove(GROUP.id, message["message"]["message_id"])
        going.set()
        await api.until(lambda: api.texts(GROUP.id) == ["I hear you."])
    (answer,) = api.messages(GROUP.id)
    assert (answer.reply_parameters is not None, answer.reply_to) == (True, None)


async def test_fault_8_a_text_too_long_for_the_model_gets_one_line_and_is_done_with(api, tmp_path):
    async with warmline(api, tmp_path, FakeEngine(context_length=300)):
        api.feed(text("word " * 200))
        await api.until(lambda: len(api.texts(ANN.id)) == 1)
        assert "longer than I can read" in api.texts(ANN.id)[0]
    async with warmline(api, tmp_path) as bot:
        api.feed(text("hello", BEN))
        await api.until(lambda: api.texts(BEN.id) == ["I hear you."])
        assert len(bot.engine.streamed) == 1
    assert len(api.texts(ANN.id)) == 1
