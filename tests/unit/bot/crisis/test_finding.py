"""What is seen, of which kind, and what only sounds so; no text makes the rules slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crisis.finding import Finding, find
from bot.crisis.rulebook import KINDS, LANGUAGES
from tests.crisis import rows

# A text that costs its square would take minutes; a busy machine makes none of these seconds long.
FAR_TOO_LONG_S = 10.0
PIECES = [
    "i want to ", "kill ", "myself ", "my friend said ", "want to just really ", "took pills ",
    "活着没", "想", "不想", "他打", "我朋友说", "s u i ", "1!3$", "-", ".", "\n", "( ", "...", "💀",
    "dont want to ", "if i ", "a", " ", "no point in ", "he she they ", "死",
]  # fmt: skip


def share(found: list[bool]) -> float:
    return sum(found) / len(found)


def test_the_sets_are_large_and_their_halves_share_nothing():
    both = rows("tuning") + rows("heldout")
    dangers = [row for row in both if row["label"] == "crisis"]
    assert len(dangers) >= 250
    assert len(both) - len(dangers) >= 350
    assert len({row["text"] for row in both}) == len(both)
    assert {row["kind"] for row in dangers} == set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "least", "most"), [("tuning", 0.97, 0.02), ("heldout", 0.9, 0.04)]
)
def test_of_the_written_sets_nearly_all_is_seen_and_nearly_nothing_else(
    name, least, most, language
):
    here = [row for row in rows(name) if row["lang"] == language]
    assert share([bool(find(r["text"])) for r in here if r["label"] == "crisis"]) >= least
    assert share([bool(find(r["text"])) for r in here if r["label"] != "crisis"]) <= most


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("i want to kill myself", "self"),
        ("i cut myself again", "self"),
        ("my friend says she wants to die", "friend"),
        ("my brother told me he doesn't want to live anymore", "friend"),
        ("I told my mother that I want to die", "self"),
        ("i want to kill my boss, i have a knife", "others"),
        ("my boyfriend hits me", "abuse"),
        ("i make myself throw up after every meal", "eating"),
        ("我不想活了", "self"),
        ("我朋友说她不想活了", "friend"),
        ("我跟妈妈说我想死", "self"),
        ("我要杀了他", "others"),
        ("老公又打我了", "abuse"),
        ("吃完就去催吐", "eating"),
        ("he hits me and i want to die", "self"),
    ],
)
def test_each_danger_has_its_kind_and_ones_own_goes_first(text, kind):
    found = find(text)
    assert found is not None
    assert found.kind == kind


def test_a_finding_names_the_rule_and_never_the_words():
    assert find("ok. i want to kill myself") == Finding("self", "en", "en.kill-oneself")


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (["我想自"], "杀"),
        (["i want to"], "kill myself"),
        (["i just", "want to"], "die"),
        (["今天好累", "我真的", "不想"], "活了"),
        ([], "i want to\nkill myself"),
        ([], "我想自\n杀"),
    ],
)
def test_a_danger_cut_in_pieces_is_seen(earlier, text):
    assert find(text, earlier)


@pytest.mark.parametrize(
    ("earlier", "text"),
    [
        (["i want to"], "go home"),
        (["I want to die"], "thank you"),
        (["i killed"], "him in the game"),
        (["我想自"], "己做饭"),
        (["我想自"], ""),
        (["one", "two", "three", "four"], "five"),
    ],
)
def test_pieces_that_make_no_danger_and_dangers_answered_before_are_left_alone(earlier, text):
    assert find(text, earlier) is None


@pytest.mark.parametrize(
    "text",
    [
        "in the game i want to kill the boss",
        "I used to want to die, not any more",
        "I would never kill myself",
        "笑死我了",
        "以前想过死，现在好多了",
        "《自杀小队》好看吗",
        "", " ", "?", "\ud800", "\0", "😞" * 1000, "{}%s\\",
    ],
)  # fmt: skip
def test_what_is_told_or_denied_or_nothing_is_no_danger(text):
    assert find(text) is None


def test_a_danger_in_a_long_text_is_seen_where_it_stands():
    calm = "we went to the lake and it was a nice day and then "
    for before, after in ((0, 200), (100, 100), (200, 0)):
        assert find(calm * before + "i want to kill myself " + calm * after)
        assert find("今天去了湖边，天气很好，" * before + "我想自杀，" + "晚上吃了面，" * after)


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4), st.integers(1, 20_000))
@settings(max_examples=25, deadline=None)
def test_no_text_takes_long(pieces, length):
    text = "".join(pieces)
    text = (text * (1 + length // len(text)))[:20_000]
    began = time.thread_time()
    find(text, [text, text])
    assert time.thread_time() - began < FAR_TOO_LONG_S


@given(st.text(max_size=200), st.lists(st.text(max_size=50), max_size=4))
def test_any_text_gets_an_answer(text, earlier):
    found = find(text, earlier)
    assert found is None or (found.kind in KINDS and found.language in LANGUAGES)


@pytest.mark.parametrize("text", ["最后跟处长打，打到我手都抖了，擦边球", "这球打得我一身汗"])
def test_a_hand_that_shakes_from_a_game_is_no_violence(text):
    assert find(text) is None


def test_a_hand_that_was_hit_is():
    found = find("他喝了酒就打，打到我手肿了")
    assert found is not None
    assert found.kind == "abuse"
