"""/export hands everything over: whole for programs, and its words to read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.messages import File
from bot.texts.sentences import LANGUAGES, say
from tests.unit.bot.asking import PersonalStore, ask


def turn(sent_at: str, text: str, reply: str, *labels: dict[str, Any]) -> dict[str, Any]:
    said = {"sent_at": sent_at, "text": text, "reply": reply, "ended": False}
    return said | {"labels": list(labels), "corrections": []}


def label(task: str, name: str, confidence: float) -> dict[str, Any]:
    return {"task": task, "label": name, "confidence": confidence}


KEPT: dict[str, Any] = {
    "format": 2,
    "exported_at": "2026-02-03T04:05:06.789+00:00",
    "platform": "telegram",
    "user_id": "7",
    "person": {"name": "Ann *A*\n# x", "language": "", "mood_memory": "on"},
    "conversations": [
        {
            "chat_id": "7",
            "thread_id": "",
            "private": True,
            "turns": [
                turn(
                    "2026-01-02T03:04:05+00:00",
                    "I lost\n# my <keys> & `more`",
                    "Oh no.\n\nTell me.",
                    label("urgency", "low", 0.5),
                    label("sentiment", "negative", 0.914),
                ),
                turn("2026-01-03T03:04:05+00:00", "/export", ""),
            ],
        },
        {
            "chat_id": "-100",
            "thread_id": "12",
            "private": False,
            "turns": [turn("2026-01-04T03:04:05+00:00", "妈妈住院了", "真让人心疼。")],
        },
    ],
    "pairing": None,
    "checkin": None,
    "grants": [],
    "granted": [],
    "alert": None,
    "alerted": [],
    "letters": [],
    "crises": [],
    "looks": [],
    "looked": [],
}

READABLE = """\
# What Warmline keeps about you, 2026-02-03

This file is to read. The JSON file that came with it holds every detail. Times are in UTC.

- Name: Ann \\*A\\* \\# x
- User: telegram 7
- Chosen language: not set
- Moods remembered: on
- Words kept after a conversation: not set
- Time zone: not set
- Check-in every day: not set
- Whom you let see your mood: not set
- People who let you see theirs: not set
- Responder told of a danger, since: not set

## In private (7), messages: 2

### 2026-01-02 03:04

You (negative, 91% sure):

    I lost
    # my <keys> & `more`

Warmline:

    Oh no.

    Tell me.

### 2026-01-03 03:04

You:

    /export

## In a group (-100 12), your messages: 1

### 2026-01-04 03:04

You:

    妈妈住院了

Warmline:

    真让人心疼。
"""


async def files(language: str, kept: dict[str, Any], **facts: Any) -> list[File]:
    store = PersonalStore()
    store.kept = kept
    found = await ask("/export", store, language=language, **facts)
    return [file for file in found if isinstance(file, File)]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_two_files_come_named_by_the_day(language):
    as_json, as_markdown = await files(language, KEPT)
    assert as_json.name == "warmline-export-2026-02-03.json"
    assert as_markdown.name == "warmline-export-2026-02-03.md"
    assert (as_json.media_type, as_markdown.media_type) == ("application/json", "text/markdown")
    for file in (as_json, as_markdown):
        assert 0 < len(file.caption) <= 200


async def test_the_one_for_programs_is_whole_and_its_characters_are_plain():
    as_json, _ = await files("en", KEPT)
    assert json.loads(as_json.content) == KEPT | {"keep_days": None}
    assert "妈妈住院了".encode() in as_json.content


async def test_the_other_is_to_read():
    _, as_markdown = await files("en", KEPT)
    assert as_markdown.content.decode() == READABLE


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "You (negative, 91% sure; neutral, as you said):"),
        ("zh", "你（负面，把握 91%；你说是平静）："),
    ],
)
async def test_how_a_message_was_meant_stands_beside_how_it_was_read(language, line):
    said = turn("2026-01-02T03:04:05+00:00", "x", "y", label("sentiment", "negative", 0.914))
    said["corrections"] = [{"task": "sentiment", "label": "neutral"}]
    place = {"chat_id": "7", "thread_id": "", "private": True, "turns": [said]}
    _, as_markdown = await files(language, KEPT | {"conversations": [place]})
    assert line in as_markdown.content.decode()


BESIDE: dict[str, Any] = {
    "checkin": {"minute": 1205, "zone": "Europe/Berlin"},
    "grants": [
        {"to_platform": "owner", "to_user_id": ""},
        {"to_platform": "discord", "to_user_id": "9"},
    ],
    "granted": [{"granted_at": "2026-01-01T00:00:00+00:00"}],
    "alert": {"allowed_at": "2026-02-03T04:05:00+00:00"},
    "looks": [{"at": "2026-01-05T06:07:08+00:00", "who": "discord:9", "what": "x_y", "about": "a"}],
    "looked": [{"at": "2026-01-06T06:07:08+00:00", "who": "b", "what": "c", "about": "someone"}],
    "crises": [{"at": "2026-01-07T06:07:08+00:00", "kind": "self"}],
}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_kept_beside_messages_can_be_read_too(language):
    _, as_markdown = await files(language, KEPT | BESIDE)
    lines = as_markdown.content.decode().splitlines()
    values = {
        "checkin": "20:05 Europe/Berlin", "grants": "owner, discord 9", "granted": "1",
        "alert": "2026-02-03 04:05",
    }  # fmt: skip
    for key, value in values.items():
        assert f"- {say(language, f'commands.export_{key}', value=value)}" in lines
    for key, line in {
        "looks": "- 2026-01-05 06:07: discord:9, x\\_y, a",
        "looked": "- 2026-01-06 06:07: b, c, someone",
        "crises": "- 2026-01-07 06:07: self",
    }.items():
        start = lines.index(f"## {say(language, f'commands.export_{key}')}")
        assert lines[start + 1 : start + 4] == ["", line, ""]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_message_whose_words_are_gone_says_so_and_keeps_its_mood(language):
    gone = turn("2026-01-02T03:04:05+00:00", "", "", label("sentiment", "negative", 0.914))
    place = {"chat_id": "7", "thread_id": "", "private": True, "turns": [gone | {"ended": True}]}
    _, as_markdown = await files(language, KEPT | {"conversations": [place]})
    text = as_markdown.content.decode()
    assert text.endswith(f"\n\n{say(language, 'commands.export_ended')}\n")
    assert "91%" in text


async def test_it_is_in_the_persons_language_and_holds_the_same_words():
    _, as_markdown = await files("zh", KEPT)
    text = as_markdown.content.decode()
    assert text.startswith("# Warmline 保存的关于你的一切，2026-02-03")
    assert "你（负面，把握 91%）：" in text
    words = [line for line in READABLE.splitlines() if line.startswith("    ")]
    assert [line for line in text.splitlines() if line.startswith("    ")] == words


@pytest.mark.parametrize("language", LANGUAGES)
async def test_where_messages_go_by_age_both_say_after_how_many_days(language):
    as_json, as_markdown = await files(language, KEPT, fact_keep_days=90)
    assert json.loads(as_json.content)["keep_days"] == 90
    assert say(language, "commands.export_days", days=90) in as_markdown.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_somebody_of_whom_nothing_is_kept_gets_that(language):
    nothing = KEPT | {"person": None, "conversations": []}
    as_json, as_markdown = await files(language, nothing)
    assert json.loads(as_json.content) == nothing | {"keep_days": None}
    assert "telegram 7" in as_markdown.content.decode()
