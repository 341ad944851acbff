"""Markdown as small chat models write it, as Telegram shows it."""

from __future__ import annotations

import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.split import split, utf16_units
from adapters.telegram import marks
from adapters.telegram.formatting import TEXT_LIMIT, formatted

PLAIN = [
    "I'm so sorry. Losing your dog must be very hard.\n\nWould you like to tell me about him?",
    "听起来你今天真的很累。\n先喝杯水，好吗？\n\n我在这里陪你～",
    "Line one  \nline two\t\ttabbed \n\n\n\nfour blank lines above\n",
    "  indented\n      deeper\n\tby a tab",
    "1. one\n1. two\n7. seven\n3) three\n",
    "* star\n- dash\n+ plus\n  * nested\n\n- loose\n\n- list",
    "- [ ] to do\n- [x] done",
    "---\n***\n* * *\n___\n===",
    "Title\n=====\nnot a heading\n---",
    "#hashtag #1 and C# and #\n#\n####### seven",
    "> 5 apples\n>_<\n>.<\n-> arrow\n>> chevrons\n> <",
    "$5 and $6, $x$ and \\(a+b\\) \\[c\\] \\frac{1}{2}",
    "2*3*4 = 24, 2 * 3, 2**3 and 4**2, a*b*c, f**k and s**t, 5* and 4* hotels",
    "价格*数量*折扣",
    "snake_case, __init__.py, _private_, -_- haha -_-, T_T, _ _",
    "(*^▽^*) (*´▽`*) o(*￣▽￣*)ブ (´・ω・`) orz (*) and (*) ¯\\_(ツ)_/¯ ^_^ (｡•́︿•̀｡)",
    "~5~ minutes, about ~10, 好的~~ 哈哈~~你好~~呀",
    "a || b || c, |x|, a | b\nc | d",
    "<b>html</b> <br> <div>\n</div> &amp; &lt; <!-- x --> 5 < 6 > 4",
    "https://example.org/a_b*c*d_(e)?f=*g*&h=~~i~~ and <https://example.org> www.example.org/*",
    "[1] and [note]: x and [a](b) and f[i](x) and ![x] and [ref]: http://x.y 'z'",
    "[call](tel:112) [mail](mailto:a@b.c) [user](tg://user?id=1) [js](javascript:alert)",
    "@someone and /command and #tag",
    'escapes \\*kept\\* C:\\*dir \\n \\" \\`',
    "it`s and that`s, `, ``, ```` and `` ` ``",
    "** spaced ** and * spaced * and ****",
    "an *unclosed star and **another and ~~one",
    "/* comment */ int *p, *q; *args and **kwargs",
    "5 * 6 * 7\n*",
    "carriage\r\nreturns\rhere **x\n",
    "\x00 nul \u2028 line \u3000 wide \u00a0 hard \u200b zero",
    "👨‍👩‍👧‍👦🇩🇪👍🏽 e\u0301 ก็",
    "```\n```",
    "",
    " \n ",
]

CASES = [
    (
        "**bold** and *soft* and `code`",
        "bold and soft and code",
        ["bold:bold", "italic:soft", "code:code"],
    ),
    ("***both***", "both", ["bold:both", "italic:both"]),
    (
        "**a *b* c** *d **e** f*",
        "a b c d e f",
        ["bold:a b c", "italic:b", "italic:d e f", "bold:e"],
    ),
    ("**un**happy 很**重要**的", "unhappy 很重要的", ["bold:un", "bold:重要"]),
    ("**注意：**请看**“这里”**。", "注意：请看“这里”。", ["bold:注意：", "bold:“这里”"]),
    (
        "*轻轻抱住你* 没事的。*（微笑）*嗯",
        "轻轻抱住你 没事的。（微笑）嗯",
        ["italic:轻轻抱住你", "italic:（微笑）"],
    ),
    ("(*sighs*) *😊 hugs*", "(sighs) 😊 hugs", ["italic:sighs", "italic:😊 hugs"]),
    ("😀 **😀 hi** x", "😀 😀 hi x", ["bold:😀 hi"]),
    ("not ~~this~~, that", "not this, that", ["strikethrough:this"]),
    ("使用`print(*a)`函数 ``a`b``", "使用print(*a)函数 a`b", ["code:print(*a)", "code:a`b"]),
    (
        "1. **Rest**: sleep\n   - *early*\n2. **Talk**",
        "1. Rest: sleep\n   - early\n2. Talk",
        ["bold:Rest", "italic:early", "bold:Talk"],
    ),
    (
        "# One #\ntext\n### **Two** *x*\n\n# C#",
        "One\ntext\nTwo x\n\nC#",
        ["bold:One", "bold:Two x", "italic:x", "bold:C#"],
    ),
    ("> a **b**\n>\n> c\nd", "a b\n\nc\nd", ["blockquote:a b\n\nc", "bold:b"]),
    ("> 你好\n\n再见", "你好\n\n再见", ["blockquote:你好"]),
    (
        "Look:\n```python x\nif a:\n    b_c()\n```\nDone **x**",
        "Look:\nif a:\n    b_c()\nDone x",
        ["pre[python]:if a:\n    b_c()", "bold:x"],
    ),
    ("```\nno end\n**x**", "no end\n**x**", ["pre:no end\n**x**"]),
    ("1. do\n   ```sh\n   ls\n     x\n   ```", "1. do\nls\n  x", ["pre[sh]:ls\n  x"]),
    (
        "| a | **b** |\n|:--|--:|\n| `c` | *d* |\nend",
        "a | b\n- | -\nc | d\nend",
        ["pre:a | b\n- | -\nc | d"],
    ),
    (
        "名字 | 岁\n--- | ---\n王 | 5",
        "名字 | 岁\n---- | --\n王   | 5",
        ["pre:名字 | 岁\n---- | --\n王   | 5"],
    ),
    (f"| {'w' * 60} | **b** |\n|---|---|", f"| {'w' * 60} | b |\n|---|---|", ["bold:b"]),
    ("[my bank](https://evil.example/x_y)", "my bank (https://evil.example/x_y)", []),
    (
        "[https://bank.example](https://evil.example)",
        "https://bank.example (https://evil.example)",
        [],
    ),
    (
        "[https://a.example/](https://a.example) [b.example](http://b.example/)",
        "https://a.example http://b.example/",
        [],
    ),
    (
        '![a *cat*](http://x.example/c.png) **[x](http://y.example "t")**',
        "a cat (http://x.example/c.png) x (http://y.example)",
        ["italic:cat", "bold:x (http://y.example)"],
    ),
]


def spans(text, entities):
    units = text.encode("utf-16-le")
    for entity in entities:
        kind = entity.type + (f"[{entity.language}]" if entity.language else "")
        part = units[2 * entity.offset : 2 * (entity.offset + entity.length)]
        yield f"{kind}:{part.decode('utf-16-le')}"


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_without_marks_comes_out_as_it_is(text):
    assert formatted(text) == (text, [])


@pytest.mark.parametrize(("markdown", "text", "expected"), CASES)
def test_marks_become_entities(markdown, text, expected):
    shown, entities = formatted(markdown)
    found = list(spans(shown, entities))
    assert (shown, sorted(found)) == (text, sorted(expected))


def test_a_line_in_doubt_costs_no_other_line_its_marks():
    text, entities = formatted("**good**\n**bad \ue000**\n**good**")
    assert (text, len(entities)) == ("good\n**bad \ue000**\ngood", 2)


@pytest.mark.parametrize("error", [ValueError("x"), RecursionError(), MemoryError()])
def test_a_failure_of_the_library_leaves_the_text_as_it_is(monkeypatch, error):
    def fails(*_args, **_settings):
        raise error

    monkeypatch.setattr(sys.modules["telegramify_markdown"], "convert", fails)
    assert formatted("a **b** c") == ("a **b** c", [])


def test_a_panic_of_the_parser_is_a_failure_and_an_interrupt_is_not(monkeypatch):
    class PanicException(BaseException):
        pass

    errors = [PanicException(), KeyboardInterrupt()]

    def fails(*_args, **_settings):
        raise errors.pop(0)

    monkeypatch.setattr(sys.modules["telegramify_markdown"], "convert", fails)
    assert formatted("a **b** c") == ("a **b** c", [])
    with pytest.raises(KeyboardInterrupt):
        formatted("a **b** c")


def test_what_the_library_reads_in_another_way_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(
        sys.modules["telegramify_markdown"], "convert", lambda *_args, **_settings: (". b", [])
    )
    assert formatted("a **b** c") == ("a **b** c", [])


def test_a_lone_surrogate_is_no_error():
    assert formatted("\ud83d **x**") == ("\ud83d **x**", [])


def test_many_tables_do_not_make_a_text_too_long_for_one_message():
    table = f"|a|**b**|\n|-|-|\n|{'w' * 40}|x|\n" + "|a|b|\n" * 300
    text, entities = formatted(table)
    assert utf16_units(text) <= TEXT_LIMIT
    assert list(spans(text, entities)) == ["bold:b"]


WORDS = st.lists(
    st.sampled_from(
        [
            *("*", "**", "***", "_", "__", "~~", "~", "`", "``", "```\n", "|", "||", "\\", "> "),
            *("# ", "- ", "1. ", "\n", "\n\n", " ", "  ", "[", "](", "http://x.y", ")", "!", "<b>"),
            *(
                "&amp;",
                "$",
                "word",
                "你好",
                "，",
                "：",
                "😀",
                "👨‍👩‍👧‍👦",
                "e\u0301",
                "\u200b",
                "\ue000",
            ),
            *("|a|b|\n|-|-|\n|c|", "[a](http://b.c)", "\t", "\r\n", "(", "…", "**粗：**", "*x*"),
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=1_500, deadline=None, database=None)
@given(WORDS | st.text(max_size=60))
def test_entities_of_any_text_lie_within_it_and_cut_no_letter(markdown):
    text, entities = formatted(markdown)
    starts = {0}
    for letter in text:
        starts.add(max(starts) + utf16_units(letter))
    assert all({one.offset, one.offset + one.length} <= starts for one in entities)
    assert all(one.length > 0 for one in entities)
    assert not any(one.type in {"text_link", "mention", "text_mention"} for one in entities)
    assert bool(text.strip()) == bool(markdown.strip())
    if "|" not in markdown:
        assert utf16_units(text) <= utf16_units(markdown)
        if "```" not in markdown:
            assert text.count("\n") == markdown.count("\n")


@settings(max_examples=300, deadline=None, database=None)
@given(st.text(alphabet=st.characters(exclude_characters="*`~[#>|", exclude_categories=["Cs"])))
def test_any_text_without_a_character_of_markdown_comes_out_as_it_is(text):
    assert formatted(text) == (text, [])


@settings(max_examples=200, deadline=None, database=None)
@given(WORDS.map(lambda words: words * 9))
def test_a_part_of_a_long_text_fits_once_formatted(markdown):
    for part in split(markdown, 200, utf16_units):
        assert utf16_units(formatted(part.shown)[0]) <= TEXT_LIMIT


@pytest.mark.parametrize(
    "piece",
    [
        *("*a **b ", "`a ", "``a `b ", "[a", "**a ", "~~a ", "*a** ", "https://", "[a](http://("),
        *(
            "_",
            "*",
            "`",
            "# ",
            "|",
            "|-",
            "> ",
            "```\n",
            " ",
            "**粗：**",
            "\\",
            "(*",
            "***a",
            "1. ",
        ),
    ],
)
def test_a_hostile_text_of_one_message_takes_no_time(piece):
    begun = time.process_time()
    formatted("x" + piece * (TEXT_LIMIT // len(piece)))
    formatted((piece * (TEXT_LIMIT // len(piece)))[:TEXT_LIMIT])
    assert time.process_time() - begun < 30  # a square would take many minutes


def test_the_private_hint_is_never_shown():
    assert marks.unmarked("**注意：**看 *（笑）*嗯 ~~q~~").text == "注意：看 （笑）嗯 q"
