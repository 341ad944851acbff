"""`warmline restore`: a backup comes back, and what was forgotten since does not."""

from __future__ import annotations

import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import app, main
from storage.receipts import Part
from storage.store import Store
from tests.fakes import felt
from tests.integration.cli.memory import SECRET, bytes_of, folder, on, people

__all__ = ["folder", "people"]


def restore(*arguments: str, answer: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["restore", *arguments], input=answer)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def backup(people: Path, tmp_path: Path) -> Path:
    """A backup of everything, made before anybody was forgotten."""
    path = tmp_path / "backup.sqlite3"
    with (
        closing(sqlite3.connect(people / "warmline.sqlite3")) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
    return path


def forget(folder: Path, part: Part = Part.EVERYTHING) -> str:
    return on(folder, lambda store: store.forget("telegram", "71", part)).id


async def known(store: Store) -> list[str]:
    return [person.user_id for person in await store.everybody()]


def test_a_backup_comes_back_without_whom_it_should_not_know_any_more(people: Path, backup: Path):
    receipt_id = forget(people)
    on(people, lambda store: felt(store, 0.5, user="bo"))
    code, out, err = restore(str(backup), "--yes")
    assert (code, err) == (0, "")
    first, second, third = out.splitlines()
    assert first == f"restored: {people / 'warmline.sqlite3'} is now as in {backup}"
    kept = re.search(r"as (\S+\.sqlite3);", second)
    assert kept
    assert third.startswith("telegram:71: erased (everything): 3 messages, 3 labels")
    assert f"receipt {receipt_id}, " in third
    assert on(people, known) == ["mei"]
    assert SECRET not in bytes_of(people)
    assert stat.S_IMODE((people / "warmline.sqlite3").stat().st_mode) == 0o600
    old = Path(kept[1])
    old.rename(people / "warmline.sqlite3")
    assert on(people, known) == ["bo", "mei"], "the one before is whole"


def test_a_part_that_was_erased_goes_again_and_the_rest_is_there(people: Path, backup: Path):
    forget(people, Part.MOOD)
    code, out, _ = restore(str(backup), "--yes")
    assert code == 0
    assert "telegram:71: erased (mood): 0 messages, 3 labels" in out
    kept = on(people, lambda store: store.export("telegram", "71"))
    turns = [turn for place in kept["conversations"] for turn in place["turns"]]
    assert [turn["labels"] for turn in turns] == [[], [], []]


def test_where_nobody_was_forgotten_that_is_said(people: Path, backup: Path):
    code, out, _ = restore(str(backup), "--yes")
    assert code == 0
    assert out.splitlines()[-1] == "nothing in it had been forgotten"
    assert on(people, known) == ["mei", "71"]


def test_it_asks_first_and_without_a_yes_nothing_is_changed(people: Path, backup: Path):
    before = sorted(people.iterdir())
    for answer, said in (("n\n", "nothing is changed\n"), ("", "add --yes to restore without")):
        code, out, err = restore(str(backup), answer=answer)
        assert (code, "restored" in out) == (1, False)
        assert f"Put {backup} in the place of the database?" in err
        assert said in err
    assert sorted(people.iterdir()) == before


def test_without_a_file_the_database_as_it_is_forgets_again(people: Path, backup: Path):
    """As after PostgreSQL's own restore: somebody has put the rows back by other means."""
    receipt_id = forget(people)
    for file in people.glob("warmline.sqlite3*"):
        file.unlink()
    backup.replace(people / "warmline.sqlite3")
    code, out, err = restore()
    assert (code, err) == (0, "")
    assert f"receipt {receipt_id}, " in out
    assert on(people, known) == ["mei"]
    assert SECRET not in bytes_of(people)
    assert restore()[1] == "nothing in it had been forgotten\n"


def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """The one sentence on stderr."""
    monkeypatch.setattr("sys.argv", ["warmline", "restore", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_while_a_warmline_runs_on_the_file_it_is_refused(
    people: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    with closing(sqlite3.connect(people / "warmline.sqlite3")) as running:
        running.execute("SELECT count(*) FROM turns").fetchone()
        told = refused(monkeypatch, capsys, str(backup), "--yes")
    assert told.endswith("is in use: stop Warmline and run this again.\n")
    assert SECRET in bytes_of(people)


def test_what_is_no_backup_is_one_sentence(
    people: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    (tmp_path / "words.txt").write_text("not a database, but long enough to be taken for one")
    for name, why in (("words.txt", "cannot be read"), ("missing", "There is no file")):
        assert why in refused(monkeypatch, capsys, str(tmp_path / name), "--yes")
    assert on(people, known) == ["mei", "71"]


def test_a_file_cannot_be_put_in_the_place_of_a_server(
    people: Path, backup: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("WARMLINE_DATABASE_URL", "postgresql://localhost/warmline")
    told = refused(monkeypatch, capsys, str(backup), "--yes")
    assert "restore it with the server's own tools" in told
