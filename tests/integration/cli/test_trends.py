"""`warmline trends`: a table, CSV or JSON about everybody who has written, for the owner."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Mapping, Sequence

import pytest
from typer.testing import CliRunner

from adapters.messages import Person, Scope
from bot.__main__ import app
from storage.store import Store
from tests.fakes import felt

FALLING = [(0.5, -0.6), (1.5, -0.6), (2.5, -0.6), (4.5, 0.6), (5.5, 0.6), (6.5, 0.6)]
HEAD = "person,name,days,n,mean,low,high,deviation,level,change,direction"
COLUMNS = HEAD.split(",")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty data folder, and nobody's settings."""
    monkeypatch.setenv("WARMLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WARMLINE_CONFIG", "")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("WARMLINE_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def seed(folder, moods: Mapping[Person, Sequence[tuple[float, float]]]) -> None:
    """People with their moods: how many days ago, and the valence."""

    async def write() -> None:
        async with await Store.open(folder=folder) as store:
            for person, points in moods.items():
                scope = Scope(person.platform, person.user_id)
                for days_ago, valence in points:
                    await felt(store, valence, days_ago=days_ago, scope=scope, person=person)

    asyncio.run(write())


ANN = Person("console", "ann", "Ann")
BO = Person("http", "bo", "Bo")


@pytest.fixture
def people(folder):
    seed(folder, {ANN: FALLING, BO: [(0.1, 0.5), (40, 0.9)]})


def trends(*arguments: str):
    return CliRunner().invoke(app, ["trends", *arguments])


def rows(*arguments: str):
    return json.loads(trends("--format", "json", *arguments).stdout)


def test_json_holds_one_record_a_person_the_latest_first(people):
    found = rows("--days", "7")
    assert [row["person"] for row in found] == ["http:bo", "console:ann"]
    ann = found[1]
    assert list(ann) == COLUMNS
    assert (ann["name"], ann["days"], ann["n"], ann["mean"]) == ("Ann", 7, 6, 0.0)
    assert ann["low"] < ann["mean"] < ann["high"]
    assert (ann["change"], ann["direction"]) == (-1.2, "falling")
    assert ann["level"] < 0


def test_below_five_messages_there_are_no_numbers(people):
    bo, _ = rows()
    assert bo["n"] == 1
    assert {bo[column] for column in COLUMNS[4:]} == {None}


def test_days_say_how_far_back_it_looks(people):
    assert [row["n"] for row in rows("--days", "3")] == [1, 3]
    assert [row["n"] for row in rows("--days", "60")] == [2, 6]


@pytest.mark.parametrize("user", ["Ann", "console:ann"])
def test_one_person_is_found_by_name_or_by_platform_and_id(people, user):
    (row,) = rows("--user", user)
    assert row["person"] == "console:ann"


@pytest.mark.parametrize("user", ["ann", "console", "http:ann", "nobody", ""])
def test_somebody_unknown_is_one_line_and_an_error(people, user):
    result = trends("--user", user)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"nothing is kept of {user}\n"


def test_all_who_share_a_name_are_shown(folder):
    seed(folder, {ANN: [(0.1, 0.5)], Person("http", "a2", "Ann"): [(0.2, 0.5)]})
    assert [row["person"] for row in rows("--user", "Ann")] == ["console:ann", "http:a2"]


def test_csv_is_read_back_as_the_same_facts(people):
    result = trends("--format", "csv", "--days", "7")
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.stdout.splitlines()[0] == HEAD
    bo, ann = found
    assert (ann["person"], ann["n"], ann["mean"]) == ("console:ann", "6", "0.0")
    assert (ann["change"], ann["direction"]) == ("-1.2", "falling")
    assert (bo["n"], bo["mean"]) == ("1", "")


def test_the_table_shows_count_band_and_direction(people):
    lines = trends("--days", "7").stdout.splitlines()
    ann = next(line for line in lines if "console:ann" in line)
    (row,) = rows("--days", "7", "--user", "Ann")
    for cell in ("6", f"{row['low']:+.2f} … {row['high']:+.2f}", f"{row['level']:+.2f}", "falling"):
        assert cell in ann
    assert "too few messages" in next(line for line in lines if "http:bo" in line)
    assert any("last 7 days" in line for line in lines)


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_an_empty_memory_shows_nobody(folder, form):
    result = trends("--format", form)
    assert result.exit_code == 0
    assert "console" not in result.stdout
    if form == "json":
        assert json.loads(result.stdout) == []


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_name_that_a_spreadsheet_would_run_is_shown_as_text(folder, name):
    seed(folder, {Person("http", "x", name): [(0.1, 0.5)]})
    (row,) = csv.DictReader(io.StringIO(trends("--format", "csv").stdout, newline=""))
    assert row["name"] == f"'{name}"
    assert rows()[0]["name"] == name


@pytest.mark.parametrize("name", ["\r=1", "x\r=1+1"])
def test_a_line_break_in_a_name_does_not_begin_a_row(folder, name):
    seed(folder, {Person("http", "x", name): [(0.1, 0.5)]})
    printed = trends("--format", "csv").stdout
    assert "\r" not in printed
    assert len(printed.splitlines()) == 2


def test_an_id_that_a_spreadsheet_would_run_is_harmless_behind_its_platform(folder):
    seed(folder, {Person("http", "=1+1", "x"): [(0.1, 0.5)]})
    (row,) = csv.DictReader(io.StringIO(trends("--format", "csv").stdout))
    assert row["person"] == "http:=1+1"


@pytest.mark.parametrize("name", ["", "Ann", "安", 'a "quoted", name', "a=b"])
def test_any_other_name_is_left_as_it_is(folder, name):
    seed(folder, {Person("http", "x", name): [(0.1, 0.5)]})
    (row,) = csv.DictReader(io.StringIO(trends("--format", "csv").stdout))
    assert row["name"] == name


@pytest.mark.parametrize("name", ["[red]x[/red]", "[link=x]y", "a" * 300])
def test_an_odd_id_does_not_break_the_table(folder, name):
    seed(folder, {Person("http", name, "x"): [(0.1, 0.5)]})
    result = CliRunner().invoke(app, ["trends"], color=True)
    assert result.exit_code == 0
    assert f"http:{name}"[:10] in result.stdout
    assert "\x1b" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


@pytest.mark.parametrize("days", ["0", "-1", "4000", "seven"])
def test_impossible_days_are_refused(folder, days):
    result = trends("--days", days)
    assert result.exit_code == 2
    assert not folder.exists()
