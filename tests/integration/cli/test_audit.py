"""`warmline audit`: who looked at moods, the newest first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app
from storage.store import Store
from tests.integration.cli.memory import folder, on, people

__all__ = ["folder", "people"]


def audit(*arguments: str):
    return CliRunner().invoke(app, ["audit", *arguments])


async def looked(store: Store) -> None:
    await store.note_look("discord:1", "trend 30", "discord:server:900")
    await store.note_look("owner", "person 30", "telegram:71", "telegram", "71")


def test_looks_are_listed_the_newest_first(people: Path):
    on(people, looked)
    lines = [line for line in audit().stdout.splitlines() if ":" in line]
    assert ["person 30" in line for line in lines] == [True, False]
    for cell in ("owner", "telegram:71"):
        assert cell in lines[0]
    for cell in ("discord:1", "discord:server:900"):
        assert cell in lines[1]
    (newest,) = json.loads(audit("--format", "json", "--limit", "1").stdout)
    assert list(newest) == ["at", "who", "what", "about"]
    assert (newest["who"], newest["what"], newest["about"]) == (
        "owner",
        "person 30",
        "telegram:71",
    )


def test_of_an_erased_person_a_look_says_only_that_there_was_somebody(people: Path):
    on(people, looked)
    on(people, lambda store: store.forget("telegram", "71"))
    assert "telegram:71" not in audit().stdout
    assert len(json.loads(audit("--format", "json").stdout)) == 2


def test_what_steers_a_terminal_is_left_out(folder: Path):
    on(folder, lambda store: store.note_look("http:\x1b[31mx", "trend 30", "\r\x07y"))
    printed = audit().stdout
    assert "\x1b" not in printed
    assert "\x07" not in printed


@pytest.mark.parametrize("form", ["table", "json"])
def test_an_empty_memory_has_no_looks(folder: Path, form: str):
    result = audit("--format", form)
    assert result.exit_code == 0
    assert "owner" not in result.stdout


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_an_impossible_number_is_refused(folder: Path, limit: str):
    assert audit("--limit", limit).exit_code == 2
