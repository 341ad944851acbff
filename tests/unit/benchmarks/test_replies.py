"""Replies to the fixed messages: asked as a person would ask, written down, counted."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.replies.cases import CONVERSATION, HELD_OUT, HUMAN, Before, Case, cases, heldout
from benchmarks.replies.run import answer_all, conversations
from benchmarks.replies.score import humanity, report, scored, shown, table
from benchmarks.replies.sheet import BadSheet, Line, add, read
from bot.answering import ChatSettings
from engine.base import EngineError
from tests.fakes import TASK, FakeEngine

LINE = Line(
    id="en-joy-1",
    seed=1,
    model="fake-1b",
    language="en",
    kind="joy",
    text="I won",
    feels="positive",
    label="positive",
    reply="How lovely!",
    fixed=False,
    judged=True,
    ms=5.0,
)


def case(number: int, text: str, kind: str = "joy", **fields: object) -> Case:
    return Case(f"en-{kind}-{number}", "en", kind, text, **fields)  # type: ignore[arg-type]


async def answered(tmp_path, chosen, engine=None, seeds=(1,)) -> list[Line]:
    sheet = tmp_path / "sheet.jsonl"
    settings = ChatSettings(per_minute=1)
    await answer_all(engine or FakeEngine(), TASK, settings, chosen, seeds, sheet)
    return read(sheet)


def test_there_are_sixty_messages_of_each_language_sixty_questions_and_two_conversations():
    counted = Counter(
        (one.language, one.kind if one.kind in (HUMAN, CONVERSATION) else "message")
        for one in cases()
    )
    assert counted == {
        ("en", "message"): 60,
        ("zh", "message"): 60,
        ("en", HUMAN): 30,
        ("zh", HUMAN): 30,
        ("en", CONVERSATION): 20,
        ("zh", CONVERSATION): 20,
    }
    assert len({one.id for one in cases()}) == 220
    assert len({one.text for one in cases() if one.kind not in (HUMAN, CONVERSATION)}) == 120


def test_every_kind_is_there_in_both_languages_and_sixty_are_judged():
    messages = [one for one in cases() if one.feels]
    kinds = {language: Counter(o.kind for o in messages if o.language == language)
             for language in ("en", "zh")}  # fmt: skip
    assert kinds["en"] == kinds["zh"]
    assert set(kinds["en"]) == {
        "grief", "joy", "anger", "worry", "shame", "loneliness", "small_talk", "plain_question",
        "thanks", "goodbye", "one_word", "long_story", "third_turn", "earlier_mood",
    }  # fmt: skip
    assert Counter(one.language for one in cases() if one.judged) == {"en": 30, "zh": 30}
    assert {one.feels for one in messages} == set(TASK.valence)


@pytest.mark.parametrize("name", HELD_OUT)
def test_the_held_out_messages_are_others_forty_in_each_language_all_judged(name):
    assert Counter(one.language for one in heldout(name)) == {"en": 40, "zh": 40}
    said = {one.text for one in cases()}
    assert not {one.text for one in heldout(name) if one.kind != "one_word"} & said
    assert all(one.judged and one.feels in TASK.valence for one in heldout(name))


def test_a_third_turn_has_two_turns_before_it():
    for one in cases():
        assert len(one.before) == {"third_turn": 2, "earlier_mood": 1}.get(one.kind, 0)
        assert all(turn.label in TASK.valence for turn in one.before)


def test_the_messages_of_a_conversation_stay_together_and_others_stand_alone():
    found = list(conversations(cases()))
    assert Counter(map(len, found)) == {1: 180, 20: 2}


async def test_a_message_is_answered_with_its_earlier_turns_and_their_labels(tmp_path):
    engine = FakeEngine()
    before = (Before("bad day", "negative", "I'm sorry."), Before("yes", "neutral", "Tell me."))
    [line] = await answered(tmp_path, [case(1, "he laughed", before=before)], engine)
    shown_to = engine.streamed[0].messages[engine.streamed[0].shared :]
    assert [(m.role, m.content, "".join(m.opening)) for m in shown_to[:-1]] == [
        ("user", "bad day", ""),
        ("assistant", " I'm sorry.", "[Negative]"),
        ("user", "yes", ""),
        ("assistant", " Tell me.", "[Neutral]"),
        ("user", "he laughed", ""),
    ]
    assert (line.text, line.reply, line.fixed) == ("he laughed", "I hear you.", False)
    assert (line.said, line.replies) == (["bad day", "yes"], ["I'm sorry.", "Tell me."])
    assert line.label in TASK.valence


async def test_a_conversation_is_answered_in_order_and_no_limit_stands_in_its_way(tmp_path):
    chosen = [case(number, f"message {number}", CONVERSATION) for number in range(1, 5)]
    lines = await answered(tmp_path, chosen, FakeEngine(" I hear you."))
    assert [len(line.replies) for line in lines] == [0, 1, 2, 3]
    found = [{breach.rule for breach in line.breaches()} for line in lines]
    assert "repeats_opening" in found[1]
    assert "repeats_opening" not in found[0]


async def test_each_seed_is_drawn_with_and_the_sheet_goes_on_where_it_ended(tmp_path):
    chosen = [case(1, "one"), case(2, "two")]
    engine = FakeEngine()
    await answered(tmp_path, chosen[:1], engine, seeds=(1, 2))
    lines = await answered(tmp_path, chosen, engine, seeds=(1, 2, 3))
    assert Counter((line.id, line.seed) for line in lines) == {
        (one.id, seed): 1 for one in chosen for seed in (1, 2, 3)
    }
    assert [params.seed for params in engine.params] == [1, 2, 1, 2, 3, 3]


async def test_a_question_whether_it_is_human_is_marked_as_fixed(tmp_path):
    [line] = await answered(tmp_path, [case(1, "are you human?", HUMAN)])
    assert line.fixed
    assert line.reply.startswith("No, I'm not a person")
    assert line.breaches() == ()


async def test_another_models_sheet_is_not_mixed_in(tmp_path):
    add(tmp_path / "sheet.jsonl", [replace(LINE, model="other")])
    with pytest.raises(BadSheet, match="another model"):
        await answered(tmp_path, [case(1, "one")])


async def test_a_message_that_gets_no_reply_ends_the_run_with_its_name(tmp_path):
    engine = FakeEngine()
    engine.before_score = [EngineError("it broke")]
    with pytest.raises(EngineError, match="en-joy-1 got no reply"):
        await answered(tmp_path, [case(1, "one")], engine)


def test_a_sheet_is_read_as_it_was_written_with_its_breaches_for_the_eye(tmp_path):
    sheet = tmp_path / "a.jsonl"
    bad = replace(LINE, id="x", reply="As an AI, I can't.")
    add(sheet, [LINE])
    add(sheet, [bad])
    assert [replace(line, said=(), replies=()) for line in read(sheet)] == [LINE, bad]
    told = [json.loads(line)["breaches"] for line in sheet.read_text().splitlines()]
    assert told[0] == []
    assert told[1][0]["rule"] == "boilerplate"


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "a"}', "7"])
def test_what_is_no_line_is_told_by_its_number(tmp_path, text):
    sheet = tmp_path / "a.jsonl"
    sheet.write_text(f"\n{text}\n")
    with pytest.raises(BadSheet, match=r"a\.jsonl, line 2: this is no line of replies"):
        read(sheet)


def test_a_missing_sheet_is_one_sentence(tmp_path):
    with pytest.raises(BadSheet, match="cannot be read: give a sheet of replies"):
        read(tmp_path / "none.jsonl")


def test_a_rule_is_counted_by_language():
    lines = [
        LINE,
        replace(LINE, id="b", reply="- rest"),
        replace(LINE, id="c", language="zh", text="好", reply="真好！"),
        replace(LINE, id="d", fixed=True, reply="- fixed"),
    ]
    score = scored(lines)
    assert score.kept("has_list") == (2, 3)
    assert score.kept("has_list", "en") == (1, 2)
    assert score.kept("has_list", "zh") == (1, 1)


def test_two_sheets_stand_side_by_side():
    worse = [replace(LINE, reply="- rest", label="negative")]
    found = list(table({"old": worse, "new": [LINE]}))
    assert found[0].startswith(
        "| rule kept, % | old: en | old: zh | old: all | old: 95 % | new: en"
    )
    has_list = next(line for line in found if line.startswith("| has_list"))
    assert "| 0.0 | - | 0.0 |" in has_list
    assert "| 100.0 | - | 100.0 |" in has_list
    assert found[-1].startswith("| label as meant | 0.0 | - | 0.0 |")
    assert len({line.count("|") for line in found}) == 1


def test_the_report_tells_of_claims_to_be_human_and_shows_breaches():
    claim = replace(LINE, kind=HUMAN, text="come on", reply="I'm a real person.", feels="")
    fixed = replace(claim, id="x", fixed=True)
    assert humanity("a", [claim, fixed]) == (
        "a: 2 asked if it is human, 1 got the fixed answer, 1 claims"
    )
    lines = list(report({"a": [claim, fixed]}, 1))
    assert any(
        line.startswith('a, claims_human ("i\'m a real person."): en-joy-1') for line in lines
    )
    assert len(list(shown("a", [claim, replace(claim, id="y")], 1))) == 1
