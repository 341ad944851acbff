"""An answer's messages: each word there once in the end, whatever happens on the way."""

from __future__ import annotations

import asyncio

import pytest

from adapters.outcome import NotSent, PerhapsSent, Rejected, Unreachable
from adapters.pages import PLACEHOLDER, Pages
from tests.unit.adapters.fake_chat import QUESTION, FakeChat, FakeLedger, Lost, pace
from tests.unit.adapters.virtual_time import in_virtual_time, now

LONG = "One sentence that is here to be cut off from the next one. " * 4
DAY = 24 * 3600


def pages_of(chat: FakeChat, ledger: FakeLedger | None = None, *sent: str) -> Pages:
    return Pages(chat, pace(), ledger, QUESTION, sent)


# The whole text


@in_virtual_time
async def test_a_text_is_one_message_noted_before_and_after():
    chat, ledger = FakeChat(), FakeLedger()
    await pages_of(chat, ledger).finish("Hello")
    assert (chat.texts, ledger.notes) == (["Hello"], ["creating", "created 1"])


@in_virtual_time
async def test_nothing_visible_makes_no_message():
    chat = FakeChat()
    for text in ("", " \n\n", "\u200b"):
        await pages_of(chat).finish(text)
    assert chat.calls == []


@in_virtual_time
async def test_a_text_beyond_the_limit_is_several_messages_at_the_chats_pace():
    chat, ledger = FakeChat(), FakeLedger()
    await pages_of(chat, ledger).finish(LONG)
    assert [len(text) <= chat.limits.max_characters for text in chat.texts] == [True] * 4
    assert " ".join(chat.texts) == LONG.strip()
    assert chat.times("create") == [0, 1, 2, 3]
    assert ledger.notes[-1] == "created 4"


@in_virtual_time
async def test_to_finish_twice_changes_nothing():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.finish(LONG)
    await pages.finish(LONG)
    assert len(chat.calls) == 4


@in_virtual_time
async def test_what_was_not_sent_is_sent_when_the_platform_says_so():
    chat, ledger = FakeChat(), FakeLedger()
    chat.fail("create", NotSent(7), NotSent(3))
    await pages_of(chat, ledger).finish("Hello")
    assert (chat.texts, chat.times("create")) == (["Hello"], [0, 7, 10])
    assert ledger.notes == [*["creating", "not created"] * 2, "creating", "created 1"]


@in_virtual_time
async def test_what_was_not_sent_for_an_unsaid_time_is_tried_less_and_less_often():
    chat = FakeChat()
    chat.fail("create", *[NotSent()] * 8)
    await pages_of(chat).finish("Hello")
    assert chat.times("create") == [0, 1, 2.5, 7, 20.5, 61, 121, 181, 241]


@in_virtual_time
async def test_while_an_answer_rests_nothing_is_in_doubt():
    """Else an end of the process during a flood wait would cost the answer."""
    chat, ledger = FakeChat(), FakeLedger()
    chat.fail("create", NotSent(900))
    answer = asyncio.create_task(pages_of(chat, ledger).finish("Hello"))
    await asyncio.sleep(600)
    assert not ledger.in_doubt
    answer.cancel()


@in_virtual_time
async def test_an_end_in_the_middle_of_a_creation_leaves_it_in_doubt():
    chat, ledger = FakeChat(seconds=5), FakeLedger()
    answer = asyncio.create_task(pages_of(chat, ledger).finish("Hello"))
    await asyncio.sleep(2)
    answer.cancel()
    await asyncio.wait({answer})
    assert ledger.in_doubt


@in_virtual_time
async def test_hours_of_refusal_are_waited_for_and_a_day_is_the_end():
    chat, ledger = FakeChat(), FakeLedger()
    chat.fail("create", NotSent(3 * 3600))
    await pages_of(chat, ledger).finish("Hello")
    assert (chat.texts, now()) == (["Hello"], 3 * 3600)
    chat.fail("create", *[NotSent(3600)] * 100)
    with pytest.raises(NotSent):
        await pages_of(chat, ledger).finish("Hello again")
    assert DAY <= now() - 3 * 3600 <= DAY + 3600
    assert not ledger.in_doubt


@pytest.mark.parametrize("fault", [PerhapsSent(), Lost()])
@in_virtual_time
async def test_what_was_perhaps_sent_is_not_sent_again(fault):
    chat, ledger = FakeChat(), FakeLedger()
    chat.fail("create", fault)
    with pytest.raises(PerhapsSent):
        await pages_of(chat, ledger).finish("Hello")
    assert (len(chat.calls), ledger.in_doubt) == (1, True)


@in_virtual_time
async def test_fault_5_the_last_edit_lands_once_after_a_rest():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("Hel")
    chat.fail("edit", NotSent(30), PerhapsSent(), Lost())
    await pages.finish("Hello")
    assert chat.texts == ["Hello"]
    assert chat.times("create", "edit") == [0, 1, 31, 33, 37.5]


@in_virtual_time
async def test_an_edit_that_is_lost_for_a_day_is_given_up():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("Hel")
    chat.fail("edit", *[PerhapsSent()] * 2000)
    with pytest.raises(PerhapsSent):
        await pages.finish("Hello")
    assert now() < DAY * 1.1


@in_virtual_time
async def test_a_message_that_was_deleted_is_written_anew():
    chat, ledger = FakeChat(), FakeLedger()
    pages = pages_of(chat, ledger)
    await pages.hint("Hel")
    chat.messages.clear()
    await pages.finish("Hello")
    assert (chat.texts, ledger.notes[-1]) == (["Hello"], "created 2")


@in_virtual_time
async def test_fault_5_a_message_that_cannot_be_edited_is_replaced_and_none_stays_half():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("Hel")
    chat.fail("edit", Rejected("other"))
    await pages.finish("Hello")
    assert chat.texts == ["Hello"]


@in_virtual_time
async def test_what_an_earlier_process_made_is_edited_and_what_is_too_much_goes():
    chat, ledger = FakeChat(), FakeLedger()
    sent = [chat.put(text) for text in ("Hel", PLACEHOLDER, "x")]
    chat.messages.pop(sent[2])
    await pages_of(chat, ledger, *sent).finish("Hello")
    assert (chat.texts, ledger.notes) == (["Hello"], [])


@in_virtual_time
async def test_without_words_nothing_of_the_answer_stays():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("You are third.", line=True)
    await pages.finish("")
    assert chat.texts == []


@pytest.mark.parametrize("fault", [Unreachable("blocked"), Rejected("other")])
@in_virtual_time
async def test_what_nobody_will_see_is_told_at_once(fault):
    chat = FakeChat()
    chat.fail("create", fault)
    with pytest.raises(type(fault)):
        await pages_of(chat).finish("Hello")
    assert len(chat.calls) == 1


# The words so far


@in_virtual_time
async def test_words_hold_a_place_first_and_are_edited_in():
    chat, ledger = FakeChat(), FakeLedger()
    pages = pages_of(chat, ledger)
    assert not await pages.hint("Hel")
    assert (chat.texts, ledger.notes) == ([PLACEHOLDER], ["created 1"])
    assert await pages.hint("Hell")
    assert await pages.hint("Hell")
    await pages.finish("Hello")
    assert chat.asked("create", "edit") == [(0, PLACEHOLDER), (1, "Hell"), (2, "Hello")]


@in_virtual_time
async def test_a_line_is_shown_as_it_is_and_replaced():
    chat = FakeChat("off")
    pages = pages_of(chat)
    assert await pages.hint("You are third.", line=True)
    assert await pages.hint("You are second.", line=True)
    assert await pages.hint("Hel")
    assert chat.texts == ["You are second."]
    await pages.finish("Hello")
    assert chat.texts == ["Hello"]


@in_virtual_time
async def test_growing_words_fill_one_message_after_the_other():
    chat = FakeChat()
    pages = pages_of(chat)
    for end in range(10, len(LONG), 10):
        await pages.hint(LONG[:end])
    await pages.finish(LONG)
    assert " ".join(chat.texts) == LONG.strip()
    assert len(chat.texts) == 4


@pytest.mark.parametrize("fault", [Lost(), PerhapsSent(), Rejected("other")])
@in_virtual_time
async def test_a_place_that_is_perhaps_held_is_not_held_twice(fault):
    chat = FakeChat()
    pages = pages_of(chat)
    chat.fail("create", fault)
    for words in ("Hel", "Hell", "Hello"):
        await pages.hint(words)
    assert len(chat.calls) == 1
    await pages.finish("Hello")
    assert chat.texts[-1] == "Hello"


@pytest.mark.parametrize("manner", ["edit", "draft"])
@in_virtual_time
async def test_a_hint_that_is_not_taken_slows_the_next_one_down(manner):
    chat = FakeChat(manner)
    pages = pages_of(chat)
    chat.fail("create", NotSent(20))
    chat.fail("draft", NotSent(20))
    assert not await pages.hint("Hel")
    await pages.free()
    assert now() == 20
    await pages.finish("Hello")
    assert chat.texts == ["Hello"]


@in_virtual_time
async def test_a_hint_that_was_perhaps_shown_is_shown_again():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("Hel")
    chat.fail("edit", PerhapsSent())
    assert not await pages.hint("Hel")
    assert await pages.hint("Hel")
    assert chat.texts == ["Hel"]


@in_virtual_time
async def test_what_a_message_shows_is_not_known_after_an_edit_that_was_perhaps_made():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("You are second.", line=True)
    chat.fail("edit", Lost())
    await pages.hint("You are first.", line=True)
    assert await pages.hint("You are second.", line=True)
    assert chat.texts == ["You are second."]


@in_virtual_time
async def test_a_message_that_was_deleted_is_not_edited_with_every_word():
    chat = FakeChat()
    pages = pages_of(chat)
    await pages.hint("Hel")
    chat.messages.clear()
    for words in ("Hel", "Hell", "Hello"):
        await pages.hint(words)
    assert len(chat.asked("edit")) == 1


@in_virtual_time
async def test_a_draft_shows_words_and_lines_and_ends_in_one_message():
    chat, ledger = FakeChat("draft"), FakeLedger()
    pages = pages_of(chat, ledger)
    assert await pages.hint("You are third.", line=True)
    assert await pages.hint("Hel")
    await pages.finish("Hello")
    assert [text for _, text in chat.asked("draft")] == ["You are third.", "Hel"]
    assert chat.asked("create", "edit") == [(2, "Hello")]


@in_virtual_time
async def test_a_draft_shows_one_message_and_the_end_all_of_them():
    chat = FakeChat("draft")
    pages = pages_of(chat)
    await pages.hint(LONG[:50])
    assert await pages.hint(LONG)
    await pages.finish(LONG)
    assert len(chat.asked("draft")) == 1
    assert " ".join(chat.texts) == LONG.strip()


@in_virtual_time
async def test_where_there_are_no_drafts_words_are_edited_in():
    chat = FakeChat("draft")
    chat.fail("draft", Rejected("no_method"))
    pages = pages_of(chat)
    for words in ("Hel", "Hell", "Hello"):
        await pages.hint(words)
    await pages.finish("Hello.")
    assert [method for _, method, _ in chat.calls] == ["draft", "create", "edit", "edit"]
    assert chat.texts == ["Hello."]


@pytest.mark.parametrize(("manner", "method"), [("edit", "create"), ("draft", "draft")])
@in_virtual_time
async def test_fault_7_a_hint_finds_out_that_nobody_is_there(manner, method):
    chat = FakeChat(manner)
    chat.fail(method, Unreachable("blocked"))
    with pytest.raises(Unreachable):
        await pages_of(chat).hint("Hel")
