"""docs/privacy.md tells of every table there is, of every setting about it, of the six hours."""

from __future__ import annotations

import re
from pathlib import Path

from bot.config_sections import PrivacySettings
from bot.retention import QUIET
from bot.texts.sentences import LANGUAGES, say, section_of
from storage import admin
from storage.models import Base

PAGE = (Path(__file__).parents[3] / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_the_data_map_has_every_table_and_no_other():
    named = {
        name
        for first in re.findall(r"^\| (`[a-z_`, ]+`) \|(?:[^|]+\|){4}$", PAGE, re.MULTILINE)
        for name in re.findall(r"`([a-z_]+)`", first)
    }
    assert named == set(Base.metadata.tables)


def test_every_setting_about_what_is_kept_is_explained():
    for name in PrivacySettings.model_fields.keys() - {"region"}:
        assert re.search(rf"`(\[privacy\] )?{name}( = [^`]+)?`", PAGE), name


def test_every_sentence_that_tells_the_end_of_a_conversation_tells_the_same_hours():
    assert QUIET.total_seconds() == 6 * 3600
    assert "**Six hours after a person's last message" in PAGE
    for language, hours in zip(LANGUAGES, ("six hours", "六个小时"), strict=True):
        ends = [words for words in section_of(language, "memory").values() if hours in words]
        assert len(ends) >= 6


def test_how_long_a_crisis_is_noted_is_told_as_it_is():
    hours, days = admin.CAREFUL_FOR.total_seconds() / 3600, admin.CRISIS_DAYS
    assert f"| {hours:.0f} hours; with a yes to moods {days} days, or `keep_days`" in PAGE
    for language, told in (("en", "{:.0f} hours, {} days"), ("zh", "{:.0f} 小时, {} 天")):
        sentence = say(language, "memory.privacy_crisis")
        assert all(words in sentence for words in told.format(hours, days).split(", "))
