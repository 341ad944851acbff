"""Words that answer nothing: in order, each tried once, and an error that tells whether to repeat.
Work that is let end though nobody waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.delivery import put
from adapters.messages import IncomingMessage, Reply
from adapters.outcome import NotSent, PerhapsSent, Rejected, SendError, Unreachable
from adapters.under_way import UnderWay
from tests.unit.adapters.fake import FILE
from tests.unit.adapters.fake_chat import LIMIT, FakeChat, FakeLedger, Lost, pace
from tests.unit.adapters.virtual_time import in_virtual_time, now

LONG = "word " * (LIMIT // 3)


async def nobody(message: IncomingMessage) -> AsyncGenerator[Reply, None]:
    raise AssertionError("nothing is to be answered")
    yield


@in_virtual_time
async def test_a_text_is_one_message_and_a_file_comes_after_it():
    chat = FakeChat()
    await put(chat, pace(), "Hello.", FILE)
    assert [method for _, method, _ in chat.calls] == ["create", "file"]
    assert chat.texts == ["Hello.", FILE.name]


@in_virtual_time
async def test_a_long_text_is_split_and_keeps_the_chats_pace():
    chat = FakeChat()
    await put(chat, pace(1.0), LONG)
    assert " ".join(chat.texts).split() == LONG.split()
    assert chat.times("create") == [0.0, 1.0]


@pytest.mark.parametrize("error", [NotSent(), Lost(), Rejected(), Unreachable("blocked")])
@in_virtual_time
async def test_a_first_message_that_fails_says_how_and_is_not_repeated(error):
    chat = FakeChat()
    chat.fail("create", error)
    with pytest.raises(type(error)):
        await put(chat, pace(), "Hello.")
    assert len(chat.calls) == 1


@pytest.mark.parametrize("file", [None, FILE])
@in_virtual_time
async def test_once_a_part_is_there_the_whole_is_perhaps_sent(file):
    chat = FakeChat()
    chat.fail("file" if file else "create", *([NotSent()] if file else [None, NotSent()]))
    with pytest.raises(PerhapsSent):
        await put(chat, pace(), "Hello." if file else LONG, file)


@in_virtual_time
async def test_a_rest_that_the_platform_asks_for_holds_the_chat():
    chat, chats_pace = FakeChat(), pace(1.0)
    chat.fail("create", NotSent(30))
    with pytest.raises(NotSent):
        await put(chat, chats_pace, "Hello.")
    await put(chat, chats_pace, "Hello.")
    assert chat.times("create")[1] >= 30


@in_virtual_time
async def test_work_goes_on_to_its_end_though_whoever_waited_is_gone():
    under_way, chat = UnderWay(nobody, FakeLedger()), FakeChat(seconds=1.0)
    waiting = asyncio.create_task(under_way.finish(put(chat, pace(), "Hello.")))
    await asyncio.sleep(0.5)
    waiting.cancel()
    await asyncio.wait({waiting})
    assert (waiting.cancelled(), now()) == (True, 0.5)
    await under_way.close(5)
    assert (chat.texts, now()) == (["Hello."], 1.0)


@in_virtual_time
async def test_work_that_a_close_cuts_off_was_perhaps_done():
    under_way, chat = UnderWay(nobody, FakeLedger()), FakeChat(seconds=60.0)
    waiting = asyncio.create_task(under_way.finish(put(chat, pace(), "Hello.")))
    await asyncio.sleep(0.5)
    await under_way.close(5)
    await asyncio.wait({waiting})
    assert isinstance(waiting.exception(), PerhapsSent)
    assert now() == 5.5


@in_virtual_time
async def test_what_the_work_raises_comes_through():
    async def fails() -> None:
        raise Unreachable("blocked")

    under_way = UnderWay(nobody, FakeLedger())
    with pytest.raises(SendError, match="blocked"):
        await under_way.finish(fails())
    await under_way.close(0)
