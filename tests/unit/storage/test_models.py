"""The two column types, and what the tables promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from storage.columns import Moment, storable
from storage.models import Base

DIALECT = sqlite.dialect()


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("", ""),
        ("as it is: 你好 🙂 \u202e\n", "as it is: 你好 🙂 \u202e\n"),
        ("a\0b", "a\ufffdb"),
        ("\ud800", "\ufffd"),
        ("a\udfffb", "a\ufffdb"),
        ("\ude42\ud83d", "\ufffd\ufffd"),
        ("\ud83d\ude42", "🙂"),
    ],
)
def test_what_no_database_can_hold_is_marked(text: str, stored: str):
    assert storable(text) == stored


@given(st.text(st.characters(codec=None, exclude_categories=())))
def test_stored_text_is_clean_keeps_the_rest_and_stays_when_stored_again(text: str):
    stored = storable(text)
    assert "\0" not in stored
    stored.encode("utf-8")
    assert storable(stored) == stored
    if "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text):
        assert stored == text


ZONES = st.timedeltas(timedelta(hours=-14), timedelta(hours=14)).map(timezone)


@given(
    st.datetimes(timezones=ZONES, min_value=datetime(1990, 1, 1), max_value=datetime(2990, 1, 1))
)
def test_a_moment_comes_back_as_the_same_point_in_utc(at: datetime):
    bound = Moment().process_bind_param(at, DIALECT)
    assert bound
    back = Moment().process_result_value(bound.replace(tzinfo=None), DIALECT)
    assert back == at.astimezone(UTC)
    assert back.tzinfo is UTC


def test_a_moment_from_a_server_in_another_zone_is_turned_into_utc():
    east = datetime(2026, 3, 1, 20, tzinfo=timezone(timedelta(hours=8)))
    assert Moment().process_result_value(east, DIALECT) == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        Moment().process_bind_param(datetime(2026, 3, 1), DIALECT)


def test_every_link_goes_with_what_it_points_to():
    links = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    assert len(links) == 12
    assert {link.ondelete for link in links} == {"CASCADE"}
