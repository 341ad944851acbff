"""`warmline trends` on a real SQLite file: groups, never single people but by their own grant."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.messages import Person, Scope
from bot.__main__ import app
from storage.store import Store
from tests.fakes import felt
from tests.integration.cli.memory import folder, on

__all__ = ["folder"]

HEAD = "scope,days,first,last,mean,low,high,positive,neutral,negative,people,messages,change,note"
COLUMNS = next(csv.reader([HEAD]))
SERVER, GROUP, FEW = "discord:server:900", "telegram:-100", "telegram:-200"
SECRET = "zebrawords"
ANN = Person("telegram", "1", f"=Ann {SECRET}")


def place(platform: str, chat: str, server: str = "") -> dict[str, Any]:
    return {"scope": Scope(platform, chat), "server": server, "private": False}


async def write(store: Store) -> None:
    """Six on a server in two channels, five in a group, four in another, and Ann in private."""
    for number in range(1, 7):
        for days_ago in (2.0, 40.0):
            who = Person("discord", str(number), SECRET)
            for channel in ("10", "11"):
                where = place("discord", channel, "900")
                await felt(store, 0.6, days_ago=days_ago, person=who, **where)
    for number in range(1, 6):
        who = Person("telegram", str(number), SECRET)
        await felt(store, -0.6, days_ago=3, person=who, **place("telegram", "-100"))
        if number < 5:
            await felt(store, 0.9, days_ago=3, person=who, **place("telegram", "-200"))
    for days_ago in (0.5, 1.5, 2.5, 4.5, 5.5, 6.5):
        await felt(store, 0.9, days_ago=days_ago, person=ANN, scope=Scope("telegram", "1"))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: each test has a copy."""
    made = tmp_path_factory.mktemp("memory") / "data"
    on(made, write)
    return made


@pytest.fixture
def people(folder: Path, written: Path) -> Path:
    shutil.copytree(written, folder)
    return folder


def trends(*arguments: str):
    return CliRunner().invoke(app, ["trends", *arguments])


def rows(*arguments: str) -> dict[str, dict[str, Any]]:
    result = trends("--format", "json", *arguments)
    assert result.exit_code == 0, result.stderr
    return {row["scope"]: row for row in json.loads(result.stdout)}


def looks(folder: Path) -> list[tuple[str, str, str]]:
    return [(one.who, one.what, one.about) for one in on(folder, lambda store: store.looks())]


# --- groups


@pytest.mark.parametrize(
    ("by", "scopes"),
    [
        ("server", {SERVER}),
        ("group", {SERVER, GROUP, FEW}),
        ("channel", {"discord:10", "discord:11", GROUP, FEW}),
        ("all", {"all"}),
    ],
)
def test_parts_are_told_apart_as_asked(people, by, scopes):
    assert rows("--by", by).keys() == scopes


def test_a_part_has_its_numbers_rounded_and_no_person_has(people):
    found = rows()
    assert list(found[SERVER]) == COLUMNS
    facts = {key: found[SERVER][key] for key in ("days", "mean", "people", "messages", "note")}
    assert facts == {"days": 30, "mean": 0.6, "people": 5, "messages": 10, "note": None}
    assert (found[SERVER]["positive"], found[SERVER]["change"]) == (100, "unclear")
    assert found[GROUP]["mean"] == -0.6
    printed = "".join(trends("--by", by).stdout for by in ("server", "group", "channel", "all"))
    assert SECRET not in printed
    assert "Ann" not in printed


def test_too_few_people_are_told_as_that_alone(people):
    few = rows()[FEW]
    assert few["note"] == "too few people"
    assert {few[column] for column in COLUMNS[2:-1]} == {None}
    assert "too few people" in next(line for line in trends().stdout.splitlines() if FEW in line)


def test_days_say_how_far_back_it_looks(people):
    assert [rows("--days", days)[SERVER]["messages"] for days in ("7", "30", "90")] == [10, 10, 25]


def test_everything_is_all_parts_that_may_be_told(people):
    everything = rows("--by", "all")["all"]
    assert (everything["messages"], everything["people"]) == (15, 10)


def test_more_people_are_needed_where_the_owner_says_so(people, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text("[privacy]\nmin_people = 6\n", encoding="utf-8")
    found = rows("--config", str(config))
    assert found[SERVER]["note"] is None
    assert found[GROUP]["note"] == "too few people"


def test_csv_is_read_back_as_the_same_facts(people):
    result = trends("--format", "csv")
    found = {row["scope"]: row for row in csv.DictReader(io.StringIO(result.stdout))}
    assert result.stdout.splitlines()[0].split(",") == COLUMNS
    assert (found[SERVER]["mean"], found[SERVER]["note"]) == ("0.6", "")
    assert (found[FEW]["mean"], found[FEW]["note"]) == ("", "too few people")


def test_the_table_shows_band_shares_and_change(people):
    line = next(line for line in trends().stdout.splitlines() if SERVER in line)
    for cell in ("+0.60", "+0.60 … +0.60", "100 % / 0 % / 0 %", "5+", "~10", "unclear"):
        assert cell in line


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_an_empty_memory_shows_nothing(folder, form):
    result = trends("--format", form)
    assert result.exit_code == 0
    assert "discord" not in result.stdout
    if form == "json":
        assert json.loads(result.stdout) == []
        assert rows("--by", "all")["all"]["note"] == "too few people"


def test_every_look_is_noted(people):
    trends()
    trends("--by", "all", "--days", "7", "--format", "csv")
    assert looks(people) == [("owner", "trend 7", "by all"), ("owner", "trend 30", "by group")]


def test_a_server_that_turned_moods_off_is_told_as_that(people):
    on(people, lambda store: store.set_server_settings("discord", "900", {"moods": "off"}))
    found = rows()
    assert (found[SERVER]["note"], found[SERVER]["mean"]) == ("moods are off there", None)
    assert rows("--by", "all")["all"]["mean"] == -0.6


# --- into a file


def test_a_file_is_new_and_for_the_owners_eyes(people, tmp_path):
    out = tmp_path / "t.csv"
    result = trends("--format", "csv", "--out", str(out))
    assert (result.exit_code, result.stdout) == (0, f"{out}\n")
    assert out.read_text(encoding="utf-8") == trends("--format", "csv").stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = trends("--format", "csv", "--out", str(out))
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == f"cannot write {out} (File exists): name another --out\n"


def test_a_picture_of_everything_or_one_of_each_part(people, tmp_path):
    one = tmp_path / "all.png"
    assert trends("--by", "all", "--format", "png", "--out", str(one)).stdout == f"{one}\n"
    assert one.read_bytes().startswith(b"\x89PNG")
    several = trends("--format", "png", "--out", str(tmp_path / "t.png"))
    assert several.stdout.splitlines() == [
        str(tmp_path / "t-discord_server_900.png"),
        str(tmp_path / "t-telegram_-100.png"),
    ]


def test_a_picture_of_too_few_people_is_one_sentence(folder, tmp_path):
    result = trends("--format", "png", "--out", str(tmp_path / "t.png"))
    assert (result.exit_code, result.stderr) == (1, "too few people for a picture\n")
    assert list(tmp_path.glob("*.png")) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("--days", "31"),
        ("--days", "0"),
        ("--by", "person"),
        ("--format", "png"),
        ("--format", "pdf"),
        ("--user", "telegram:1", "--days", "7"),
        ("--user", "telegram:1", "--format", "png", "--out", "t.png"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_the_memory_is_opened(folder, arguments):
    assert trends(*arguments).exit_code == 2
    assert not folder.exists()


# --- one person


def shares(folder: Path, *to: str) -> None:
    on(folder, lambda store: store.grant("telegram", "1", *to))


def letters(folder: Path) -> list[str]:
    return [one.kind for one in on(folder, lambda store: store.take_letters("telegram"))]


def test_without_a_grant_one_sentence_says_how_the_person_gives_it(people):
    shares(people, "telegram", "5")  # to somebody else
    result = trends("--user", "telegram:1", "--format", "json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("telegram:1 ")
    assert result.stderr.endswith("/privacy share owner\n")
    assert (looks(people), letters(people)) == ([], [])


def test_with_it_the_average_is_shown_and_the_person_told(people):
    shares(people, "owner", "")
    result = trends("--user", "telegram:1", "--format", "json")
    (row,) = json.loads(result.stdout)
    assert list(row) == ["person", "days", "mean", "low", "high", "change", "note"]
    assert row["person"].startswith("telegram:1 (")
    assert (row["days"], row["note"]) == (30, None)
    assert row["low"] < row["mean"] < row["high"]
    assert result.stderr == "the person is told that you looked\n"
    assert looks(people) == [("owner", "person 30", "telegram:1")]
    assert letters(people) == ["looked"]
    assert "+" in trends("--user", "telegram:1").stdout
    (printed,) = csv.DictReader(
        io.StringIO(trends("--user", "telegram:1", "--format", "csv").stdout)
    )
    assert float(printed["mean"]) == row["mean"]


def test_a_grant_that_was_taken_back_ends_it(people):
    shares(people, "owner", "")
    on(people, lambda store: store.revoke("telegram", "1", "owner", ""))
    assert trends("--user", "telegram:1").exit_code == 1


def test_who_lets_no_moods_be_kept_now_has_none_to_show(people):
    shares(people, "owner", "")
    on(people, lambda store: store.set_mood_memory("telegram", "1", "off"))
    assert "too few messages" in trends("--user", "telegram:1").stdout


def test_somebody_unknown_is_one_line_with_who_is_near(people):
    result = trends("--user", "telegram:")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("nothing is kept of telegram:; did you mean telegram:")
