"""After a danger the companion stays careful, first close, then less, then not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.crisis.care import CAREFUL_FOR, CLOSE_FOR, Care, care, instruction
from bot.crisis.rulebook import KINDS, LANGUAGES, UNSURE

NOW = datetime(2026, 2, 3, 4, 5, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("ago", "state"),
    [
        (timedelta(0), Care.CLOSE),
        (-timedelta(hours=1), Care.CLOSE),
        (CLOSE_FOR - MOMENT, Care.CLOSE),
        (CLOSE_FOR, Care.FADING),
        (CAREFUL_FOR - MOMENT, Care.FADING),
        (CAREFUL_FOR, Care.NONE),
        (timedelta(days=400), Care.NONE),
    ],
)
def test_care_fades_with_the_hours(ago, state):
    assert care((NOW - ago, "self"), NOW) is state


def test_where_there_was_no_danger_nothing_is_said():
    assert care(None, NOW) is Care.NONE
    for language in LANGUAGES:
        assert instruction(language, None, NOW) == ""
        assert instruction(language, (NOW - CAREFUL_FOR, "self"), NOW) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_has_lines_of_its_own_in_the_language(language):
    lines = {
        instruction(language, (NOW - ago, kind), NOW)
        for kind in (*KINDS, UNSURE)
        for ago in (MOMENT, CLOSE_FOR)
    }
    assert len(lines) == 2 * len(KINDS) + 2
    for line in lines:
        assert ("\u4e00" <= max(line) <= "\u9fff") == (language == "zh") or language == "zh"
        assert "\n" not in line
        assert len(line) < 300
