"""The console with streams in memory: what it sends and what it shows."""

from __future__ import annotations

import io

import pytest

from adapters.console import Console, ConsoleTexts, incoming, locale_of, once
from adapters.messages import Accepted, Notice, Text, Waiting
from tests.unit.adapters.fake import ANSWER, CARD, DONE, FILE, FIXED, SAD, ScriptedHandler, notice

TEXTS = ConsoleTexts(
    prompt="you> ",
    greeting="Hello.",
    stopped="(stopped)",
    failed="It failed.",
    saved="Saved: {path}",
    unsaved="Not written: {path} ({reason})",
)


async def talk(handler: ScriptedHandler, typed: str) -> str:
    shown = io.StringIO()
    await Console("mei", True, TEXTS, stdin=io.StringIO(typed), stdout=shown).run(handler)
    return shown.getvalue()


async def test_an_answer_is_shown_with_its_label_and_no_colour_codes():
    shown = await talk(ScriptedHandler(*ANSWER), "my dog died\n")
    assert shown == "Hello.\nI'm so sorry.\n· negative 0.92\n"


async def test_a_label_is_shown_in_the_persons_language():
    texts = ConsoleTexts(prompt="你> ", labels={"negative": "难过"})
    shown = io.StringIO()
    console = Console("mei", True, texts, stdin=io.StringIO("hi\n"), stdout=shown)
    await console.run(ScriptedHandler(*ANSWER))
    assert shown.getvalue().endswith("· 难过 0.92\n")


async def test_what_waited_since_the_last_time_is_answered_first():
    texts = ConsoleTexts(prompt="you> ", waiting="(answering what you wrote)")
    waiting = [incoming(text, "mei", True) for text in ("first", "second")]
    shown, handler = io.StringIO(), ScriptedHandler(Text("Yes."), DONE)
    console = Console(
        "mei", True, texts, waiting=waiting, stdin=io.StringIO("third\n"), stdout=shown
    )
    await console.run(handler)
    assert shown.getvalue() == (
        "(answering what you wrote)\nyou> first\nYes.\nyou> second\nYes.\nYes.\n"
    )
    assert handler.messages[:2] == waiting
    assert handler.messages[2].text == "third"


async def test_a_line_becomes_a_message_of_this_person():
    handler = ScriptedHandler(*ANSWER)
    await talk(handler, "one\ntwo\n")
    first, second = handler.messages
    assert first.text == "one"
    assert first.scope.platform == first.person.platform == "console"
    assert first.scope.chat_id == first.person.user_id == "mei"
    assert first.remember
    assert first.sent_at.tzinfo is not None
    assert first.message_id != second.message_id


async def test_commands_reach_the_handler_and_its_notice_is_a_line_of_its_own():
    handler = ScriptedHandler(*notice("command", "Your week: calm."))
    assert await talk(handler, "/mood\n") == "Hello.\nYour week: calm.\n"
    assert handler.messages[0].text == "/mood"


@pytest.mark.parametrize("word", ["/quit", "/exit", " /quit "])
async def test_quit_leaves_without_asking_the_handler(word):
    handler = ScriptedHandler(*ANSWER)
    await talk(handler, f"{word}\nnever read\n")
    assert handler.messages == []


async def test_a_blank_line_asks_nothing():
    handler = ScriptedHandler(*ANSWER)
    await talk(handler, "\n   \n")
    assert handler.messages == []


async def test_a_notice_in_the_middle_of_a_reply_starts_a_line():
    shown = await talk(ScriptedHandler(SAD, Text("I"), Notice("It broke.", "failed"), DONE), "a\n")
    assert "I\nIt broke.\n" in shown


async def test_how_long_it_takes_is_a_line_before_the_answer():
    handler = ScriptedHandler(Accepted(), Waiting("Two before you."), *ANSWER)
    shown = await talk(handler, "a\n")
    assert shown == "Hello.\nTwo before you.\nI'm so sorry.\n· negative 0.92\n"


async def test_a_card_after_a_reply_stands_below_its_label_with_what_may_be_typed():
    shown = await talk(ScriptedHandler(*ANSWER[:-1], CARD, DONE), "a\n")
    assert shown == (
        "Hello.\nI'm so sorry.\n· negative 0.92\n"
        "May I?\nYes: /memory on\nNo: /memory off\nLater: /help\n"
    )


async def test_a_file_is_written_where_the_person_is_and_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shown = await talk(ScriptedHandler(FILE, DONE), "/export\n")
    assert shown == f"Hello.\nSaved: {tmp_path / 'all.json'}\n"
    assert (tmp_path / "all.json").read_bytes() == FILE.content


async def test_a_file_that_cannot_be_written_is_told_and_the_conversation_goes_on(
    tmp_path, monkeypatch
):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    shown = await talk(ScriptedHandler(FILE, Notice("Done.", "command"), DONE), "/export\n")
    assert shown == "Hello.\nNot written: all.json (No such file or directory)\nDone.\n"


async def test_a_failing_handler_does_not_end_the_conversation(caplog):
    handler = ScriptedHandler(SAD, Text("I"), RuntimeError("my words"))
    shown = await talk(handler, "one\ntwo\n")
    assert shown.count("I\nIt failed.\n") == 2
    assert "RuntimeError" in caplog.text
    assert "my words" not in caplog.text


async def test_a_fixed_reply_shows_no_label():
    assert await talk(ScriptedHandler(Text("An AI."), FIXED, DONE), "a\n") == "Hello.\nAn AI.\n"


async def test_pieces_keep_their_spaces_lines_and_markup():
    pieces = [Text(piece) for piece in ("  a", " ", "[b]b[/b]\n", "\n", ":smile: ", "x" * 300)]
    shown = await talk(ScriptedHandler(*pieces, FIXED, DONE), "a\n")
    assert shown == f"Hello.\n  a [b]b[/b]\n\n:smile: {'x' * 300}\n"


async def test_characters_that_steer_a_terminal_are_not_shown():
    shown = await talk(ScriptedHandler(Text("a\x1b[2J\x9b\x07b\r"), FIXED, DONE), "a\n")
    assert shown == "Hello.\na[2Jb\n"


async def test_lone_surrogates_pass_through_and_are_shown_as_question_marks():
    handler = ScriptedHandler(Text("caf\udce9"), FIXED, DONE)
    assert await talk(handler, "caf\udce9\n") == "Hello.\ncaf?\n"
    assert handler.messages[0].text == "caf\udce9"


async def test_a_terminal_without_chinese_gets_question_marks():
    shown = io.BytesIO()
    stdout = io.TextIOWrapper(shown, encoding="ascii")
    handler = ScriptedHandler(Text("我在"), FIXED, DONE)
    await Console("a", True, TEXTS, stdin=io.StringIO("hi\n"), stdout=stdout).run(handler)
    assert shown.getvalue() == b"Hello.\n??\n"


async def test_once_gives_the_whole_answer():
    handler = ScriptedHandler(*ANSWER)
    answer = await once(handler, "hello", "mei", remember=False)
    assert (answer.reply, answer.label, answer.model) == ("I'm so sorry.", "negative", "fake-1b")
    assert not handler.messages[0].remember


@pytest.mark.parametrize(
    ("environ", "locale"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-CN"),
        ({"LANG": "de_DE@euro"}, "de-DE"),
        ({"LANG": "en_GB", "LC_ALL": "zh_TW.Big5"}, "zh-TW"),
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "", "LC_MESSAGES": "POSIX"}, ""),
        ({}, ""),
    ],
)
def test_the_locale_is_the_terminals(environ, locale):
    assert locale_of(environ) == locale


def test_a_message_carries_the_locale(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert incoming("hi", "mei", True).locale == "zh-CN"
