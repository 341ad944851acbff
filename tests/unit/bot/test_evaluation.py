"""Rows are put to the model as in a conversation, and counted as people labelled them."""

from __future__ import annotations

import asyncio
import math

import pytest

from bot.evaluation import (
    CRISIS,
    SENTIMENT,
    Judged,
    Part,
    by_model,
    by_rules,
    figures,
    parts,
    worst,
)
from bot.evaluation_table import as_json, confusion, mistakes, table
from bot.labelled import Row
from engine.base import EngineError, Prompt, PromptTooLong
from tests.fakes import TASK, FakeEngine


def row(text: str, label: str = "positive", **fields: object) -> Row:
    given = {"language": "en", "file": "chat"} | fields
    return Row(text, label, **given)  # type: ignore[arg-type]


def feels(prompt: Prompt) -> dict[str, float]:
    """As the last message of the person says."""
    text = prompt.messages[-2].content
    words = {"sad": "Negative", "glad": "Positive", "so so": "Neutral", "好": "正面"}
    return {word: 4.0 for key, word in words.items() if key in text}


async def judged(*rows: Row, engine: FakeEngine | None = None, **options) -> list[Judged]:
    engine = engine or FakeEngine()
    engine.leaning = feels
    return [one async for one in by_model(engine, TASK, rows, **options)]


def said(truth: str, label: str, sure: float = 0.9, **fields: object) -> Judged:
    """A row of that truth, labelled so."""
    others = [other for other in SENTIMENT.labels if other != label]
    chances = {label: sure} | dict.fromkeys(others, (1 - sure) / 2)
    lean = math.log(chances["positive"] / chances["negative"])
    return Judged(row(f"{truth} as {label}", truth, **fields), label, lean, chances)


async def test_rows_come_back_in_their_order_with_what_the_model_said():
    found = await judged(row("sad"), row("glad 好", language="zh"), row("so so"))
    assert [one.said for one in found] == ["negative", "positive", "neutral"]
    assert [one.row.text for one in found] == ["sad", "glad 好", "so so"]
    assert found[0].lean == pytest.approx(-4.0)
    assert found[2].lean == pytest.approx(0.0)


async def test_as_many_rows_are_under_way_at_once_as_were_allowed():
    class Slow(FakeEngine):
        now = most = 0

        async def score(self, prompt, labels):
            self.now += 1
            self.most = max(self.most, self.now)
            for _ in range(5):
                await asyncio.sleep(0)
            self.now -= 1
            return await super().score(prompt, labels)

    engine = Slow()
    found = await judged(*(row(f"sad {n}") for n in range(9)), engine=engine, width=3)
    assert [one.row.text for one in found] == [f"sad {n}" for n in range(9)]
    assert engine.most == 3


async def test_earlier_turns_stand_before_a_row_with_the_models_own_labels():
    engine = FakeEngine()
    context = ("sad: my dog died", "I'm sorry.", "glad you are here", "Always.")
    await judged(row("fine.", context=context), engine=engine)
    *_, last = engine.scored
    dialogue = [(m.role, m.content, "".join(m.opening)) for m in last.messages[last.shared :]]
    assert dialogue == [
        ("user", "sad: my dog died", ""),
        ("assistant", " I'm sorry.", "[Negative]"),
        ("user", "glad you are here", ""),
        ("assistant", " Always.", "[Positive]"),
        ("user", "fine.", ""),
        ("assistant", "", "["),
    ]


async def test_a_lone_first_turn_of_the_other_is_left_out():
    engine = FakeEngine()
    await judged(row("fine.", context=("Hello!", "sad", "Oh no.")), engine=engine)
    assert [m.content for m in engine.scored[-1].messages if m.role == "user"][-2:] == [
        "sad",
        "fine.",
    ]


async def test_without_context_a_row_stands_alone():
    engine = FakeEngine()
    await judged(row("fine.", context=("sad", "Oh no.")), engine=engine, context=False)
    [asked] = engine.scored
    assert len(asked.messages) == asked.shared + 2


async def test_an_engine_error_names_the_row_and_ends_the_others():
    engine = FakeEngine()
    engine.before_score = [PromptTooLong(5000, 4096)]
    with pytest.raises(EngineError, match=r"^chat, line 3: the prompt has 5000 tokens"):
        await judged(row("sad", line=3), row("sad", line=4), engine=engine, width=2)


def test_the_figures_of_two_labels_leave_the_neutral_rows_out():
    rows = [
        said("positive", "positive"),
        said("positive", "neutral"),  # lean 0 counts as positive
        said("negative", "positive"),
        said("negative", "negative"),
        said("neutral", "negative"),
    ]
    found = figures(rows, SENTIMENT)
    assert (found.rows, found.counted) == (5, 4)
    assert found.accuracy == 0.75
    assert (found.recall_first, found.recall_second) == (1.0, 0.5)
    assert found.auc == pytest.approx(5 / 8)
    assert found.macro_f1 == pytest.approx((2 / 4 + 0.0 + 2 / 4) / 3)
    assert 0 < found.low < 0.75 < found.high < 1
    assert found.error > 0
    assert found.error_all == pytest.approx((0.9 * 5 - 2) / 5)


def test_without_neutral_rows_there_is_no_figure_of_three_labels():
    found = figures([said("positive", "positive"), said("negative", "neutral")], SENTIMENT)
    assert math.isnan(found.macro_f1)
    assert math.isnan(found.error_all)


def test_rows_of_one_label_have_a_recall_and_no_ranking():
    found = figures([said("negative", "negative"), said("negative", "positive")], SENTIMENT)
    assert found.recall_second == 0.5
    assert math.isnan(found.recall_first)
    assert math.isnan(found.auc)


def test_a_judge_without_probabilities_has_no_calibration_error():
    rows = [Judged(row("x"), "positive", 0.3), Judged(row("y", "negative"), "negative", -0.3)]
    found = figures(rows, SENTIMENT)
    assert math.isnan(found.error)
    assert found.auc == 1.0


def test_rows_belong_to_language_file_source_and_kind_where_there_are_several():
    rows = [
        said("positive", "positive", source="tweets", kind="plain"),
        said("positive", "positive", source="posts", kind="plain"),
        said("positive", "positive", file="reviews", source="shop"),
        said("positive", "positive", language="zh", file="reviews"),
    ]
    assert {part: len(found) for part, found in parts(rows).items()} == {
        Part("en"): 3,
        Part("en", "chat"): 2,
        Part("en", "chat", source="posts"): 1,
        Part("en", "chat", source="tweets"): 1,
        Part("en", "reviews"): 1,
        Part("zh"): 1,
        Part("zh", "reviews"): 1,
    }


def test_the_worst_mistakes_are_those_made_with_the_greatest_confidence():
    rows = [
        said("positive", "negative", 0.6),
        said("negative", "positive", 0.95),
        said("neutral", "positive", 0.8),
        said("positive", "positive", 0.99),
    ]
    found = worst(rows, SENTIMENT, most=2)
    assert [one.row.text for one in found] == ["negative as positive", "neutral as positive"]


def test_the_rules_of_crisis_are_measured_and_ordinary_rows_are_none():
    rows = [
        row("I want to kill myself", "crisis"),
        row("a burning question", "crisis"),
        row("this heat is killing me", "no_crisis"),
        row("lovely day", "positive"),
    ]
    found = list(by_rules(rows))
    assert [one.said for one in found] == ["crisis", "no_crisis", "no_crisis", "no_crisis"]
    numbers = figures(found, CRISIS)
    assert (numbers.rows, numbers.counted) == (4, 4)
    assert (numbers.recall_first, numbers.recall_second) == (0.5, 1.0)
    assert [one.row.text for one in worst(found, CRISIS)] == ["a burning question"]


def test_a_missed_crisis_is_told_before_a_false_alarm():
    rows = [
        Judged(row("false", "no_crisis"), "crisis", 1.0),
        Judged(row("missed", "crisis"), "no_crisis", -1.0),
    ]
    assert [one.row.text for one in worst(rows, CRISIS)] == ["missed", "false"]


def test_one_table_holds_every_part_and_every_judge():
    ours = [said("positive", "positive"), said("negative", "positive")]
    words = [Judged(one.row, "negative", -1.0) for one in ours]
    lines = list(table({"ours": ours, "a word list": words}, SENTIMENT))
    assert lines[0].startswith("| rows of | by | rows | accuracy + / - | 95 % |")
    assert len({line.count("|") for line in lines}) == 1
    assert "| chat (en) | ours | 2 | 50.0 | 9.5 to 90.5 | 100.0 / 0.0 |" in lines[4]
    assert "| chat (en) | a word list | 2 | 50.0 | 9.5 to 90.5 | 0.0 / 100.0 |" in lines[5]
    assert "| - |" in lines[5]


def test_the_table_of_crisis_has_its_own_columns():
    rows = list(by_rules([row("I want to die", "crisis"), row("hello", "no_crisis")]))
    lines = list(table({"rules": rows}, CRISIS))
    assert lines[0] == "| rows of | rows | found | false alarms | right | 95 % |"
    assert "| all files (en) | 2 | 100.0 | 0.0 | 100.0 |" in lines[2]


def test_the_confusion_shows_what_each_label_was_taken_for():
    rows = [said("positive", "positive"), said("negative", "positive")]
    lines = list(confusion(rows, SENTIMENT))
    assert lines[2:] == [
        "| positive | 1 | 0 | 0 |",
        "| neutral | 0 | 0 | 0 |",
        "| negative | 1 | 0 | 0 |",
    ]


def test_a_mistake_is_one_line_without_what_steers_a_terminal():
    wrong = Judged(row("a\x1b[31m\nb" + "x" * 200, line=4), "negative", -1.0, {"negative": 0.875})
    [line] = mistakes([wrong], SENTIMENT)
    assert line.startswith("chat, line 4: positive, said negative (0.88): a [31m b")
    assert line.isprintable()
    assert line.endswith("x…")


def test_json_has_nothing_where_there_is_nothing_to_count():
    found = as_json([said("positive", "negative", source="a|b")], SENTIMENT)
    first = found["parts"][0]
    assert (first["language"], first["rows"], first["accuracy"]) == ("en", 1, 0.0)
    assert first["auc"] is None
    assert found["confusion"] == [{"label": "positive", "said": "negative", "rows": 1}]
    assert found["worst"][0]["text"] == "positive as negative"
