"""What `warmline chat --once` prints of an answer, plain and as JSON."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.answer import Answer
from adapters.messages import Button, Card, File, Notice
from bot.cli import chat

CARD = Card("May I?", ((Button("Yes", "/memory on"), Button("No", "/memory off")),))
FILES = (
    File("all.json", b"{}\n", "application/json", "All of it."),
    File("all.md", b"# All\n", "text/markdown", "To read."),
)


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (Answer(reply="Hello."), "Hello.\n"),
        (Answer(notice=Notice("Your week.", "command")), "Your week.\n"),
        (Answer(card=CARD), "May I?\nYes: /memory on\nNo: /memory off\n"),
        (
            Answer(reply="Hello.", card=CARD),
            "Hello.\n\nMay I?\nYes: /memory on\nNo: /memory off\n",
        ),
        (Answer(), ""),
    ],
)
def test_the_words_and_then_the_commands_of_a_card(answer, printed, capsys):
    assert chat._print_plain(answer, "en")
    assert capsys.readouterr().out == printed


def test_files_are_written_and_named(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert chat._print_plain(Answer(files=FILES), "en")
    assert capsys.readouterr().out == f"Saved: {tmp_path}/all.json\nSaved: {tmp_path}/all.md\n"
    assert (tmp_path / "all.md").read_bytes() == b"# All\n"


def test_a_file_that_cannot_be_written_is_one_sentence_and_a_failure(
    tmp_path: Path, monkeypatch, capsys
):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert not chat._print_plain(Answer(files=FILES[:1]), "en")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        "I could not write all.json (No such file or directory). Start me in a folder that you can"
        " write to, and send the command again.\n"
    )


def test_json_carries_the_card_and_the_files():
    facts = chat._facts(Answer(reply="Hello.", card=CARD, files=FILES))
    assert facts["card"] == {
        "text": "May I?",
        "buttons": [
            {"label": "Yes", "command": "/memory on"},
            {"label": "No", "command": "/memory off"},
        ],
    }
    text = {"encoding": "utf-8"}
    assert facts["files"] == [
        {"name": "all.json", "media_type": "application/json"} | text | {"content": "{}\n"},
        {"name": "all.md", "media_type": "text/markdown"} | text | {"content": "# All\n"},
    ]


def test_json_has_no_keys_for_what_is_not_there():
    assert {"notice", "card", "files"}.isdisjoint(chat._facts(Answer(reply="Hello.")))
