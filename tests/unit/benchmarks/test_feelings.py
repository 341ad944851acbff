"""What a feeling's word is worth: the rarer the model says it, the more."""

from __future__ import annotations

import math
import tomllib

import pytest

from benchmarks.feelings import guided, line, means, worth
from bot.labelled import Row
from engine.task_table import load
from tests.unit.engine.fakes import FakeEngine

TASK = load()["sentiment"]


def test_half_of_what_is_said_of_everything_is_taken_off():
    assert worth({"sad": -1.0, "torn": -4.0}) == {"sad": 0.0, "torn": 1.5}


def test_the_line_is_what_the_tasks_hold():
    told = tomllib.loads(line("zh", "negative", {"难过": 0.0, "累": 1.5}))
    assert told["sentiment"]["zh"]["manners"]["negative"]["feelings"] == {"难过": 0.0, "累": 1.5}


def test_every_shipped_manner_that_names_a_feeling_is_measured():
    assert set(guided(TASK)) >= {
        ("en", "negative"),
        ("zh", "negative"),
    }


async def test_each_wording_of_each_row_is_asked_and_the_mean_taken():
    manner = TASK.words("en").manners["negative"]
    said = {f" {feeling}": math.exp(-number) for number, feeling in enumerate(manner.feelings, 1)}
    engine = FakeEngine("m", said)
    rows = [Row(text, "negative", "en", "f") for text in ("he left", "so tired")]
    found = await means(engine, TASK, "en", "negative", rows)
    assert found == pytest.approx({f: -n for n, f in enumerate(manner.feelings, 1)})
    assert len(engine.asked) == len(rows) * len(manner.asked)
