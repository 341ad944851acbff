"""What a model writes, as Discord may show it: no hidden links, no calls to everyone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.formatting import harmless


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "**bold** and `code` and > a quotation",
        "a [bracket] and (another)",
        "[not a link](no address)",
        "`[label](https://a.example)`",
        "``` \n[label](https://a.example)\n@everyone\n```",
        r"\[label](https://a.example)",
        "https://a.example and <https://b.example>",
        "me@here.example, @everyoneelse",
    ],
)
def test_what_is_harmless_stays_as_it_is(text: str):
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see [this](https://a.example).", "see this (https://a.example)."),
        ("![a cat](https://a.example/cat.png)", "a cat (https://a.example/cat.png)"),
        ("[https://a.example/](https://a.example)", "https://a.example"),
        ("[a.example](https://a.example/)", "https://a.example/"),
        (
            "[https://bank.example](https://evil.example)",
            "https://bank.example (https://evil.example)",
        ),
        ("[](https://a.example)", "https://a.example"),
        ("[this](<https://a.example>)", "this (https://a.example)"),
        ('[this]( https://a.example "a title" )', "this (https://a.example)"),
        ("[a [b] c](https://a.example)", "a [b] c (https://a.example)"),
        ("[w](https://a.example/w_(x))", "w (https://a.example/w_(x))"),
        ("[w](https://a.example/((x)", "w (https://a.example/((x)"),
        ("[this](mailto:a@b.example)", "this (mailto:a@b.example)"),
        ("[a]b](https://a.example)", "[a]b] https://a.example)"),
        (
            "[[x](https://a.example)](https://b.example)",
            "x (https://a.example) (https://b.example)",
        ),
        ("`a` [b](https://c.example) `d`", "`a` b (https://c.example) `d`"),
        ("hello @everyone and @here!", "hello ＠everyone and ＠here!"),
    ],
)
def test_a_link_shows_its_target_and_nobody_is_called(text: str, shown: str):
    assert harmless(text) == shown


@given(st.text(alphabet='[]()<>`\\!"ah:/ @everyone\n', max_size=200))
def test_the_text_never_grows_and_a_second_look_changes_nothing(text: str):
    shown = harmless(text)
    assert len(shown) <= len(text)
    assert harmless(shown) == shown


@pytest.mark.parametrize("hostile", ["[" * 2000, "[a](b:(x)" * 220, "`" * 1999, "](h:" * 500])
@pytest.mark.timeout(2)
def test_hostile_text_takes_no_time(hostile: str):
    harmless(hostile)
