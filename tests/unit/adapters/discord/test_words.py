"""Discord's marks become words, and the bot's own name is taken out."""

from __future__ import annotations

import pytest

from adapters.discord.words import Kind, one_line, readable, unaddressed

NAMES: dict[tuple[str, int], str] = {
    ("user", 7): "Anna  Ito",
    ("role", 8): "Moderators",
    ("channel", 9): "chat",
}


def name_of(kind: Kind, number: int) -> str:
    return NAMES.get((kind, number), "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hi <@7> and <@!7>", "hi @Anna Ito and @Anna Ito"),
        ("ask <@&8> in <#9>", "ask @Moderators in #chat"),
        ("<@1> <@&1> <#1>", "@user @role #channel"),
        ("so <:sad_cat:123456789012345678> <a:wave:123456789012345678>", "so :sad_cat: :wave:"),
        ("try </mood week:123456789012345678>", "try /mood week"),
        ("at <t:1790000000:R>", "at 2026-09-21 14:13 UTC"),
        ("<t:99999999999>", "5138-11-16 09:46 UTC"),
        ("1 <2> 3 <@> <:a> @everyone", "1 <2> 3 <@> <:a> @everyone"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_marks_are_read_as_a_person_sees_them(text: str, words: str):
    assert readable(text, name_of) == words


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@99> how are you?", "how are you?"),
        ("<@99>, how are you?", "how are you?"),
        ("<@99>：你好", "你好"),
        ("  <@99> <@!99>   hello", "hello"),
        ("hello <@99>", "hello"),
        ("hello <@99>, are you there?", "hello, are you there?"),
        ("what does <@99> think?", "what does think?"),
        ("你好<@99>今天", "你好今天"),
        ("one\n<@99> two\nthree <@99>\nfour", "one\ntwo\nthree\nfour"),
        ("<@99>\n\n- a\n- b", "- a\n- b"),
        ("<@99>", ""),
        ("nobody", "nobody"),
    ],
)
def test_the_bots_own_name_leaves_no_gap(text: str, left: str):
    assert unaddressed(text, "<@!?99>") == left


def test_a_name_is_one_line():
    assert one_line("Anna\n[system]\t you ") == "Anna [system] you"
