"""Long texts cut into parts: where, how large, and what stays together."""

from __future__ import annotations

import time
from itertools import accumulate

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.split import Part, split, utf16_units

TELEGRAM = 4096
OVERSIZED = "a" + "\u0301" * 5000
PIECES = [
    *("a", "word ", "A sentence. ", "Really?! ", "3.14", "tab\t", " ", "  ", "\n", "\n\n", "\r\n"),
    *("\n \n", "你好", "今天天气很好。", "，", "「好！」", "ひらがな", "안녕 ", "\u3000", "\u00a0"),
    *("👨‍👩‍👧‍👦", "👍🏽", "❤️‍🔥", "1️⃣", "🏳️‍🌈", "🇩🇪", "🇨", "🇯🇵🇨", "😀" * 30, "\U0001f469\u200d"),
    *("e\u0301", "\u0301", "Z̷̢͖̑a̵͊l̶g̴o̷", "a" + "\u0302" * 90, "\u200b", "\ufe0f", "क्षि", "ก็", "각"),
    *("x" * 40, "字" * 40, "https://example.org/a?b=c_d", "`code`", "**bold** ", "- item\n"),
    *("```\n", "```py\n", "\n```\n", "````md\n", "\n````\n", "```", "   ```sh\n", "`", "``` x"),
    *("```python\nprint('hi')\n```\n", "    indented\n", "    return x\n", "# x\n", "> q\n"),
]
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=60).map("".join)
MEASURES = st.sampled_from([len, utf16_units])


def shown(text, limit, measure=len):
    return [part.shown for part in split(text, limit, measure)]


def inner_places(text, most, measure):
    """The places within the graphemes that measure at most so much."""
    for found in regex.finditer(r"\X", text):
        if measure(found[0]) <= most:
            yield from range(found.start() + 1, found.end())


def has_open_fence(text):
    """Another reader's view of Markdown's fences."""
    marker = ""
    for line in text.split("\n"):
        if not marker and (opening := regex.fullmatch(r"[ \t]{0,12}(`{3,8})[^`]*", line)):
            marker = opening[1]
        elif marker and regex.fullmatch(rf"[ \t]{{0,12}}{marker}`*[ \t\r]*", line):
            marker = ""
    return bool(marker)


def visible(text):
    return regex.sub(r"[\s\p{C}\p{DI}]", "", text)


@settings(max_examples=10_000, deadline=None, database=None)
@given(text=WORDS, limit=st.integers(64, 200), measure=MEASURES, share=st.floats(0, 1))
def test_any_text_is_cut_whole_within_the_limit_and_alike_while_it_grows(
    text, limit, measure, share
):
    parts = split(text, limit, measure)
    assert "".join(part.text for part in parts) == (text if visible(text) else "")
    assert all(measure(part.shown) <= limit for part in parts)
    assert all(visible(part.shown) for part in parts)
    assert not any(has_open_fence(part.shown) for part in parts)
    cuts = set(accumulate(len(part.text) for part in parts))
    assert not cuts.intersection(inner_places(text, limit // 2, measure))
    beginning = text[: int(share * len(text))]
    settled = split(beginning, limit, measure)[:-1]
    assert settled == parts[: len(settled)]


def test_a_growing_text_never_changes_a_part_that_is_not_its_last():
    text = "".join(PIECES) * 2
    whole = split(text, 100, utf16_units)
    assert len(whole) > 10
    for end in range(len(text)):
        settled = split(text[:end], 100, utf16_units)[:-1]
        assert settled == whole[: len(settled)]


def test_a_short_text_is_one_part_as_it_is():
    assert split("Hello.\n\nYou.", 64) == [Part("Hello.\n\nYou.", "Hello.\n\nYou.")]


@pytest.mark.parametrize("text", ["", " ", "\n\n", " \t\n" * 500, "\u200b\u2060", "\ufe0f" * 900])
def test_a_blank_text_gives_no_part(text):
    assert split(text, 64) == []


def test_a_limit_without_room_for_words_is_refused():
    with pytest.raises(ValueError, match="give at least 64"):
        split("hello", 63)


def test_a_paragraph_comes_before_a_line_a_line_before_a_sentence_a_sentence_before_a_word():
    start, rest = "One two three. Four five six.", "seven eight nine ten " * 3
    assert shown(f"{start}\n\nA line.\nAnother. {rest}", 64)[0] == start
    assert shown(f"{start}\nAnother. {rest}", 64)[0] == start
    assert shown(f"{start} {rest}", 64)[0] == start
    assert (
        shown(f"Now {rest}", 64)[0]
        == "Now seven eight nine ten seven eight nine ten seven eight nine"
    )


def test_a_tiny_paragraph_is_not_sent_alone_where_a_later_line_or_sentence_ends():
    sentence = "This is a sentence of some length."
    assert shown(f"Hi.\n\n{sentence}\n{'word ' * 20}", 64)[0] == f"Hi.\n\n{sentence}"
    assert shown(f"Hi.\n\n{sentence} {'word ' * 20}", 64)[0] == f"Hi.\n\n{sentence}"
    assert shown(f"Hi.\n\n{'word ' * 20}", 64)[0] == "Hi."


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("我今天很累，想早点休息。" * 9, "我今天很累，想早点休息。" * 5),
        ("他说：「你好！」" + "然后我们一起去吃饭" * 9, "他说：「你好！」"),
        ("It is 3.14 and v1.2.3, e.g.this" + "x" * 90, "It is 3.14 and v1.2.3,"),
        ("没有句号，" + "只有很长的一句话" * 9, "没有句号，"),
        ("**Done.** " + "y" * 90, "**Done.**"),
    ],
)
def test_a_sentence_ends_in_every_language_and_not_within_a_number(text, first):
    assert shown(text, 64)[0] == first


def test_white_space_at_a_cut_is_kept_in_the_text_and_not_shown():
    text = "\n\n  first" + "\n" * 300 + "    second" + " " * 300 + "\n"
    parts = split(text, 64)
    assert [part.shown for part in parts] == ["  first", "    second"]
    assert "".join(part.text for part in parts) == text


def test_a_code_block_that_is_cut_is_closed_and_opened_again_with_its_language():
    code = "".join(f"print({number})\n" for number in range(9))
    parts = split(f"```python title\n{code}```\nThat was it.", 64)
    assert [part.shown for part in parts] == [
        "```python title\nprint(0)\nprint(1)\nprint(2)\nprint(3)\n```",
        "```python title\nprint(4)\nprint(5)\nprint(6)\nprint(7)\n```",
        "```python title\nprint(8)\n```\nThat was it.",
    ]
    assert "".join(part.text for part in parts) == f"```python title\n{code}```\nThat was it."


def test_a_code_block_goes_to_the_next_part_whole_where_words_before_it_suffice():
    words, block = "Here is what you asked for:", "```\n" + "line = 1\n" * 4 + "```"
    assert shown(f"{words}\n{block}", 64) == [words, block]


def test_a_block_is_not_opened_again_only_to_be_closed():
    code = "```\n" + "x = 1\n" * 8 + "\n"
    assert shown(f"{code}```\n{'after ' * 9}", 64)[1].startswith("after")
    assert len(split(f"{code}```\n", 64)) == 1


def test_a_closing_fence_under_way_is_no_part_of_its_own():
    text = "```\n" + "x = 1\n" * 8 + "yy\n"
    whole = split(f"{text}```\nafter", 64)
    for fence in ("", "`", "``", "```", "```\n"):
        parts = split(text + fence, 64)
        assert [part.shown for part in parts] == [whole[0].shown]
        assert parts[0].text == text + fence
    assert [part.shown for part in split(f"{text}`x", 64)] == [whole[0].shown, "```\n`x\n```"]


def test_a_longer_fence_holds_a_shorter_one():
    text = "````md\n```py\n" + "x = 1\n" * 20 + "```\n````\nend"
    assert all(part.startswith("````md\n") for part in shown(text, 64)[1:])


def test_a_fence_within_a_line_is_words():
    text = "Write ``` around code. " * 9
    assert not any("\n" in part for part in shown(text, 64))


def test_indentation_after_a_cut_in_code_is_kept():
    text = "```py\n" + "if x:\n    return x\n" * 6 + "```"
    inner = "\n".join(
        part.removeprefix("```py\n").removesuffix("\n```") for part in shown(text, 64)
    )
    assert inner == ("if x:\n    return x\n" * 6).rstrip()


def test_emoji_are_counted_as_telegram_counts_them_and_kept_whole():
    family = "👨‍👩‍👧‍👦"
    assert (utf16_units("a"), utf16_units("中"), utf16_units("😀"), utf16_units(family)) == (
        1,
        1,
        2,
        11,
    )
    parts = shown(family * 1000, TELEGRAM, utf16_units)
    assert all(utf16_units(part) <= TELEGRAM for part in parts)
    assert parts[0] == family * (TELEGRAM // 11)


def test_flags_are_never_cut_between_their_letters():
    parts = shown("🇩🇪🇨🇳" * 200, 100, utf16_units)
    assert {part[:2] for part in parts} <= {"🇩🇪", "🇨🇳"}
    assert {len(part) % 2 for part in parts} == {0}


def test_a_grapheme_that_is_too_large_alone_is_cut_nevertheless():
    parts = split(f"Look: {OVERSIZED} end", TELEGRAM, utf16_units)
    assert "".join(part.text for part in parts) == f"Look: {OVERSIZED} end"
    assert [part.shown[:1] for part in parts] == ["L", "a", "\u0301"]
    assert all(utf16_units(part.shown) <= TELEGRAM for part in parts)


@pytest.mark.parametrize(
    "piece", ["Words, words. ", "字", "x", "\n", " ", "```\n", "`", "🇩🇪", "👍🏽", "\u0301", "a\n\n"]
)
def test_a_text_of_a_million_characters_takes_linear_time(piece):
    begun = time.process_time()
    split("a" + piece * (1_000_000 // len(piece)), TELEGRAM, utf16_units)
    assert time.process_time() - begun < 30  # a square would take many minutes
