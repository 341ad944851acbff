"""A reply's events put together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.answer import (
    Answer,
    BrokenHandler,
    card_in_words,
    card_json,
    collect,
    failure_report,
    file_json,
)
from adapters.messages import (
    Accepted,
    File,
    IncomingMessage,
    Notice,
    Person,
    Scope,
    Text,
    Waiting,
)
from tests.unit.adapters.fake import (
    ANSWER,
    CARD,
    DONE,
    FILE,
    FIXED,
    GLAD,
    SAD,
    ScriptedHandler,
    notice,
)

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


async def test_who_is_waited_for_is_no_part_of_an_answer():
    patient = ScriptedHandler(Accepted(), Waiting("Two before you."), *ANSWER)
    assert await collect(patient, MESSAGE) == await collect(ScriptedHandler(*ANSWER), MESSAGE)


async def test_the_last_label_counts():
    answer = await collect(ScriptedHandler(SAD, GLAD, Text("Nice!"), DONE), MESSAGE)
    assert (answer.label, answer.valence) == ("positive", 0.8)


async def test_a_card_may_follow_a_reply_and_leaves_it_as_it_is():
    answer = await collect(ScriptedHandler(*ANSWER[:-1], CARD, DONE), MESSAGE)
    assert (answer.reply, answer.card) == ("I'm so sorry.", CARD)
    assert answer.words == "I'm so sorry."


async def test_files_are_kept_in_their_order():
    other = File("b.md", b"b", "text/markdown", "To read.")
    answer = await collect(ScriptedHandler(FILE, other, DONE), MESSAGE)
    assert answer.files == (FILE, other)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(reply="Hello.", notice=Notice("Stopped.", "stopped")), "Hello."),
        (Answer(notice=Notice("Your week.", "command")), "Your week."),
        (Answer(card=CARD), "May I?"),
        (Answer(files=(FILE, FILE)), "All of it.\n\nAll of it."),
        (Answer(), ""),
    ],
)
def test_the_one_text_is_the_reply_or_else_what_warmline_says(answer, words):
    assert answer.words == words


def test_the_buttons_of_a_card_can_be_typed():
    assert card_in_words(CARD) == "May I?\nYes: /memory on\nNo: /memory off\nLater: /help"


def test_a_card_and_a_file_as_json():
    assert card_json(CARD) == {
        "text": "May I?",
        "buttons": [
            {"label": "Yes", "command": "/memory on"},
            {"label": "No", "command": "/memory off"},
            {"label": "Later", "command": "/help"},
        ],
    }
    assert file_json(FILE) == {
        "name": "all.json",
        "media_type": "application/json",
        "encoding": "utf-8",
        "content": '{"词": 1}',
    }


def test_a_file_that_is_no_text_comes_in_base64():
    told = file_json(File("mood.png", b"\x89PNG", "image/png", "a line"))
    assert (told["encoding"], told["content"]) == ("base64", "iVBORw==")


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
