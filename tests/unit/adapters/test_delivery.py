"""Events in, messages out: as they come, whole in the end, and what is noted of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from itertools import pairwise

import pytest

from adapters.delivery import Delivery, DeliveryTexts
from adapters.messages import Finished, IncomingMessage, Notice, Reply, Text, Waiting
from adapters.outcome import NotSent, PerhapsSent, Rejected, Unreachable
from adapters.pages import PLACEHOLDER
from tests.unit.adapters.fake import CARD, DONE, FILE, FIXED, SAD
from tests.unit.adapters.fake_chat import QUESTION, FakeChat, FakeLedger, Lost, pace
from tests.unit.adapters.virtual_time import in_virtual_time, now

TEXTS = DeliveryTexts("Perhaps sent.", "Refused.", "Failed.")

Step = Reply | float | Exception
"""An event; seconds to wait; an error to raise."""


class Script:
    """Events as a handler gives them. `read` is when each was taken, `closed` when it was ended."""

    def __init__(self, *steps: Step) -> None:
        self._steps = steps
        self.read: list[float] = []
        self.closed: float | None = None

    async def events(self) -> AsyncGenerator[Reply, None]:
        try:
            for step in self._steps:
                if isinstance(step, Exception):
                    raise step
                if isinstance(step, int | float):
                    await asyncio.sleep(step)
                else:
                    self.read.append(now())
                    yield step
        finally:
            self.closed = now()


def words(*deltas: str, every: float = 0.0) -> list[Step]:
    """An answer, a piece of it after each pause."""
    pieces = [step for delta in deltas for step in (every, Text(delta))]
    return [SAD, *pieces, DONE]


async def deliver(
    chat: FakeChat,
    script: Script,
    *,
    message: IncomingMessage = QUESTION,
    sent: tuple[str, ...] = (),
    interval: float = 1.0,
) -> FakeLedger:
    ledger = FakeLedger()
    delivery = Delivery(ledger)
    await delivery.deliver(script.events(), message, chat, pace(interval), TEXTS, sent)
    return ledger


@pytest.mark.parametrize("manner", ["edit", "draft", "off"])
@in_virtual_time
async def test_an_answer_is_one_message_in_every_manner(manner):
    chat = FakeChat(manner, seconds=0.1)
    ledger = await deliver(chat, Script(*words("I'm ", "so ", "sorry.", every=0.7)))
    assert (chat.texts, ledger.notes[-1]) == (["I'm so sorry."], "delivered")


@in_virtual_time
async def test_words_are_edited_in_as_often_as_the_chat_allows_and_the_last_ones_too():
    chat = FakeChat()
    await deliver(chat, Script(*words(*"abcdefghij", every=0.3)))
    assert chat.asked("create", "edit") == [
        (0.3, PLACEHOLDER),
        (1.3, "abcd"),
        (2.3, "abcdefg"),
        (3.3, "abcdefghij"),
    ]


@in_virtual_time
async def test_words_that_came_too_early_are_shown_while_the_model_thinks_on():
    chat = FakeChat("draft")
    await deliver(chat, Script(SAD, Text("Hm"), 0.5, Text("m."), 5, Text(" Yes."), DONE))
    assert chat.asked("draft") == [(0, "Hm"), (1, "Hmm.")]
    assert chat.asked("create") == [(5.5, "Hmm. Yes.")]


@in_virtual_time
async def test_without_streaming_nothing_is_shown_before_the_end():
    chat = FakeChat("off")
    await deliver(chat, Script(*words("a", "b", every=3)))
    assert chat.asked("create", "edit", "draft") == [(6, "ab")]


@in_virtual_time
async def test_reading_never_waits_for_a_slow_server_and_no_word_is_lost():
    """The model's place is free as soon as it has spoken."""
    chat, script = FakeChat(seconds=15), Script(*words(*"abcdefghij", every=0.1))
    await deliver(chat, script)
    assert script.read[-1] == pytest.approx(1.0)
    assert chat.texts == ["abcdefghij"]
    assert chat.times("create", "edit") == [0.1, 16.1]


@in_virtual_time
async def test_a_call_of_the_preview_is_over_before_the_last_one_begins():
    """An older text must not come to stand over the last one."""
    chat = FakeChat(seconds=0.5)
    await deliver(chat, Script(*words("a", "b", "c", every=0.6)), interval=0.1)
    times = chat.times("create", "edit")
    assert all(later - earlier >= 0.5 for earlier, later in pairwise(times))
    assert chat.texts == ["abc"]


@in_virtual_time
async def test_fault_5_the_last_edit_waits_out_a_flood_control():
    chat = FakeChat()
    chat.fail("edit", NotSent(20))
    ledger = await deliver(chat, Script(*words("Hello", " Ann", every=0.4)))
    assert (chat.texts, chat.times("edit")) == (["Hello Ann"], [1.4, 21.4])
    assert ledger.notes == ["created 1", "delivered"]


@in_virtual_time
async def test_a_draft_that_is_to_wait_leaves_the_answer_whole():
    chat = FakeChat("draft")
    chat.fail("draft", NotSent(20))
    await deliver(chat, Script(*words("Hello", " Ann", every=2)))
    assert chat.asked("draft", "create") == [(2, "Hello"), (22, "Hello Ann")]


@in_virtual_time
async def test_a_draft_is_renewed_before_it_fades():
    chat = FakeChat("draft")
    await deliver(chat, Script(Waiting("You are third."), 50, *words("Hello")))
    assert chat.times("draft") == [0, 20, 40]


# Waiting, stopping, notices


@in_virtual_time
async def test_a_waiting_line_comes_as_soon_as_the_chat_is_free_and_the_answer_replaces_it():
    chat, busy = FakeChat(), pace(3.0)
    await busy.turn()
    script = Script(Waiting("You are third."), 5, Waiting("You are second."), 9, *words("Hello"))
    await Delivery(FakeLedger()).deliver(script.events(), QUESTION, chat, busy, TEXTS)
    assert chat.asked("create", "edit") == [
        (3, "You are third."),
        (6, "You are second."),
        (14, "Hello"),
    ]
    assert chat.texts == ["Hello"]


@in_virtual_time
async def test_a_stopped_answer_that_never_began_leaves_nothing_behind():
    chat = FakeChat()
    ledger = await deliver(chat, Script(Waiting("You are third."), 5, DONE))
    assert (chat.texts, ledger.notes) == ([], ["created 1", "delivered"])


@in_virtual_time
async def test_a_notice_goes_below_the_words_that_were_shown():
    chat = FakeChat()
    await deliver(chat, Script(SAD, Text("I am"), 2, Notice("It broke.", "failed"), DONE))
    assert chat.texts == ["I am\n\nIt broke."]


@in_virtual_time
async def test_a_message_that_gets_no_answer_makes_no_call():
    chat = FakeChat()
    ledger = await deliver(chat, Script(Finished()))
    assert (chat.calls, ledger.notes) == ([], ["delivered"])


@in_virtual_time
async def test_fault_3_an_edit_does_not_end_the_notes_of_the_answer_that_is_under_way():
    """It has the name of the message that it edits."""
    edited = replace(QUESTION, edited=True)
    assert (await deliver(FakeChat(), Script(DONE), message=edited)).notes == []
    refused = Script(Notice("Not here.", "refused"), DONE)
    assert (await deliver(FakeChat(), refused, message=edited)).notes == []


@in_virtual_time
async def test_a_fixed_answer_is_there_before_its_label():
    chat = FakeChat("draft")
    await deliver(chat, Script(Text("Call 988.", whole=True), 60, FIXED, DONE))
    assert chat.asked("create", "draft") == [(0, "Call 988.")]


@in_virtual_time
async def test_a_fixed_answer_is_rather_said_twice_than_not_at_all():
    chat = FakeChat()
    chat.fail("create", PerhapsSent(), Lost())
    ledger = await deliver(chat, Script(Text("Call 988.", whole=True), 60, FIXED, DONE))
    assert chat.texts == ["Call 988."] * 2
    assert ledger.notes[-1] == "delivered"


@in_virtual_time
async def test_a_fixed_answer_that_never_gets_through_ends_in_the_one_line():
    chat = FakeChat()
    chat.fail("create", *[PerhapsSent()] * 3)
    await deliver(chat, Script(Text("Call 988.", whole=True), FIXED, DONE))
    assert chat.texts == ["Perhaps sent."]


# Cards and files


@in_virtual_time
async def test_a_card_and_files_come_after_the_words():
    chat = FakeChat("draft")
    await deliver(chat, Script(SAD, Text("Hello"), CARD, FILE, FILE, DONE))
    assert chat.texts == ["Hello", "May I?", "all.json", "all.json"]
    assert chat.times("create", "card", "file") == [0, 1, 2, 3]


@pytest.mark.parametrize("event", [CARD, FILE])
@in_virtual_time
async def test_what_has_no_words_is_sent_once_it_may_be_and_never_twice(event):
    method = "card" if event is CARD else "file"
    chat = FakeChat()
    chat.fail(method, NotSent(9), Lost())
    ledger = await deliver(chat, Script(event, DONE))
    assert chat.times(method) == [0, 9]
    assert (chat.texts[1:], ledger.notes[0]) == (["Perhaps sent."], "delivered")


# Typing


@in_virtual_time
async def test_typing_is_shown_and_renewed_until_the_words_are_there():
    chat = FakeChat("off")
    await deliver(chat, Script(SAD, 9, Text("Hello"), DONE))
    assert chat.times("typing") == [0.4, 4.4, 8.4]


@in_virtual_time
async def test_a_quick_answer_shows_no_typing():
    chat = FakeChat()
    await deliver(chat, Script(0.3, Notice("Done.", "command"), DONE))
    assert chat.times("typing") == []


@in_virtual_time
async def test_an_answer_that_waits_for_the_platform_shows_no_typing():
    chat = FakeChat("off")
    chat.fail("create", NotSent(60))
    await deliver(chat, Script(*words("Hello")))
    assert (chat.texts, chat.times("typing")) == (["Hello"], [])


@in_virtual_time
async def test_typing_obeys_a_flood_control_and_its_failure_costs_nothing():
    chat = FakeChat("off")
    chat.fail("typing", NotSent(20), PerhapsSent(), Rejected())
    await deliver(chat, Script(SAD, 32, Text("Hello"), DONE))
    assert chat.times("typing") == [0.4, 20.4, 24.4, 28.4]
    assert chat.texts == ["Hello"]


@in_virtual_time
async def test_typing_ends_where_nobody_is():
    chat = FakeChat("off")
    chat.fail("typing", Unreachable("blocked"))
    await deliver(chat, Script(SAD, 32, Text("Hello"), DONE))
    assert chat.times("typing") == [0.4]


# What fails


@pytest.mark.parametrize(("manner", "method"), [("edit", "create"), ("draft", "draft")])
@in_virtual_time
async def test_fault_7_a_block_in_the_middle_stops_the_model_and_nothing_more_is_asked(
    manner, method
):
    chat, script = FakeChat(manner), Script(*words(*"abcdefghij", every=1))
    chat.fail(method, Unreachable("blocked"))
    ledger = await deliver(chat, script)
    assert ledger.notes == ["undeliverable: blocked"]
    assert script.closed == 2
    assert [call[1] for call in chat.calls if call[1] != "typing"] == [method]


@in_virtual_time
async def test_fault_7_a_block_that_shows_at_the_end_alone_is_noted():
    chat = FakeChat("off")
    chat.fail("create", Unreachable("blocked"))
    ledger = await deliver(chat, Script(*words("Hello")))
    assert ledger.notes == ["creating", "undeliverable: blocked"]
    assert len(chat.calls) == 1


@in_virtual_time
async def test_what_was_perhaps_sent_is_followed_by_one_line():
    chat = FakeChat("draft")
    chat.fail("create", Lost())
    ledger = await deliver(chat, Script(*words("Hello")))
    assert chat.texts == ["Hello", "Perhaps sent."]
    assert ledger.notes == ["creating", "delivered"]


@in_virtual_time
async def test_the_line_itself_is_not_sent_twice_either():
    chat = FakeChat()
    chat.fail("create", PerhapsSent(), Lost())
    await deliver(chat, Script(*words("Hello")))
    assert chat.texts == ["Perhaps sent."]
    assert len(chat.asked("create")) == 2


@in_virtual_time
async def test_what_the_platform_refuses_is_told_when_the_model_has_stopped():
    chat, script = FakeChat("off"), Script(Text("Hello", whole=True), 60, FIXED, DONE)
    chat.fail("create", Rejected("other"), NotSent(900))
    ledger = await deliver(chat, script)
    assert (chat.texts, ledger.notes[-1]) == (["Refused."], "undeliverable: other")
    assert script.closed == 0


@in_virtual_time
async def test_an_answer_that_cannot_be_sent_for_a_day_is_given_up():
    chat = FakeChat("off")
    chat.fail("create", NotSent(2 * 24 * 3600))
    ledger = await deliver(chat, Script(*words("Hello")))
    assert ledger.notes[-1] == "undeliverable: not_sent"


@in_virtual_time
async def test_words_that_were_written_are_shown_when_the_handler_breaks():
    chat = FakeChat("draft")
    with pytest.raises(ZeroDivisionError):
        await deliver(chat, Script(SAD, Text("Hello"), 0.2, Text(" Ann"), ZeroDivisionError()))
    assert chat.texts == ["Hello Ann"]


@in_virtual_time
async def test_an_answer_that_was_begun_by_an_earlier_process_is_ended_in_its_messages():
    chat = FakeChat()
    sent = (chat.put("Hel"), chat.put(PLACEHOLDER))
    await deliver(chat, Script(*words("Hello")), sent=sent)
    assert chat.texts == ["Hello"]
    assert chat.times("create") == []


@in_virtual_time
async def test_an_answer_that_is_cut_off_ends_the_model():
    chat, script = FakeChat(), Script(*words("a", "b", every=30))
    answer = asyncio.create_task(deliver(chat, script))
    await asyncio.sleep(40)
    answer.cancel()
    await asyncio.wait({answer})
    assert answer.cancelled()
    assert (script.closed, chat.texts) == (40, ["a"])
