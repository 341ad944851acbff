"""A reply's events put together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.answer import BrokenHandler, collect, failure_report
from adapters.messages import IncomingMessage, Notice, Person, Scope, Text
from tests.unit.adapters.fake import ANSWER, DONE, FIXED, ScriptedHandler, notice

MESSAGE = IncomingMessage(
    Scope("test", "1"), Person("test", "1"), "1", "hi", datetime(2026, 1, 1, tzinfo=UTC)
)


async def test_an_answer_holds_the_whole_reply_and_how_the_message_was_read():
    answer = await collect(ScriptedHandler(*ANSWER), MESSAGE)
    assert answer.reply == "I'm so sorry."
    assert (answer.label, answer.valence, answer.language) == ("negative", -0.84, "en")
    assert answer.probabilities == {"positive": 0.08, "negative": 0.92}
    assert answer.timings["total_ms"] == 30.0
    assert answer.notice is None


async def test_the_label_may_come_after_the_reply():
    answer = await collect(ScriptedHandler(Text("I am an AI."), FIXED, DONE), MESSAGE)
    assert (answer.reply, answer.label, answer.valence) == ("I am an AI.", "negative", -0.2)


async def test_an_answer_given_before_has_no_label_and_no_valence():
    answer = await collect(ScriptedHandler(Text("As I said."), DONE), MESSAGE)
    assert (answer.reply, answer.label, answer.valence) == ("As I said.", None, None)


async def test_a_notice_is_kept_apart_from_the_reply():
    answer = await collect(ScriptedHandler(*notice("empty", "Say something.")), MESSAGE)
    assert (answer.reply, answer.notice) == ("", Notice("Say something.", "empty"))


async def test_events_without_an_end_are_an_error():
    with pytest.raises(BrokenHandler):
        await collect(ScriptedHandler(Text("half")), MESSAGE)


async def test_a_failure_report_names_the_place_but_not_the_words():
    words = "my diary"
    handler = ScriptedHandler(ValueError(words))
    with pytest.raises(ValueError, match=words) as caught:
        await collect(handler, MESSAGE)
    report = failure_report(caught.value)
    assert report.startswith("ValueError\n")
    assert "fake.py" in report
    assert words not in report


def test_a_failure_report_names_the_cause():
    words = "my diary"
    try:
        try:
            raise KeyError(words)
        except KeyError as error:
            raise RuntimeError(words) from error
    except RuntimeError as error:
        report = failure_report(error)
    assert report.index("RuntimeError") < report.index("because of KeyError")
    assert words not in report
