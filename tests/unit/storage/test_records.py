"""Values: frozen, and light enough for anybody to import."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from storage.records import DeliveryState, Inbound, Mood, Place, State


def test_importing_the_records_brings_in_no_library():
    heavy = "{'sqlalchemy', 'alembic', 'aiosqlite', 'asyncpg'} & set(sys.modules)"
    code = f"import sys, storage.records, storage.errors; assert not {heavy}, {heavy}"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_value_cannot_be_changed():
    mood = Mood(datetime(2026, 3, 1, tzinfo=UTC), 0.5, 0.75, "positive")
    with pytest.raises(dataclasses.FrozenInstanceError):
        mood.valence = 1.0  # type: ignore[misc]


def test_the_states_are_the_words_that_are_stored():
    assert list(State) == ["received", "answering", "answered", "failed", "declined", "joined"]
    assert list(DeliveryState) == ["creating", "open", "delivered", "undeliverable"]


def test_a_message_is_named_by_where_it_was_said_and_its_id():
    at = datetime(2026, 3, 1, tzinfo=UTC)
    message = Inbound("console", "alone", "t", True, "ann", "Ann", "m1", "hello", "en", at)
    assert message.place == Place("console", "alone", "t", "m1")
